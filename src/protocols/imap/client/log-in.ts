/** AUTHENTICATE by the best mechanism that both know, LOGIN where there is none. RFC 9051 §6.2, RFC 4959 */
import { utf8 } from '#base/bytes.ts'
import type { ChannelBinding } from '../../sasl/channel-binding.ts'
import { fromBase64, toBase64 } from '../../sasl/base64.ts'
import { chooseMechanism, SaslFailure, type SaslClient } from '../../sasl/client.ts'
import { printRequest } from '../syntax/print-request.ts'
import type { ServerCapabilities } from './capabilities.ts'
import type { Conversation, Talk } from './conversation.ts'
import { LoginImpossible, ServerNonsense } from './failure.ts'
import type { ImapAnswer } from './response.ts'

export type ImapLogin = { readonly user: string; readonly password: string }

/** Any answer, NO too. Throws `LoginImpossible` when there is no way, or when the server turns out not to know the password. */
export async function logIn(
  conversation: Conversation,
  capabilities: ServerCapabilities,
  { user, password }: ImapLogin,
  channelBinding: ChannelBinding | undefined,
): Promise<ImapAnswer> {
  const offered = capabilities.mechanisms
  const sasl = chooseMechanism(offered, { name: user, password, channelBinding, offered })
  if (sasl) return authenticate(conversation, sasl, capabilities.has('SASL-IR'))
  if (capabilities.has('LOGINDISABLED')) throw new LoginImpossible('The server takes no login here')
  const request = { name: 'LOGIN', user: utf8(user), password: utf8(password) } as const
  return conversation.send('LOGIN', {}, tag => printRequest({ tag, request }, { nonSynchronizing: false }))
}

async function authenticate(conversation: Conversation, sasl: SaslClient, mayBegin: boolean): Promise<ImapAnswer> {
  let responding: Promise<unknown> | undefined
  const answer = await conversation.exchange('AUTHENTICATE', {}, async ({ tag }, talk) => {
    const initial = mayBegin && sasl.initial ? ` ${toBase64(sasl.initial) || '='}` : ''
    responding = respondAll(sasl, talk, `${tag} AUTHENTICATE ${sasl.mechanism}${initial}`, initial !== '')
    await responding
  })
  // a hasty server answers before we have given up
  const problem = await responding
  if (problem instanceof SaslFailure) throw new LoginImpossible(problem.message, { cause: problem })
  if (answer.status === 'OK' && !sasl.complete) {
    const cause = new ServerNonsense('Success without proof')
    throw conversation.fail(new LoginImpossible('The server has not proved that it knows the password', { cause }))
  }
  return answer
}

/** Why we gave up, if we did. */
async function respondAll(sasl: SaslClient, talk: Talk, command: string, begun: boolean): Promise<unknown> {
  let answer = await talk.ask(command)
  // the first challenge of a server that got no initial response is empty
  let isFirst = !begun
  while (answer.kind === 'go') {
    const challenge = fromBase64(answer.text.trim())
    try {
      if (!challenge) throw new SaslFailure('The challenge is not base64')
      const response = isFirst && sasl.initial ? sasl.initial : sasl.respond(challenge)
      isFirst = false
      answer = await talk.ask(toBase64(response))
    } catch (error) {
      if (!(error instanceof SaslFailure)) throw error
      await talk.ask('*')
      return error
    }
  }
  return undefined
}
