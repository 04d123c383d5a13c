import { notLoggedIn, type Command } from '../command.ts'
import { bad, ok } from '../reply.ts'

/** STARTTLS. RFC 9051 §6.2.1 */
export const starttls = {
  name: 'STARTTLS',
  states: notLoggedIn,
  run(_request, _session, peer) {
    if (peer.tls) return bad('TLS is already active')
    if (!peer.canStartTls) return bad('TLS is not available')
    peer.startTls()
    return ok('Begin TLS negotiation now')
  },
} satisfies Command<'STARTTLS', 'unauthenticated'>
