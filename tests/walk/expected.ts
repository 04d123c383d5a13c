/** Messages that have come or may have come, and whose UIDs nobody has told yet: deliveries, and what was cut off. */
import type { Letter } from './letter.ts'
import type { Marks, Message, Span } from './model.ts'

export type Expected = {
  readonly mailbox: string
  readonly letter: Letter
  readonly internalDate: Span
  readonly marks: Marks
  /** Fields stand before the letter: it was delivered */
  readonly isDelivery: boolean
  /** MOVE: where it was */
  readonly source?: { readonly mailbox: string; readonly uid: number; onlyThis?: boolean }
  /** It may not have been made though others of its group were: its source may have gone before. Asked when the round is known */
  mayLack?(): boolean
}

/** One that may have been expunged as soon as it came, in the same round */
export function mayHaveGone({ marks }: Expected): boolean {
  return marks.deleted.possible.has(true)
}

/**
 * `must`: answered OK, each must come. `all`: all of them or none (RFC 3502 §3, RFC 9051 §6.4.7). `each`: each may have come.
 */
export type Promise_ = 'must' | 'all' | 'each'
export type ExpectedGroup = { readonly promise: Promise_; readonly open: Set<Expected>; readonly total: number }

export function expectCopy(mailbox: string, message: Message, marks: Marks, movedFrom: string | undefined): Expected {
  return {
    mailbox,
    letter: message.letter,
    internalDate: message.internalDate,
    marks,
    isDelivery: false,
    ...(movedFrom !== undefined && { source: { mailbox: movedFrom, uid: message.uid } }),
  }
}
