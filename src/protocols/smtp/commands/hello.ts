/** HELO, EHLO (RFC 5321 §4.1.1.1) and LHLO (RFC 2033 §4.1) */
import type { Session } from '../session.ts'
import { mechanismsOffered } from '../sasl-session.ts'
import { xclientAttributes } from '../syntax/xclient.ts'
import { xclientOffered } from './xclient.ts'
import { sayAndClose, type Command, type Outcome } from '../outcome.ts'

export const helo = {
  name: 'HELO',
  run({ domain }, session) {
    if (!session.profile.hello.has('HELO')) return lmtpSpokenHere
    greet(session, domain)
    // RFC 5321 §4.2: HELO is answered in one line; no enhanced code (RFC 2034 §3)
    return { kind: 'reply', reply: { code: 250, lines: [session.options.hostname] } }
  },
} satisfies Command<'HELO'>

export const ehlo = {
  name: 'EHLO',
  run({ domain }, session) {
    return session.profile.hello.has('EHLO') ? extendedHello(domain, session) : lmtpSpokenHere
  },
} satisfies Command<'EHLO'>

export const lhlo = {
  name: 'LHLO',
  run({ domain }, session) {
    return session.profile.hello.has('LHLO') ? extendedHello(domain, session) : smtpSpokenHere
  },
} satisfies Command<'LHLO'>

/*
 * NOTE: 421 and not 500. A Postfix whose transport says smtp where it should say lmtp (or the other way round) returns the
 * mail to its sender on 5xx here, and keeps it on 421. The mistake is the operator's, never the sender's.
 */
const lmtpSpokenHere = sayAndClose(
  421,
  '4.5.1',
  'LMTP-PROTO: this port speaks LMTP, not SMTP. Say LHLO, or send to the SMTP port.',
  'Nothing is refused for good: try again when this is set right',
)
const smtpSpokenHere = sayAndClose(
  421,
  '4.5.1',
  'SMTP-PROTO: this port speaks SMTP, not LMTP. Say EHLO, or deliver to the LMTP port.',
  'Nothing is refused for good: try again when this is set right',
)

function greet(session: Session, domain: string): void {
  session.abandon() // RFC 5321 §4.1.4: like RSET
  session.facts = { ...session.facts, helo: domain }
  session.state = { kind: 'greeted' }
}

function extendedHello(domain: string, session: Session): Outcome {
  greet(session, domain)
  return { kind: 'reply', reply: { code: 250, lines: [session.options.hostname, ...keywords(session)] } }
}

function keywords(session: Session): readonly string[] {
  const { options, facts, profile, connection } = session
  const mechanisms = mechanismsOffered(session)
  const words = [
    'PIPELINING', // RFC 2920
    `SIZE ${options.maxMessageBytes}`, // RFC 1870
    'ENHANCEDSTATUSCODES', // RFC 2034
    '8BITMIME', // RFC 6152
    'SMTPUTF8', // RFC 6531
    'DSN', // RFC 3461
    'CHUNKING', // RFC 3030
    `LIMITS RCPTMAX=${options.maxRecipients ?? profile.maxRecipients} MAILMAX=${profile.maxTransactions}`, // RFC 9422
  ]
  if (binaryMimeOffered(session)) words.push('BINARYMIME') // RFC 3030 §3
  if (options.tls && !connection.tls) words.push('STARTTLS') // RFC 3207
  if (requireTlsOffered(session)) words.push('REQUIRETLS') // RFC 8689 §2
  const futureMs = futureReleaseOffered(session)
  if (futureMs > 0) {
    const latest = new Date(Date.now() + futureMs).toISOString().replace(/\.\d+/, '')
    words.push(`FUTURERELEASE ${Math.floor(futureMs / 1000)} ${latest}`) // RFC 4865 §3
  }
  if (mechanisms.length > 0) words.push(`AUTH ${mechanisms.join(' ')}`) // RFC 4954
  if (deliveryIdOffered(session)) words.push('XDELIVERY')
  if (xclientOffered(session)) words.push(`XCLIENT ${xclientAttributes.join(' ')}`) // Postfix, XCLIENT_README
  if (facts.gateway !== undefined && options.receiver.hello)
    words.push(options.questions ? 'XHIKYAKU WAIT' : 'XHIKYAKU')
  return words
}

/** RFC 8689 §2: over TLS only */
export function requireTlsOffered({ connection }: Session): boolean {
  return connection.tls !== undefined
}

/** Milliseconds; 0: not offered */
export function futureReleaseOffered({ options, profile }: Session): number {
  return profile.name === 'submission' ? (options.futureReleaseMs ?? 0) : 0
}

/** Ours: home names the delivery, so that both boxes' traces speak of it by one id */
export function deliveryIdOffered({ profile, facts }: Session): boolean {
  return profile.name === 'relay' && facts.gateway !== undefined
}

export function binaryMimeOffered(session: Session): boolean {
  return session.options.binaryMime ?? session.profile.replyPerRecipient
}
