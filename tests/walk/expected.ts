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
