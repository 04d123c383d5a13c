/**
 * States (RFC 8620 §5.1): the account's epoch, and the modseq at which things of the type last changed. What a change of another type did is no news. All are
 * numbers of one counter, so whatever was a state of the account (as event sources name it) says as well since when a type's changes are wanted.
 */
import type { AccountState } from '#mail/account-reader.ts'
import { MethodFault } from './method.ts'

export type StateOf = 'email' | 'thread' | 'mailbox'

/** Of the account as a whole, for those who follow all types at once */
export function printState({ epoch, modSeq }: { readonly epoch: number; readonly modSeq: number }): string {
  return `${epoch}.${modSeq}`
}

export function printTypeState({ epoch, types }: AccountState, type: StateOf): string {
  return printState({ epoch, modSeq: types[type] })
}

/** Undefined: it was never one of this epoch. */
export function readModSeq(text: string, epoch: number): number | undefined {
  const [, ofEpoch, modSeq] = /^(\d{1,15})\.(\d{1,16})$/.exec(text) ?? []
  const known = Number(modSeq)
  return Number(ofEpoch) === epoch && text === `${epoch}.${known}` ? known : undefined
}

/**
 * The modseq of a state that this account has given out and can still tell changes from; else cannotCalculateChanges (§5.2). `changedAt`: when the type last
 * changed: where nothing is to be told nothing has to be known.
 */
export function sinceState(text: string, now: AccountState, changedAt: number): number {
  const since = readModSeq(text, now.epoch)
  if (since === undefined || since > now.modSeq || since < Math.min(now.tombstoneFloor, changedAt))
    throw new MethodFault('cannotCalculateChanges', 'Changes since this state are not known')
  return since
}

/**
 * What /changes told so far, where it stopped within what one operation did (§5.2): all of its things with ids up to `upTo`. It is the state of nothing else, and
 * so never what ifInState names.
 */
export function printPlace(
  state: { readonly epoch: number; readonly modSeq: number },
  upTo: number | undefined,
): string {
  return upTo === undefined ? printState(state) : `${printState(state)}.${upTo}`
}

/** As sinceState, of a place as well. */
export function sincePlace(
  text: string,
  now: AccountState,
  changedAt: number,
): { readonly since: number; readonly upTo: number | undefined } {
  const [, state, upTo] = /^(\d+\.[1-9]\d*)\.(\d{1,15})$/.exec(text) ?? []
  if (state === undefined) return { since: sinceState(text, now, changedAt), upTo: undefined }
  const since = sinceState(state, now, changedAt)
  // the others are as they were before it
  sinceState(printState({ epoch: now.epoch, modSeq: since - 1 }), now, changedAt)
  return { since, upTo: Number(upTo) }
}

/** `ifInState` (§5.3): the modseq that the change is for, to be compared where it is made. What was never a state is none now. */
export function wantedModSeq(text: string | undefined, now: AccountState): number | undefined {
  if (text === undefined) return undefined
  const wanted = readModSeq(text, now.epoch)
  if (wanted === undefined || wanted > now.modSeq) throw new MethodFault('stateMismatch')
  return wanted
}
