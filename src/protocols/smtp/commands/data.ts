/** DATA. RFC 5321 §4.1.1.4 */
import { say, type Command } from '../outcome.ts'

export const data = {
  name: 'DATA',
  run(_, { state }) {
    if (state.kind !== 'mail') return say(503, '5.5.1', 'Say MAIL first')
    if (state.mail.envelope.recipients.length === 0) return say(503, '5.5.1', 'No recipient was accepted') // RFC 2033 §4.2
    if (state.mail.envelope.body === 'BINARYMIME') return say(503, '5.5.1', 'BINARYMIME travels by BDAT') // RFC 3030 §3
    return { kind: 'data', mail: state.mail }
  },
} satisfies Command<'DATA'>
