/** The small ones: RSET, NOOP, HELP, VRFY, EXPN, QUIT. RFC 5321 §4.1.1.5-10 */
import { say, sayAndClose, type Command } from '../outcome.ts'

export const rset = {
  name: 'RSET',
  run(_, session) {
    session.abandon()
    return say(250, '2.0.0', 'Forgotten')
  },
} satisfies Command<'RSET'>

export const noop = { name: 'NOOP', run: () => say(250, '2.0.0', 'Still here') } satisfies Command<'NOOP'>

export const help = {
  name: 'HELP',
  run: (_, session) =>
    say(
      214,
      '2.0.0',
      `Hikyaku speaks ${session.profile.protocol} as in RFC ${session.profile.protocol === 'LMTP' ? 2033 : 5321}`,
    ),
} satisfies Command<'HELP'>

/** RFC 5321 §7.3: names are not confirmed */
export const vrfy = {
  name: 'VRFY',
  run: () => say(252, '2.5.2', 'Send mail to it and see'),
} satisfies Command<'VRFY'>

export const expn = { name: 'EXPN', run: () => say(502, '5.5.1', 'Lists are not shown') } satisfies Command<'EXPN'>

export const quit = { name: 'QUIT', run: () => sayAndClose(221, '2.0.0', 'Goodbye') } satisfies Command<'QUIT'>
