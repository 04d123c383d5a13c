import { loggedIn, type Command } from '../command.ts'
import { okAnd } from '../reply.ts'
import { unauthenticated } from '../session.ts'

/** UNAUTHENTICATE: as before the login, on the same connection and with the same TLS. A mailbox is left without EXPUNGE. RFC 8437 §2 */
export const unauthenticate = {
  name: 'UNAUTHENTICATE',
  states: loggedIn,
  run: (_request, _session, peer) =>
    okAnd(unauthenticated, 'UNAUTHENTICATE completed', `CAPABILITY ${peer.capabilities('unauthenticated')}`),
} satisfies Command<'UNAUTHENTICATE', 'authenticated' | 'selected'>
