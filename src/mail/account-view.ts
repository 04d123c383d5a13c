/** A mailbox as one session of a protocol sees it. */
import type { EmailId, MailboxId, ModSeq, Uid } from './ids.ts'

/**
 * One mailbox as one session sees it: message n (0-based) has these values. It never changes by itself: changes wait in
 * the account and are taken by `advance`, so that sequence numbers stay put while a command runs (RFC 9051 §5.5, §7.5.1).
 */
export type MailboxView = {
  readonly mailbox: MailboxId
  readonly uidValidity: number
  readonly uidNext: Uid
  /** All changes up to here are contained */
  readonly modSeq: ModSeq
  readonly length: number
  uid(index: number): Uid
  /** Packed flags, `deletedFlag` included */
  flags(index: number): number
  modSeqOf(index: number): ModSeq
  emailId(index: number): EmailId
  /** False once the message has been removed, although the session has not been told yet */
  isThere(index: number): boolean
  /** The same of all from `start` to `end - 1`; quick when nothing has been removed */
  areThere(start: number, end: number): boolean
  /** All flags of those from `start` to `end - 1`, or-ed together */
  allFlags(start: number, end: number): number
  /** Index behind the last up to `end` that goes on from `start` without a gap between the UIDs, with the same flags and modseq */
  runEnd(start: number, end: number): number
  /** Index of this UID, or -1 */
  indexOf(uid: number): number
  /** Index of the first message whose UID is at least this; `length` when there is none */
  lowerBound(uid: number): number
  /** The mailbox has been deleted */
  readonly gone: boolean
  /** Changes are waiting */
  readonly hasNews: boolean
  /** Takes the waiting changes. With `expunges: false` those that remove messages, and all after them that depend on it, go on waiting. */
  advance(options: { readonly expunges: boolean }): ViewNews
  /** Called (once per change batch) when `hasNews` turns true. For IDLE. */
  onNews(listener: (() => void) | undefined): void
  [Symbol.dispose](): void
}

/** Indexes `start` to `end - 1` of a view. Lists of them are ascending and do not touch. */
export type IndexRange = { readonly start: number; readonly end: number }

export type ViewNews = {
  readonly expunged: ExpungedMessages
  /** New messages were added at the end */
  readonly added: number
  /** Indexes (after expunge and addition) whose flags or modseq changed; new messages not included */
  readonly changed: readonly IndexRange[]
  /** The mailbox itself is gone: say BYE or close */
  readonly mailboxGone: boolean
}

/** Messages that a view has lost: their indexes before, and their UIDs, ascending. */
export type ExpungedMessages = { readonly ranges: readonly IndexRange[]; readonly uids: Uint32Array }
