/** One server, four profiles: what each offers and asks for. */
import type { SmtpProfile } from '#mail/receiving.ts'
import { maxRecipients, maxRecipientsRelayed, maxTransactions, maxTransactionsLmtp } from './limits.ts'
import type { Verb } from './syntax/command.ts'

export type Profile = {
  readonly name: SmtpProfile
  /** In the greeting: `220 host ESMTP` */
  readonly protocol: 'ESMTP' | 'LMTP'
  readonly hello: ReadonlySet<Verb>
  /** Who may say MAIL */
  readonly mailNeeds: 'nothing' | 'login' | 'gateway'
  readonly auth: boolean
  /** RFC 2033 §4.2: after the message one reply for each accepted recipient */
  readonly replyPerRecipient: boolean
  readonly maxRecipients: number
  readonly maxTransactions: number
}

const smtpHello: ReadonlySet<Verb> = new Set<Verb>(['HELO', 'EHLO'])

export const profiles: Readonly<Record<SmtpProfile, Profile>> = {
  mx: {
    name: 'mx',
    protocol: 'ESMTP',
    hello: smtpHello,
    mailNeeds: 'nothing',
    auth: false,
    replyPerRecipient: false,
    maxRecipients: maxRecipientsRelayed,
    maxTransactions,
  },
  submission: {
    name: 'submission',
    protocol: 'ESMTP',
    hello: smtpHello,
    mailNeeds: 'login',
    auth: true,
    replyPerRecipient: false,
    maxRecipients,
    maxTransactions,
  },
  lmtp: {
    name: 'lmtp',
    protocol: 'LMTP',
    hello: new Set<Verb>(['LHLO']),
    mailNeeds: 'gateway',
    auth: true,
    replyPerRecipient: true,
    maxRecipients: maxRecipientsRelayed,
    maxTransactions: maxTransactionsLmtp,
  },
  // The other direction of the link: LMTP, because each recipient's own mail server answers for itself
  relay: {
    name: 'relay',
    protocol: 'LMTP',
    hello: new Set<Verb>(['LHLO']),
    mailNeeds: 'gateway',
    auth: true,
    replyPerRecipient: true,
    maxRecipients: maxRecipientsRelayed,
    maxTransactions: maxTransactionsLmtp,
  },
}
