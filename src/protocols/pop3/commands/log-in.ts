import { saslPrep } from '#mail/passwords/saslprep.ts'
import { startSasl, offeredMechanisms } from '../../sasl/mechanisms.ts'
import { fromBase64, initialFromBase64, toBase64 } from '../../sasl/base64.ts'
import type { SaslStep } from '../../sasl/sasl.ts'
import type { Command, Peer } from '../command.ts'
import type { Authorization, Session } from '../session.ts'
import { texts } from '../texts.ts'

/** RFC 1939 §7. Any name is welcome: who exists is not told here. */
export const user = {
  states: ['authorization'],
  run(request, _session, peer) {
    if (!peer.mayLogIn) {
      peer.err(texts.tlsFirst)
      return undefined
    }
    peer.ok()
    return { kind: 'authorization', name: request.name }
  },
} satisfies Command<'user', Authorization>

export const pass = {
  states: ['authorization'],
  async run(request, session, peer) {
    if (!peer.mayLogIn) {
      peer.err(texts.tlsFirst)
      return undefined
    }
    if (session.name === undefined) {
      peer.err(texts.userFirst)
      return undefined
    }
    // RFC 6856 §2.2
    if (saslPrep(session.name) === undefined || saslPrep(request.password) === undefined)
      return peer.loggedIn({ kind: 'refused', reason: 'wrong-password' })
    const attempt = { ...peer.attempt, mechanism: 'USER' }
    return peer.loggedIn(await peer.authenticator.password(session.name, request.password, attempt))
  },
} satisfies Command<'pass', Authorization>

/** RFC 5034. Without a mechanism: the list, as clients from before CAPA ask for it. */
export const auth = {
  states: ['authorization'],
  async run(request, _session, peer) {
    const offered = mechanismsOf(peer)
    if (request.mechanism === undefined) {
      peer.ok()
      peer.write(`${offered.map(name => `${name}\r\n`).join('')}.\r\n`)
      return undefined
    }
    const initial = request.initial === undefined ? undefined : initialFromBase64(request.initial)
    if (request.initial !== undefined && !initial) {
      peer.err(texts.badInitial)
      return undefined
    }
    const { authenticator, attempt, channelBinding } = peer
    const step = startSasl(request.mechanism, initial, { authenticator, attempt, channelBinding }, offered)
    if (!step) {
      peer.err(peer.mayLogIn ? texts.noMechanism : texts.tlsFirst)
      return undefined
    }
    return exchange(await step, peer)
  },
} satisfies Command<'auth', Authorization>

/** Challenges as `+ base64`, responses as lines, `*` to give up. RFC 5034 §4 */
async function exchange(first: SaslStep, peer: Peer): Promise<Session | undefined> {
  let step = first
  while (step.kind === 'challenge') {
    peer.write(`+ ${toBase64(step.data)}\r\n`)
    const line = await peer.responseLine()
    if (line === undefined || line === '*') {
      peer.err(texts.givenUp)
      return undefined
    }
    const response = fromBase64(line)
    if (!response) {
      peer.err(texts.badResponse)
      return undefined
    }
    step = await step.next(response)
  }
  if (step.kind === 'done') return peer.loggedIn(step.result)
  peer.err({ en: step.reason, ja: texts.saslProblem.ja })
  return undefined
}

export function mechanismsOf(peer: Peer): readonly string[] {
  return offeredMechanisms({
    tls: peer.encrypted,
    scramReady: hash => peer.authenticator.scramReady(hash),
    channelBinding: peer.channelBinding,
    plaintextAllowed: peer.mayLogIn,
  })
}
