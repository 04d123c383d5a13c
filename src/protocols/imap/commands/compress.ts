import { loggedIn, type Command } from '../command.ts'
import { no, ok } from '../reply.ts'

/** COMPRESS DEFLATE: from the octet after this reply on, both ways. RFC 4978 §3 */
export const compress = {
  name: 'COMPRESS',
  states: loggedIn,
  run(_request, _session, peer) {
    if (peer.compressed) return no('COMPRESSIONACTIVE', 'DEFLATE is active already')
    peer.compress()
    return ok('DEFLATE active')
  },
} satisfies Command<'COMPRESS', 'authenticated' | 'selected'>
