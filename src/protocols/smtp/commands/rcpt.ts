/** RCPT TO. RFC 5321 §4.1.1.3 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import { maxRefusedRecipients, recipientTimeoutMs } from '../limits.ts'
import { say, sayAndClose, type Command } from '../outcome.ts'
import type { Session } from '../session.ts'
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
    } else if (reply.code >= 500 && !session.profile.replyPerRecipient) {
      session.refusedRecipients++
      if (await isHarvest(reply, session)) return sayAndClose(421, '4.7.0', 'Too many recipients that do not exist')
    }
    return { kind: 'reply', reply }
  },
} satisfies Command<'RCPT'>

/** Somebody who tries names waits longer for each answer, and is sent away in the end. */
async function isHarvest(reply: SmtpReply, session: Session): Promise<boolean> {
  if (session.refusedRecipients > maxRefusedRecipients) return true
  if (reply.enhanced !== '5.1.1' || !session.visit) return false
  const { pauseMs, isEnough } = session.visit.recipientUnknown()
  if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: session.signal }).catch(() => undefined)
  return isEnough
}
