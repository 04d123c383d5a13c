import { loggedIn, type Command } from '../command.ts'
import { ok } from '../reply.ts'

/** NAMESPACE: all mailboxes are the user's own, levels parted by '/'. RFC 2342 */
export const namespace = {
  name: 'NAMESPACE',
  states: loggedIn,
  run(_request, _session, peer) {
    peer.output.write('* NAMESPACE (("" "/")) NIL NIL\r\n')
    return ok('NAMESPACE completed')
  },
} satisfies Command<'NAMESPACE', 'authenticated' | 'selected'>
