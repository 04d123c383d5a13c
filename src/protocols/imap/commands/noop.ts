import { anyState, mailboxSelected, type Command, type LiveKind } from '../command.ts'
import { ok } from '../reply.ts'

/** NOOP: a chance to hear the news, which follow every command. RFC 9051 §6.1.2 */
export const noop = {
  name: 'NOOP',
  states: anyState,
  run: () => ok('NOOP completed'),
} satisfies Command<'NOOP', LiveKind>

/** CHECK: everything answered with OK is on disk already. RFC 3501 §6.4.1 */
export const check = {
  name: 'CHECK',
  states: mailboxSelected,
  run: () => ok('CHECK completed'),
} satisfies Command<'CHECK', 'selected'>
