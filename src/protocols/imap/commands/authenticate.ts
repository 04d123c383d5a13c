import { startSasl } from '../../sasl/mechanisms.ts'
import type { SaslStep } from '../../sasl/sasl.ts'
import { notLoggedIn, type Command } from '../command.ts'
import { logIn, loginReply } from '../login.ts'
import { channelBinding, mechanismsOffered } from '../mechanisms.ts'
import type { Peer } from '../peer.ts'
import { bad, no, okAnd, type Reply } from '../reply.ts'
import { gone } from '../session.ts'
import { decodeBase64 } from '../syntax/parse-request.ts'

/** AUTHENTICATE: challenges and responses in base64, one a line. RFC 9051 §6.2.2, initial response RFC 4959 */
export const authenticate = {
  name: 'AUTHENTICATE',
  states: notLoggedIn,
  async run({ mechanism, initial }, _session, peer) {
    if (!peer.mayLogIn) return no('PRIVACYREQUIRED', 'Use TLS first')
    const { mechanism: _, ...attempt } = peer.attempt(mechanism)
    const context = { authenticator: peer.authenticator, attempt, channelBinding: channelBinding(peer) }
    const first = startSasl(mechanism, initial, context, mechanismsOffered(peer))
    if (!first) return no('CANNOT', 'This mechanism is not offered')
    return exchange(await first, peer)
  },
} satisfies Command<'AUTHENTICATE', 'unauthenticated'>

async function exchange(first: SaslStep, peer: Peer): Promise<Reply> {
  let step = first
  while (step.kind === 'challenge') {
    const line = await peer.ask(Buffer.from(step.data).toString('base64'))
    if (line === undefined) return okAnd(gone(), 'The exchange was broken off')
    if (line.length === 1 && line[0] === 0x2a) return { status: 'BAD', text: 'The exchange was cancelled' }
    const response = line.length === 0 ? new Uint8Array(0) : decodeBase64(line)
    if (!response) return bad('The response is not base64')
    step = await step.next(response)
  }
  if (step.kind === 'bad') return bad(step.reason)
  const { result } = step
  return result.kind === 'ok' ? logIn(result.login, peer, 'AUTHENTICATE') : loginReply(result, peer)
}
