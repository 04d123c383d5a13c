import { anyState, type Command, type LiveKind } from '../command.ts'
import { okAnd } from '../reply.ts'
import { gone } from '../session.ts'

/** LOGOUT. RFC 9051 §6.1.3 */
export const logout = {
  name: 'LOGOUT',
  states: anyState,
  run(_request, _session, peer) {
    peer.output.write(`* BYE Logging out\r\n`)
    return okAnd(gone(), 'LOGOUT completed')
  },
} satisfies Command<'LOGOUT', LiveKind>
