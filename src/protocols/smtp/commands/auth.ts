/** AUTH. RFC 4954 §4: once, outside a transaction, and here only under TLS. */
import { mechanismsOffered } from '../sasl-session.ts'
import { say, type Command } from '../outcome.ts'

export const auth = {
  name: 'AUTH',
  run({ mechanism, initial }, session) {
    const { facts, profile, options, connection, state } = session
    if (!profile.auth) return say(503, '5.5.1', mxText(options.submissionHost))
    if (facts.login || facts.gateway !== undefined) return say(503, '5.5.1', 'You are logged in already')
    if (state.kind !== 'greeted') return say(503, '5.5.1', 'Not now')
    if (!connection.tls && options.tls && !options.plaintextLogins) return say(538, '5.7.11', 'STARTTLS first') // RFC 4954 §4
    if (!mechanismsOffered(session).includes(mechanism)) return say(504, '5.5.4', 'That mechanism is not offered')
    return { kind: 'auth', mechanism, initial }
  },
} satisfies Command<'AUTH'>

function mxText(submissionHost: string | undefined): string {
  const where = submissionHost === undefined ? 'the submission port (465 or 587)' : submissionHost
  return `This is the MX, which takes mail for its own domains; submit mail at ${where}`
}
