/** What all /get methods have in common. RFC 8620 §5.1 */
import { maxObjectsInGet } from './limits.ts'
import { type MethodContext, MethodFault, resolvedId } from './method.ts'
import { ArgumentFault, id, idOrCreated, list, optional, text } from './syntax/arguments.ts'
import type { Id } from './wire.ts'

export const getShape = {
  accountId: id,
  ids: optional(list(idOrCreated)),
  properties: optional(list(text)),
}

/** Each once, in their order; undefined: all that there are. What was not created under its creation id is not found. */
export function askedIds(ids: readonly string[] | undefined, context: MethodContext): readonly Id[] | undefined {
  if (ids && ids.length > maxObjectsInGet)
    throw new MethodFault('requestTooLarge', `At most ${maxObjectsInGet} ids at a time`)
  return ids && [...new Set(ids.map(one => resolvedId(one, context) ?? one))]
}

/** Names of properties, `id` always among them; all when none are named. */
export function askedProperties<Name extends string>(
  properties: readonly string[] | undefined,
  known: readonly Name[],
): ReadonlySet<Name> {
  if (!properties) return new Set(known)
  const unknown = properties.find(name => !(known as readonly string[]).includes(name))
  if (unknown !== undefined) throw new ArgumentFault(`properties: there is no “${unknown.slice(0, 100)}”`)
  return new Set(['id' as Name, ...(properties as readonly Name[])])
}

export function only<Value extends object>(value: Value, properties: ReadonlySet<string>): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => properties.has(name))) as Partial<Value>
}
