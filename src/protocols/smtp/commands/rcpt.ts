/** RCPT TO. RFC 5321 §4.1.1.3 */
import { maxRefusedRecipients, recipientTimeoutMs } from '../limits.ts'
import { say, sayAndClose, type Command } from '../outcome.ts'
import { isAscii } from '../syntax/path.ts'
import { within } from '../within.ts'

export const rcpt = {
  name: 'RCPT',
  async run({ recipient }, session) {
    if (session.state.kind !== 'mail') return say(503, '5.5.1', 'Say MAIL first')
    const { mail } = session.state
    if (!mail.envelope.smtpUtf8 && !isAscii(recipient.address)) return say(553, '5.6.7', 'That address needs SMTPUTF8')
    if (mail.envelope.recipients.length >= (session.options.maxRecipients ?? session.profile.maxRecipients))
      return say(452, '4.5.3', 'Enough recipients for one message; send the rest in another') // RFC 5321 §4.5.3.1.10
    const reply = await within(recipientTimeoutMs, mail.transaction.recipient(recipient, session.over.signal))
    if (reply.code >= 200 && reply.code < 300) {
      const recipients = [...mail.envelope.recipients, recipient]
      session.state = { kind: 'mail', mail: { ...mail, envelope: { ...mail.envelope, recipients } } }
    } else if (
      reply.code >= 500 &&
      session.profile.name !== 'lmtp' &&
      ++session.refusedRecipients > maxRefusedRecipients
    )
      return sayAndClose(421, '4.7.0', 'Too many recipients that do not exist')
    return { kind: 'reply', reply }
  },
} satisfies Command<'RCPT'>
