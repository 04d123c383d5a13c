/** Objects that there is one of in each account, always, whose id is `singleton`: VacationResponse (RFC 8621 §8), and ours. */
import { checkCount, noMembers, orNull } from './set.ts'
import type { Id, JsonObject, SetError } from './wire.ts'

export const singleton = 'singleton'

export type SingletonChanges = {
  readonly create?: ReadonlyMap<string, unknown> | undefined
  readonly update?: ReadonlyMap<string, JsonObject> | undefined
  readonly destroy?: readonly string[] | undefined
}

export type SingletonSet = {
  readonly created: null
  readonly updated: { readonly [id: Id]: null } | null
  readonly destroyed: null
  readonly notCreated: { readonly [creationId: Id]: SetError } | null
  readonly notUpdated: { readonly [id: Id]: SetError } | null
  readonly notDestroyed: { readonly [id: Id]: SetError } | null
}

/** What /set tells (RFC 8620 §5.3): an update is carried out, and nothing else can be. `carryOut`: undefined where it is done */
export async function setSingleton(
  { create, update, destroy }: SingletonChanges,
  carryOut: (patch: JsonObject) => Promise<SetError | undefined>,
): Promise<SingletonSet> {
  checkCount({ create, update, destroy })
  const notUpdated: Record<string, SetError> = noMembers()
  const updated: Record<string, null> = noMembers()
  for (const [named, patch] of update ?? []) {
    const error = named === singleton ? await carryOut(patch) : notFound
    if (error) notUpdated[named] = error
    else updated[named] = null
  }
  const creations = [...(create?.keys() ?? [])].map(named => [named, thereIsOne] as const)
  const destructions = (destroy ?? []).map(named => [named, named === singleton ? thereIsOne : notFound] as const)
  return {
    created: null,
    updated: orNull(updated),
    destroyed: null,
    notCreated: orNull(Object.fromEntries(creations)),
    notUpdated: orNull(notUpdated),
    notDestroyed: orNull(Object.fromEntries(destructions)),
  }
}

const thereIsOne: SetError = { type: 'singleton', description: 'There is one, always' }
const notFound: SetError = { type: 'notFound' }
