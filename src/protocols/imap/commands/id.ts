import { anyState, type Command, type LiveKind } from '../command.ts'
import { ok } from '../reply.ts'

/** What is kept of a client's words about itself. */
const idValueLimit = 100

/** ID: who we are; what the client says of itself goes to the log. RFC 2971 */
export const id = {
  name: 'ID',
  states: anyState,
  run({ parameters }, _session, peer) {
    const says = (parameters ?? []).flatMap(({ field, value }) =>
      value === undefined ? [] : [[field.slice(0, 30), value.slice(0, idValueLimit)] as const],
    )
    // `client` is the address in every line of this session
    if (says.length > 0) peer.log.info('The client says what it is', { says: Object.fromEntries(says) })
    peer.output.write('* ID ("name" "Hikyaku" "vendor" "Hikyaku")\r\n')
    return ok('ID completed')
  },
} satisfies Command<'ID', LiveKind>
