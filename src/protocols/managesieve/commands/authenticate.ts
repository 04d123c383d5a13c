import { asciiText, emptyBytes } from '#base/bytes.ts'
import { fromBase64, toBase64 } from '../../sasl/base64.ts'
import { startSasl } from '../../sasl/mechanisms.ts'
import type { SaslStep } from '../../sasl/sasl.ts'
import type { Command, Peer } from '../command.ts'
import type { Session, Unauthenticated } from '../session.ts'
import { printString } from '../syntax/response.ts'
import { texts } from '../texts.ts'
import { mechanismsOf } from './connection.ts'

/** Challenges and responses are strings in base64, `"*"` gives up. RFC 5804 §2.1 */
export const authenticate = {
  states: ['unauthenticated'],
  async run({ initial, mechanism }, _session, peer) {
    if (!peer.mayLogIn) {
      peer.no(texts.tlsFirst, 'ENCRYPT-NEEDED')
      return undefined
    }
    const decoded = initial === undefined ? undefined : fromBase64(initial)
    if (initial !== undefined && !decoded) {
      peer.no(texts.badResponse)
      return undefined
    }
    const { attempt, authenticator, channelBinding } = peer
    const step = startSasl(mechanism, decoded, { authenticator, attempt, channelBinding }, mechanismsOf(peer))
    if (!step) {
      peer.no(texts.noMechanism)
      return undefined
    }
    return exchange(await step, peer, /^SCRAM-/i.test(mechanism))
  },
} satisfies Command<'authenticate', Unauthenticated>

async function exchange(first: SaslStep, peer: Peer, isScram: boolean): Promise<Session | undefined> {
  let step = first
  while (step.kind === 'challenge') {
    const { data } = step
    // What a mechanism says with its success stands in the OK: one round less, and a client that waits for it there is not left waiting
    if (isScram && asciiText(data).startsWith('v=')) {
      const end = await step.next(emptyBytes)
      if (end.kind === 'done') return peer.loggedIn(end.result, toBase64(data))
    }
    peer.writeLine(printString(toBase64(data)))
    const text = await peer.response()
    if (text === undefined || text === '*') {
      peer.no(texts.givenUp)
      return undefined
    }
    const response = fromBase64(text)
    if (!response) {
      peer.no(texts.badResponse)
      return undefined
    }
    step = await step.next(response)
  }
  if (step.kind === 'done') return peer.loggedIn(step.result)
  peer.no({ en: step.reason, ja: texts.saslProblem.ja })
  return undefined
}
