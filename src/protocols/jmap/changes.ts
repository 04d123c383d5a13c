/** What all /changes methods have in common. RFC 8620 §5.2 */
import type { Account, ObjectChanges } from '#mail/account.ts'
import { accountOf, type MethodContext, MethodFault } from './method.ts'
import { maxChangesAtOnce } from './limits.ts'
import { printState, sinceState, type StateOf } from './state.ts'
import { ArgumentFault, checkArguments, id, optional, text, unsigned } from './syntax/arguments.ts'
import type { ChangesResponse, JsonObject } from './wire.ts'

const shape = { accountId: id, sinceState: text, maxChanges: optional(unsigned) }

/** `read`: the changes since a modseq, at most so many */
export async function changesOf<Id>(
  given: JsonObject,
  context: MethodContext,
  type: StateOf,
  read: (account: Account, since: number, limit: number) => Promise<ObjectChanges<Id>>,
  print: (id: Id) => string,
): Promise<ChangesResponse> {
  const asked = checkArguments(given, shape)
  if (asked.maxChanges === 0) throw new ArgumentFault('maxChanges should be more than 0')
  const account = await accountOf(asked.accountId, context)
  const state = await account.read(reader => reader.state)
  const since = sinceState(asked.sinceState, state, state.types[type])
  const found = await read(account, since, Math.min(asked.maxChanges ?? maxChangesAtOnce, maxChangesAtOnce))
  const last = found.changes.at(-1)
  if (!found.complete || (found.more && !last))
    throw new MethodFault('cannotCalculateChanges', 'More changed at once than can be told')
  const modSeq = found.more && last ? last.modSeq : found.modSeq
  const ids = (kind: string) => found.changes.filter(change => change.kind === kind).map(change => print(change.id))
  return {
    accountId: asked.accountId,
    oldState: asked.sinceState,
    newState: printState({ epoch: state.epoch, modSeq }),
    hasMoreChanges: found.more,
    created: ids('created'),
    updated: ids('updated'),
    destroyed: ids('destroyed'),
  }
}
