/** States (RFC 8620 §5.1): the account's epoch and modseq. One counter serves all types: a state of any of them is one of all. */
import type { AccountState } from '#mail/account-reader.ts'
import { MethodFault } from './method.ts'

export function printState({ epoch, modSeq }: Pick<AccountState, 'epoch' | 'modSeq'>): string {
  return `${epoch}.${modSeq}`
}

/** Undefined: it was never one of this epoch. */
export function readModSeq(text: string, epoch: number): number | undefined {
  const [, ofEpoch, modSeq] = /^(\d{1,15})\.(\d{1,16})$/.exec(text) ?? []
  const known = Number(modSeq)
  return Number(ofEpoch) === epoch && text === `${epoch}.${known}` ? known : undefined
}

/** The modseq of a state that this account has given out and can still tell changes from; else cannotCalculateChanges (§5.2). */
export function sinceState(text: string, now: AccountState): number {
  const since = readModSeq(text, now.epoch)
  if (since === undefined || since > now.modSeq || since < now.tombstoneFloor)
    throw new MethodFault('cannotCalculateChanges', 'Changes since this state are not known')
  return since
}
