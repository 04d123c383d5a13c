/**
 * The border between a server on port 25 and what is found out about whoever connects. Two use it: the session, from the connection on, and
 * the receiver, at each recipient and message.
 */
import type { SmtpReply } from '#formats/smtp-reply.ts'
import type { SessionFacts } from './receiving.ts'
import type { ConnectionFindings } from './verdicts.ts'

export type Visitors = {
  /** At once on connecting, and again after XCLIENT has named another client. Waits for nothing. */
  arrive(session: SessionFacts): Arrival
  /** Of a session that has not ended */
  visit(sessionId: string): Visit | undefined
}

export type Arrival =
  /** Said instead of the greeting */
  { readonly kind: 'refused'; readonly reply: SmtpReply } | { readonly kind: 'open'; readonly visit: Visit }

export type Visit = {
  /** Resolves when the peer is to be greeted: at once for who is known, after a short silence for others. Never rejects. */
  greetingDue(): Promise<void>
  /** The peer spoke before. A reply: it is said instead of the greeting, and the session ends */
  spokeEarly(): SmtpReply | undefined
  /** Home (or its list) knows no such recipient: how long the answer is to wait, and whether the session is to end with it */
  recipientUnknown(): { readonly pauseMs: number; readonly isEnough: boolean }
  /**
   * Whether the connection stands in the way of this recipient (canonical). `session` as it is now. Takes as long as DNS may, at most the time
   * set for it; never rejects.
   */
  recipient(session: SessionFacts, reversePath: string, recipient: string): Promise<ConnectionRefusal | undefined>
  /** All that is known, to travel with the message. Never rejects. */
  findings(session: SessionFacts): Promise<ConnectionFindings>
  /** A message was taken for these (canonical), and the peer has our answer */
  delivered(reversePath: string, recipients: readonly string[]): void
  leave(): void
}

export type ConnectionRefusal = {
  readonly reply: SmtpReply
  /** For the trace: which check, and what it went by */
  readonly detail: Readonly<Record<string, string | number | boolean>>
}
