/** The envelope of a request. RFC 8620 §3.3 */
import type { Invocation, JsonObject, ProblemDetails, Request } from '../wire.ts'
import type { Json } from './json.ts'
import { isId } from './id.ts'
import { notRequest } from './problem.ts'

/** Members that it does not know it passes over. */
export function readRequest(value: Json, maxCreatedIds: number): Request | ProblemDetails {
  if (!isObject(value)) return notRequest('A request is an object')
  const { using, methodCalls, createdIds } = value
  if (!isArray(using) || !using.every(name => typeof name === 'string'))
    return notRequest('“using” is an array of strings')
  if (!isArray(methodCalls)) return notRequest('“methodCalls” is an array')
  const wrong = methodCalls.findIndex(call => !isInvocation(call))
  if (wrong >= 0) return notRequest(`methodCalls[${wrong}] is not [name, arguments, method call id]`)
  const request = { using: using as readonly string[], methodCalls: methodCalls as unknown as readonly Invocation[] }
  if (createdIds === undefined) return request
  if (!isObject(createdIds)) return notRequest('“createdIds” is an object')
  const created = Object.entries(createdIds)
  if (created.length > maxCreatedIds) return notRequest(`“createdIds” has more than ${maxCreatedIds} members`)
  if (!created.every(([name, id]) => isId(name) && typeof id === 'string' && isId(id)))
    return notRequest('“createdIds” has ids for names and values')
  return { ...request, createdIds: createdIds as { readonly [id: string]: string } }
}

export function isProblem(value: object): value is ProblemDetails {
  return 'status' in value && 'detail' in value
}

function isInvocation(value: Json): boolean {
  if (!isArray(value) || value.length !== 3) return false
  const [name, given, id] = value
  return typeof name === 'string' && isObject(given) && typeof id === 'string'
}

/** `Array.isArray` makes `any` of what is readonly. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
