/** MAIL FROM. RFC 5321 §4.1.1.2 */
import type { Envelope } from '#formats/envelope.ts'
import { binaryMimeOffered, deliveryIdOffered, futureReleaseOffered, requireTlsOffered } from './hello.ts'
import { say, sayAndClose, type Command, type CommandOf, type Outcome } from '../outcome.ts'
import { recipientTimeoutMs } from '../limits.ts'
import type { Session } from '../session.ts'
import type { MailParameters } from '../syntax/parameters.ts'
import { isAscii } from '../syntax/path.ts'
import { within } from '../within.ts'

export const mail = {
  name: 'MAIL',
  async run(command, session) {
    const refusal = outOfOrder(session) ?? notAllowed(session) ?? badParameters(command, session)
    if (refusal) return refusal
    session.transactions++
    const { receiver } = session.options
    const envelope = envelopeOf(command)
    const begun = await within(
      recipientTimeoutMs,
      receiver.begin(session.facts, envelope, command.parameters.sizeBytes, session.over.signal),
      late => late.kind === 'open' && late.transaction.settle('aborted'),
    )
    if (begun.kind === 'open') {
      session.state = { kind: 'mail', mail: { transaction: begun.transaction, envelope } }
      session.idleCommands = 0
    }
    return { kind: 'reply', reply: begun.reply }
  },
} satisfies Command<'MAIL'>

function outOfOrder(session: Session): Outcome | undefined {
  if (session.state.kind === 'connected')
    return say(503, '5.5.1', `Say ${session.profile.protocol === 'LMTP' ? 'LHLO' : 'EHLO'} first`)
  if (session.state.kind !== 'greeted') return say(503, '5.5.1', 'There is a transaction already')
  if (session.transactions >= session.profile.maxTransactions)
    // RFC 9422 §4.1
    return sayAndClose(421, '4.7.0', 'Enough messages for one connection; connect again')
  return undefined
}

/**
 * RFC 4954 §4.3 and §6: 530; a gateway is told 421 instead. Its certificate has expired or its password is mistyped: a Postfix
 * returns the mail to its sender on 530, and keeps it on 421.
 */
function notAllowed(session: Session): Outcome | undefined {
  const { facts, profile, options, connection } = session
  if (profile.mailNeeds === 'nothing') return undefined
  if (profile.mailNeeds === 'login' && facts.login) return undefined
  if (profile.mailNeeds === 'gateway') return provenGateway(session) ? undefined : unproven(session)
  if (options.tls && !connection.tls) return say(530, '5.7.0', 'STARTTLS first, then log in')
  return say(530, '5.7.0', 'Authentication required')
}

function provenGateway({ facts, options }: Session): boolean {
  return facts.gateway !== undefined || options.peers?.allowUnauthenticated === true
}

function unproven({ profile }: Session): Outcome {
  const who = profile.name === 'relay' ? 'RELAY-AUTH: no home' : 'LMTP-AUTH: no gateway'
  return sayAndClose(
    421,
    '4.7.0',
    `${who} known here; a client certificate over STARTTLS or a login is wanted`,
    'Nothing is refused for good: try again when this is set right',
  )
}

function badParameters({ reversePath, parameters }: CommandOf<'MAIL'>, session: Session): Outcome | undefined {
  if (parameters.body === 'BINARYMIME' && !binaryMimeOffered(session))
    return say(555, '5.5.4', 'BINARYMIME is not offered here')
  if (parameters.requireTls && !requireTlsOffered(session)) return say(555, '5.5.4', 'REQUIRETLS is not offered here')
  if (parameters.deliveryId !== undefined && !deliveryIdOffered(session))
    return say(555, '5.5.4', 'Parameter XDELIVERY is not known here')
  const later = badRelease(parameters, futureReleaseOffered(session))
  if (later) return later
  if (parameters.sizeBytes !== undefined && parameters.sizeBytes > session.options.maxMessageBytes)
    return say(552, '5.3.4', `Messages over ${session.options.maxMessageBytes} octets are not taken`) // RFC 1870 §6.1
  if (!parameters.smtpUtf8 && !isAscii(reversePath)) return say(553, '5.6.7', 'That address needs SMTPUTF8') // RFC 6531 §3.5
  return undefined
}

/** RFC 4865 §3 */
function badRelease(parameters: MailParameters, longestMs: number): Outcome | undefined {
  const { holdFor, holdUntil } = parameters
  if (holdFor === undefined && holdUntil === undefined) return undefined
  if (longestMs === 0) return say(555, '5.5.4', 'FUTURERELEASE is not offered here')
  if (holdFor !== undefined && holdUntil !== undefined) return say(501, '5.5.4', 'HOLDFOR or HOLDUNTIL, not both')
  const tooFar = (releaseOf(parameters) ?? 0) > Date.now() + longestMs
  return tooFar ? say(501, '5.5.4', `At most ${Math.floor(longestMs / 1000)} seconds ahead`) : undefined
}

/** A moment that has passed means now. */
function releaseOf({ holdFor, holdUntil }: MailParameters): number | undefined {
  const at = holdUntil ?? (holdFor === undefined ? undefined : Date.now() + holdFor * 1000)
  return at !== undefined && at > Date.now() ? at : undefined
}

function envelopeOf({ reversePath, parameters }: CommandOf<'MAIL'>): Envelope {
  const releaseAt = releaseOf(parameters)
  return {
    reversePath,
    recipients: [],
    body: parameters.body ?? '7BIT',
    smtpUtf8: parameters.smtpUtf8 ?? false,
    ...(parameters.requireTls && { requireTls: true }),
    ...(parameters.deliveryId !== undefined && { deliveryId: parameters.deliveryId }),
    ...(releaseAt !== undefined && { releaseAt }),
    ...(parameters.dsnReturn && { dsnReturn: parameters.dsnReturn }),
    ...(parameters.dsnEnvelopeId !== undefined && { dsnEnvelopeId: parameters.dsnEnvelopeId }),
  }
}
