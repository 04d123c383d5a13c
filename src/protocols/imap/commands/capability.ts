import { anyState, type Command, type LiveKind } from '../command.ts'
import { ok } from '../reply.ts'
import type { Session } from '../session.ts'

/** CAPABILITY: what may be used now. RFC 9051 §6.1.1 */
export const capability = {
  name: 'CAPABILITY',
  states: anyState,
  run(_request, session, peer) {
    peer.output.write(`* CAPABILITY ${peer.capabilities(capabilityState(session))}\r\n`)
    return ok('CAPABILITY completed')
  },
} satisfies Command<'CAPABILITY', LiveKind>

export function capabilityState(session: Session): 'unauthenticated' | 'authenticated' {
  return session.kind === 'unauthenticated' ? 'unauthenticated' : 'authenticated'
}
