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
 * What /changes told so far, where it stopped within what one operation did (§5.2): all of its things with ids up to `upTo`. With `base` all that changed since that
 * modseq is told in the order of ids. A place is the state of nothing else, and so never what ifInState names.
 */
export type Place = {
  readonly modSeq: number
  readonly upTo?: number | undefined
  readonly base?: number | undefined
}

export type Since = { readonly since: number; readonly upTo?: number | undefined; readonly base?: number | undefined }

export function printPlace(epoch: number, { base, modSeq, upTo }: Place): string {
  return [printState({ epoch, modSeq }), upTo, base].filter(part => part !== undefined).join('.')
}

/** As sinceState, of a place as well. */
export function sincePlace(text: string, now: AccountState, changedAt: number): Since {
  const [, state, id, from] = /^(\d+\.[1-9]\d*)\.(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text) ?? []
  if (state === undefined) return { since: sinceState(text, now, changedAt) }
  const since = sinceState(state, now, changedAt)
  // the others are as they were before it
  const before = from === undefined ? since - 1 : Number(from)
  const base = sinceState(printState({ epoch: now.epoch, modSeq: before }), now, changedAt)
  return { since, upTo: Number(id), ...(from !== undefined && { base }) }
}

/** `ifInState` (§5.3): the modseq that the change is for, to be compared where it is made. What was never a state is none now. */
export function wantedModSeq(text: string | undefined, now: AccountState): number | undefined {
  if (text === undefined) return undefined
  const wanted = readModSeq(text, now.epoch)
  if (wanted === undefined || wanted > now.modSeq) throw new MethodFault('stateMismatch')
  return wanted
}
