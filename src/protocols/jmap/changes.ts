/** What all /changes methods have in common. RFC 8620 §5.2 */
import type { Account, ObjectChanges } from '#mail/account.ts'
import { accountOf, type MethodContext, MethodFault } from './method.ts'
import { maxChangesAtOnce } from './limits.ts'
import { type Place, printPlace, type Since, sincePlace, type StateOf } from './state.ts'
import { ArgumentFault, checkArguments, id, optional, text, unsigned } from './syntax/arguments.ts'
import type { ChangesResponse, JsonObject } from './wire.ts'

const shape = { accountId: id, sinceState: text, maxChanges: optional(unsigned) }

/** From where, and how many at most; `upTo` as in ChangesInput, `base` as in Place */
export type ChangesFrom = Since & { readonly limit: number }
/** `place`: how far these go, where that is not their last modseq */
export type ChangesFound<Id> = ObjectChanges<Id> & { readonly place?: Place }

/** `read`: the changes since then */
export async function changesOf<Id extends number>(
  given: JsonObject,
  context: MethodContext,
  type: StateOf,
  read: (account: Account, from: ChangesFrom) => Promise<ChangesFound<Id>>,
  print: (id: Id) => string,
): Promise<ChangesResponse> {
  const asked = checkArguments(given, shape)
  if (asked.maxChanges === 0) throw new ArgumentFault('maxChanges should be more than 0')
  const account = await accountOf(asked.accountId, context)
  const state = await account.read(reader => reader.state)
  const from = sincePlace(asked.sinceState, state, state.types[type])
  const limit = Math.min(asked.maxChanges ?? maxChangesAtOnce, maxChangesAtOnce)
  const found = await read(account, { ...from, limit })
  if (!found.complete) throw new MethodFault('cannotCalculateChanges', 'Changes since this state are not known')
  const last = found.more ? found.changes.at(-1) : undefined
  const place = found.place ?? { modSeq: last?.modSeq ?? found.modSeq, upTo: found.split ? last?.id : undefined }
  const ids = (kind: string) => found.changes.filter(change => change.kind === kind).map(change => print(change.id))
  return {
    accountId: asked.accountId,
    oldState: asked.sinceState,
    newState: printPlace(state.epoch, place),
    hasMoreChanges: found.more,
    created: ids('created'),
    updated: ids('updated'),
    destroyed: ids('destroyed'),
  }
}
