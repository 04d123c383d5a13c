/** Arguments whose name begins with `#` take their value from an earlier response of the same request. RFC 8620 §3.7 */
import type { Invocation, JsonObject, MethodError } from '../wire.ts'
import type { Json } from './json.ts'
import { valueAt } from './pointer.ts'
import { isObject } from './request.ts'

export function resolveReferences(
  given: JsonObject,
  responses: readonly Invocation[],
  limit: number,
): { readonly given: JsonObject } | MethodError {
  const names = Object.keys(given)
  if (!names.some(name => name.startsWith('#'))) return { given }
  const resolved = Object.create(null) as Record<string, Json>
  for (const name of names) {
    const value = given[name]
    if (value === undefined) continue
    if (!name.startsWith('#')) {
      resolved[name] = value
      continue
    }
    const plain = name.slice(1)
    if (Object.hasOwn(given, plain))
      return { type: 'invalidArguments', description: `“${plain}” is given both as a value and as a reference` }
    const found = lookUp(value, responses, limit)
    if (found === undefined)
      return { type: 'invalidResultReference', description: `The reference “${name}” leads to nothing` }
    resolved[plain] = found
  }
  return { given: resolved }
}

function lookUp(reference: Json, responses: readonly Invocation[], limit: number): Json | undefined {
  if (!isObject(reference)) return undefined
  const { resultOf, name, path } = reference
  if (typeof resultOf !== 'string' || typeof name !== 'string' || typeof path !== 'string') return undefined
  // the first with this id: implicit calls answer under the same one
  const response = responses.find(([, , id]) => id === resultOf)
  return response?.[0] === name ? valueAt(response[1] as Json, path, limit) : undefined
}
