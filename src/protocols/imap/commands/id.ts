import { anyState, type Command, type LiveKind } from '../command.ts'
import { ok } from '../reply.ts'

/** What is kept of a client's words about itself. */
const idValueLimit = 100

/** ID: who we are; what the client says of itself goes to the log. RFC 2971 */
export const id = {
  name: 'ID',
  states: anyState,
  run({ parameters }, _session, peer) {
    const client: Record<string, string> = {}
    for (const { field, value } of parameters ?? [])
      if (value !== undefined) client[field.slice(0, 30)] = value.slice(0, idValueLimit)
    if (parameters && parameters.length > 0) peer.log.info('The client says what it is', { client })
    peer.output.write('* ID ("name" "Hikyaku" "vendor" "Hikyaku")\r\n')
    return ok('ID completed')
  },
} satisfies Command<'ID', LiveKind>
