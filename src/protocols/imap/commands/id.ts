import { anyState, type Command, type LiveKind } from '../command.ts'
import { ok } from '../reply.ts'
import { capabilityState } from './capability.ts'

/** What is kept of a client's words about itself. */
const idValueLimit = 100

/** ID: who we are; what the client says of itself goes to the log. RFC 2971 */
export const id = {
  name: 'ID',
  states: anyState,
  run({ parameters }, session, peer) {
    const says = (parameters ?? []).flatMap(({ field, value }) =>
      value === undefined ? [] : [[field.slice(0, 30), value.slice(0, idValueLimit)] as const],
    )
    // `client` is the address in every line of this session
    if (says.length > 0) peer.log.info('The client says what it is', { says: Object.fromEntries(says) })
    const changed = peer.identify(parameters)
    peer.output.write('* ID ("name" "Hikyaku" "vendor" "Hikyaku")\r\n')
    // RFC 9051 §7.2.2: unasked, for what the greeting said holds no longer
    if (changed) peer.output.write(`* CAPABILITY ${peer.capabilities(capabilityState(session))}\r\n`)
    return ok('ID completed')
  },
} satisfies Command<'ID', LiveKind>
