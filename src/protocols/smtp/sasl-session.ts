/** AUTH inside SMTP: which mechanisms are offered to this session, and the exchange. RFC 4954 */
import { timingSafeEqual, createHash } from 'node:crypto'
import { asciiText } from '#base/bytes.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Authenticator, AuthResult } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import { fromBase64, initialFromBase64, toBase64 } from '../sasl/base64.ts'
import { channelBindingOf, type ChannelBinding } from '../sasl/channel-binding.ts'
import { offeredMechanisms, startSasl } from '../sasl/mechanisms.ts'
import type { SaslStep } from '../sasl/sasl.ts'
import { commandTimeoutMs, maxAuthFailures, maxAuthLineBytes } from './limits.ts'
import type { LmtpPeers } from './options.ts'
import type { Session } from './session.ts'
import { printReplyLines } from './syntax/reply.ts'

/** Empty where AUTH is not allowed: on the MX, without TLS, where nobody could log in. */
export function mechanismsOffered(session: Session): readonly string[] {
  const { options, connection } = session
  const authenticator = authenticatorOf(session)
  if (!authenticator || !session.profile.auth) return []
  return offeredMechanisms({
    tls: connection.tls !== undefined,
    scramReady: hash => authenticator.scramReady(hash),
    channelBinding: bindingOf(session),
    plaintextAllowed: options.plaintextLogins ?? false,
  })
}

function bindingOf({ connection }: Session): ChannelBinding | undefined {
  return connection.tls && channelBindingOf(connection.tls, 'server')
}

function authenticatorOf({ options, profile }: Session): Authenticator | undefined {
  if (profile.mailNeeds !== 'gateway') return options.authenticator
  return options.peers && options.peers.passwords.size > 0 ? peerAuthenticator(options.peers) : undefined
}

/** The exchange after AUTH. False: the conversation is over. */
export async function authenticate(
  session: Session,
  start: { readonly mechanism: string; readonly initial: string | undefined },
): Promise<boolean> {
  const result = await exchange(session, start)
  const reply = 'code' in result ? result : concluded(session, result)
  session.connection.write(printReplyLines(reply))
  if (reply.code === 235) return true
  session.errors++
  if (++session.authFailures < maxAuthFailures) return true
  session.connection.write('421 4.7.0 Too many logins that failed\r\n')
  return false
}

async function exchange(
  session: Session,
  { mechanism, initial }: { readonly mechanism: string; readonly initial: string | undefined },
): Promise<AuthResult | SmtpReply> {
  const authenticator = authenticatorOf(session)
  const first = initial === undefined ? undefined : initialFromBase64(initial)
  if (!authenticator || (initial !== undefined && !first)) return notBase64
  const begun = startSasl(
    mechanism,
    first,
    {
      authenticator,
      attempt: {
        clientAddress: session.facts.clientAddress,
        protocol: session.profile.replyPerRecipient ? 'lmtp' : 'submission',
        session: session.facts.id,
      },
      channelBinding: bindingOf(session),
    },
    mechanismsOffered(session),
  )
  if (!begun) return smtpReply(504, '5.5.4', 'That mechanism is not offered')
  let step: SaslStep = await begun
  while (step.kind === 'challenge') {
    session.connection.write(`334 ${toBase64(step.data)}\r\n`)
    const response = await readResponse(session)
    if ('code' in response) return response
    step = await step.next(response.bytes)
  }
  return step.kind === 'bad' ? smtpReply(501, '5.5.2', step.reason) : step.result
}

async function readResponse(session: Session): Promise<{ readonly bytes: Uint8Array } | SmtpReply> {
  const { connection, options } = session
  await session.flush()
  const line = await connection.line(maxAuthLineBytes, options.timeouts?.commandMs ?? commandTimeoutMs, session.signal)
  session.heard()
  if (line?.kind !== 'line' || line.bare) return smtpReply(500, '5.5.6', 'That response cannot be read')
  const text = asciiText(line.bytes)
  if (text === '*') return smtpReply(501, '5.7.0', 'Login given up')
  const bytes = fromBase64(text)
  return bytes ? { bytes } : notBase64
}

const notBase64 = smtpReply(501, '5.5.2', 'That is not base64')

/** RFC 4954 §6 */
function concluded(session: Session, result: AuthResult): SmtpReply {
  switch (result.kind) {
    case 'ok':
      if (session.profile.mailNeeds === 'gateway') session.facts = { ...session.facts, gateway: result.login.address }
      else {
        session.facts = { ...session.facts, login: result.login }
        session.signal = AbortSignal.any([session.signal, result.login.ended])
      }
      return smtpReply(235, '2.7.0', 'Welcome')
    case 'refused':
      if (result.reason === 'app-password-needed')
        return smtpReply(534, '5.7.9', 'This account has a second factor: programs need an app password')
      return smtpReply(535, '5.7.8', 'Name or password is not right')
    case 'throttled':
      return smtpReply(454, '4.7.0', `Too many failures; try again in ${Math.ceil(result.retryAfterMs / 1000)} s`)
    case 'unavailable':
      return smtpReply(454, '4.7.0', 'Logins cannot be checked just now; try again later')
    default:
      return result satisfies never
  }
}

const nobody = new AbortController().signal

/** LMTP: names and passwords of gateways, from the configuration. */
function peerAuthenticator(peers: LmtpPeers): Authenticator {
  return {
    async password(name, password) {
      const right = peers.passwords.get(name)
      if (right === undefined) return { kind: 'refused', reason: 'unknown-user' }
      if (!timingSafeEqual(sha256(right), sha256(password))) return { kind: 'refused', reason: 'wrong-password' }
      return { kind: 'ok', login: { account: '' as AccountId, address: name, ended: nobody } }
    },
    scram: async () => ({ kind: 'refused', reason: 'unknown-user' }),
    scramReady: () => false,
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
