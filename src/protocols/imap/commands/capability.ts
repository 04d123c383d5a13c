import { anyState, type Command, type LiveKind } from '../command.ts'
import { ok } from '../reply.ts'

/** CAPABILITY: what may be used now. RFC 9051 §6.1.1 */
export const capability = {
  name: 'CAPABILITY',
  states: anyState,
  run(_request, session, peer) {
    const state = session.kind === 'unauthenticated' ? 'unauthenticated' : 'authenticated'
    peer.output.write(`* CAPABILITY ${peer.capabilities(state)}\r\n`)
    return ok('CAPABILITY completed')
  },
} satisfies Command<'CAPABILITY', LiveKind>
