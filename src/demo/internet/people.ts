/**
 * Who lives on the pretend internet, and how their servers answer. `bounce@`, `slow@`, `greylist@` and `451@` play errors, `mallory@` writes in
 * the names of others.
 */
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'

export type Manner = {
  /** The answer to RCPT TO */
  readonly atRecipient: (attempt: number) => SmtpReply
  /** Milliseconds that the server thinks after the final dot */
  readonly slowMs?: number
  /** Writes back: as themselves, or as a bank and a shop */
  readonly answers?: 'honestly' | 'forging'
}

const welcome = smtpReply(250, '2.1.5', 'Recipient ok')

const people: Readonly<Record<string, Manner>> = {
  aki: { atRecipient: () => welcome, answers: 'honestly' },
  mallory: { atRecipient: () => welcome, answers: 'forging' },
  bounce: { atRecipient: () => smtpReply(550, '5.1.1', 'The email account that you tried to reach does not exist') },
  slow: { atRecipient: () => welcome, slowMs: 8_000 },
  greylist: {
    atRecipient: attempt =>
      attempt === 1 ? smtpReply(451, '4.7.1', 'Greylisted, please come back in a moment') : welcome,
  },
  451: { atRecipient: () => smtpReply(451, '4.3.0', 'Temporary local problem, please try later') },
  full: { atRecipient: () => smtpReply(452, '4.2.2', 'The mailbox is full') },
}

const anybody: Manner = { atRecipient: () => welcome }

export function mannerOf(localpart: string): Manner {
  return people[localpart.toLowerCase()] ?? anybody
}
