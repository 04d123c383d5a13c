/** States (RFC 8620 §5.1): the account's epoch and modseq. One counter serves all types: a state of any of them is one of all. */
import type { AccountState } from '#mail/account-reader.ts'
import { MethodFault } from './method.ts'

export function printState({ epoch, modSeq }: Pick<AccountState, 'epoch' | 'modSeq'>): string {
  return `${epoch}.${modSeq}`
}

/** The modseq of a state that this account has given out and can still tell changes from; else cannotCalculateChanges (§5.2). */
export function sinceState(text: string, now: AccountState): number {
  const [, epoch, modSeq] = /^(\d{1,15})\.(\d{1,16})$/.exec(text) ?? []
  const since = Number(modSeq)
  if (
    Number(epoch) !== now.epoch ||
    text !== `${now.epoch}.${since}` ||
    since > now.modSeq ||
    since < now.tombstoneFloor
  )
    throw new MethodFault('cannotCalculateChanges', 'Changes since this state are not known')
  return since
}
