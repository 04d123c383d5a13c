/** AUTH as the client: the best mechanism both sides know, never a password in the open. RFC 4954 */
import { smtpReply } from '#formats/smtp-reply.ts'
import { fromBase64, toBase64 } from '../sasl/base64.ts'
import { channelBindingOf } from '../sasl/channel-binding.ts'
import { chooseMechanism, SaslFailure } from '../sasl/client.ts'
import { ClientFailure } from './client-failure.ts'
import type { SmtpClient } from './client.ts'

export type ClientLogin = { readonly username: string; readonly password: string }

/** More than any mechanism needs */
const maxSteps = 8

/** Throws ClientFailure when it does not come off. */
export async function logIn(client: SmtpClient, login: ClientLogin, signal: AbortSignal): Promise<void> {
  const { host } = client.options
  if (!maySendPassword(client))
    throw new ClientFailure(smtpReply(451, '4.7.11', `No password is sent to ${host} without TLS`))
  const offered = (client.features.get('AUTH') ?? '').split(' ').filter(Boolean)
  const channelBinding = client.connection.tls && channelBindingOf(client.connection.tls, 'client')
  try {
    const sasl = chooseMechanism(offered, { name: login.username, password: login.password, offered, channelBinding })
    if (!sasl) throw new ClientFailure(smtpReply(451, '4.7.0', `${host} offers no way to log in`))
    const initial = sasl.initial && toBase64(sasl.initial)
    client.writeLine(`AUTH ${sasl.mechanism}${initial === undefined ? '' : ` ${initial || '='}`}`)
    for (let steps = 0; ; steps++) {
      const reply = await client.reply(signal)
      if (reply.code === 235 && sasl.complete) return
      if (reply.code === 235) throw new SaslFailure('The server proved nothing')
      if (reply.code !== 334 || steps >= maxSteps) {
        const words = [reply.code, reply.enhanced, ...reply.lines].filter(Boolean).join(' ')
        throw new ClientFailure(smtpReply(451, '4.7.0', `${host} refuses our login: ${words}`))
      }
      const challenge = fromBase64(reply.lines[0]?.trim() ?? '')
      if (!challenge) throw new SaslFailure('The challenge is not base64')
      client.writeLine(toBase64(sasl.respond(challenge)))
    }
  } catch (error) {
    if (!(error instanceof SaslFailure)) throw error
    throw new ClientFailure(smtpReply(451, '4.7.0', `The login at ${host} failed: ${error.message}`), { cause: error })
  }
}

function maySendPassword({ connection, options: { to } }: SmtpClient): boolean {
  return connection.tls !== undefined || 'path' in to || to.address === '::1' || to.address.startsWith('127.')
}
