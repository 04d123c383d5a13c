/** What all /get methods have in common. RFC 8620 §5.1 */
import type { Account } from '#mail/account.ts'
import { maxObjectsInGet } from './limits.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from './method.ts'
import { ArgumentFault, checkArguments, id, idOrCreated, list, optional, text } from './syntax/arguments.ts'
import type { GetResponse, Id } from './wire.ts'

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

type Identified = { readonly id: Id }

/** The asked ones of `all`, in the order of `ids`; without them all. */
export function told<Value extends Identified>(
  all: readonly Value[],
  ids: readonly Id[] | undefined,
  properties: ReadonlySet<string>,
): { readonly list: readonly Partial<Value>[]; readonly notFound: readonly Id[] } {
  const byId = new Map(all.map(one => [one.id, one]))
  const found = ids ? ids.flatMap(id => byId.get(id) ?? []) : all
  return { list: found.map(one => only(one, properties)), notFound: (ids ?? []).filter(id => !byId.has(id)) }
}

/** The /get of a type that has few objects in an account. `read`: all of them; at least those of `ids`, where these are given */
export function getOf<Value extends Identified>({ capability, properties, read }: FewObjects<Value>): Method {
  return {
    capability,
    async run(given, context): Promise<GetResponse<Partial<Value>>> {
      const asked = checkArguments(given, getShape)
      const wanted = askedProperties(asked.properties, properties)
      const ids = askedIds(asked.ids, context)
      const { all, state } = await read(await accountOf(asked.accountId, context), context, ids)
      return { accountId: asked.accountId, state, ...told(all, ids, wanted) }
    },
  }
}

type FewObjects<Value extends Identified> = {
  readonly capability: string
  readonly properties: readonly (keyof Value & string)[]
  read(
    account: Account,
    context: MethodContext,
    ids: readonly Id[] | undefined,
  ): Promise<{ readonly state: string; readonly all: readonly Value[] }>
}
