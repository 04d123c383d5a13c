/** States of AddressBook and ContactCard: the account's epoch, and the modseq at which any of the type last changed. Mail changes neither. */
import type { Account } from '#mail/account.ts'
import type { ContactChanges, ContactKind, ContactsState } from '#mail/contacts.ts'
import type { ModSeq } from '#mail/ids.ts'
import { maxChangesAtOnce } from '../limits.ts'
import { accountOf, type MethodContext, MethodFault } from '../method.ts'
import { printState, readModSeq } from '../state.ts'
import { ArgumentFault, checkArguments, id, optional, text, unsigned } from '../syntax/arguments.ts'
import type { ChangesResponse, JsonObject } from '../wire.ts'

export function contactsState({ books, cards, epoch }: ContactsState, kind: ContactKind): string {
  return printState({ epoch, modSeq: (kind === 'book' ? books : cards) as ModSeq })
}

const shape = { accountId: id, sinceState: text, maxChanges: optional(unsigned) }

/** RFC 8620 §5.2 */
export async function contactChangesOf(
  given: JsonObject,
  context: MethodContext,
  kind: ContactKind,
  print: (id: number) => string,
): Promise<ChangesResponse> {
  const asked = checkArguments(given, shape)
  if (asked.maxChanges === 0) throw new ArgumentFault('maxChanges should be more than 0')
  const limit = Math.min(asked.maxChanges ?? maxChangesAtOnce, maxChangesAtOnce)
  const account = await accountOf(asked.accountId, context)
  const { changes, epoch, since } = await account.contacts.read(reader => {
    const { state } = reader
    const since = readModSeq(asked.sinceState, state.epoch)
    return { epoch: state.epoch, since, changes: reader.changes(kind, since ?? 0, limit) }
  })
  checkKnown(since, changes)
  const told = changes.changed
  const last = told.at(-1)
  if (changes.more && !last) throw new MethodFault('cannotCalculateChanges', 'More changed at once than can be told')
  const ids = (which: (one: (typeof told)[number]) => boolean) => told.filter(which).map(one => print(one.id))
  const modSeq = (changes.more && last ? last.modSeq : changes.modSeq) as ModSeq
  return {
    accountId: asked.accountId,
    oldState: asked.sinceState,
    newState: printState({ epoch, modSeq }),
    hasMoreChanges: changes.more,
    created: ids(one => !one.gone && one.createdModSeq > (since ?? 0)),
    updated: ids(one => !one.gone && one.createdModSeq <= (since ?? 0)),
    destroyed: ids(one => one.gone),
  }
}

/** A state that was never told, or from which on it is not known what is gone */
export function checkKnown(since: number | undefined, changes: ContactChanges): asserts since is number {
  if (since === undefined || since > changes.modSeq || !changes.complete)
    throw new MethodFault('cannotCalculateChanges', 'Changes since this state are not known')
}

/** For a set: the modseq that `ifInState` names, which is compared where the changes are made */
export async function wantedState(
  account: Account,
  ifInState: string | undefined,
  of: ContactKind,
): Promise<{
  readonly epoch: number
  readonly ifModSeq: { readonly of: ContactKind; readonly modSeq: number } | undefined
}> {
  const { epoch } = await account.contacts.read(reader => reader.state)
  if (ifInState === undefined) return { epoch, ifModSeq: undefined }
  const modSeq = readModSeq(ifInState, epoch)
  if (modSeq === undefined) throw new MethodFault('stateMismatch')
  return { epoch, ifModSeq: { of, modSeq } }
}
