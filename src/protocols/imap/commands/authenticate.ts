import { notLoggedIn, type Command } from '../command.ts'
import { no } from '../reply.ts'

/** AUTHENTICATE. RFC 9051 §6.2.2 */
export const authenticate = {
  name: 'AUTHENTICATE',
  states: notLoggedIn,
  run: () => no('CANNOT', 'This mechanism is not supported'),
} satisfies Command<'AUTHENTICATE', 'unauthenticated'>
