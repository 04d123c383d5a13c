/** Peers that came to the wrong port, or through a proxy that nobody named: told so in one line. Anything that follows would be read as commands. */
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { looksLikeProxyHeader } from '#net/proxy-header.ts'
import type { Session } from './session.ts'
import { foreignSpeech } from './syntax/foreign.ts'

const tlsSpokenHere = smtpReply(
  554,
  '5.5.1',
  'This port begins in plaintext (STARTTLS); TLS from the start is on another',
)
const httpSpokenHere = smtpReply(554, '5.5.1', 'This is a mail server, HTTP is spoken elsewhere')
/**
 * NOTE: 421 and not 5xx. A load balancer that is not named here brings everybody's mail: it waits at its senders until the operator
 * has named it, and nobody's word for an address is believed meanwhile.
 */
const proxyUnknown = smtpReply(421, '4.3.2', 'This port takes no PROXY header from this address (listen[].proxy)')

/** What to say to a peer whose first octets are no SMTP. Undefined when they may be, and once it has said HELO. */
export function wordForForeigner(session: Session): SmtpReply | undefined {
  const { buffered } = session.connection
  if (session.state.kind !== 'connected' || session.facts.helo !== undefined) return undefined
  if (looksLikeProxyHeader(buffered)) {
    tellOfProxy(session)
    return proxyUnknown
  }
  const foreign = foreignSpeech(buffered)
  if (foreign === undefined) return undefined
  return foreign === 'tls' ? tlsSpokenHere : httpSpokenHere
}

/** A balancer says it thousands of times, and any stranger can: once a minute is enough for the log. */
const toldEveryMs = 60_000
let toldAt = Number.NEGATIVE_INFINITY

function tellOfProxy({ facts: { clientAddress: proxy, localPort: port }, log }: Session): void {
  const now = performance.now()
  if (now - toldAt < toldEveryMs) return
  toldAt = now
  log.warn('PROXY-PEER: a PROXY header came from a peer that listen[].proxy does not name', { proxy, port })
}
