/** STARTTLS. RFC 3207 §4 */
import { say, type Command } from '../outcome.ts'

export const starttls = {
  name: 'STARTTLS',
  run(_, session) {
    if (session.connection.tls) return say(503, '5.5.1', 'TLS is on already')
    if (!session.options.tls) return say(502, '5.5.1', 'TLS is not offered here')
    if (session.state.kind === 'connected') return say(503, '5.5.1', 'Say EHLO first')
    return { kind: 'tls' }
  },
} satisfies Command<'STARTTLS'>
