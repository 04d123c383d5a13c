import { loggedIn, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { ok } from '../reply.ts'

/** ENABLE: names we do not know are passed over; only what changed is told. RFC 5161 §3.1 */
export const enable = {
  name: 'ENABLE',
  states: loggedIn,
  run({ capabilities }, session, peer) {
    const changed = capabilities.includes('CONDSTORE') && enableCondstore(session, peer, { quiet: true })
    peer.output.write(`* ENABLED${changed ? ' CONDSTORE' : ''}\r\n`)
    return ok('ENABLE completed')
  },
} satisfies Command<'ENABLE', 'authenticated' | 'selected'>
