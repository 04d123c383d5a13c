import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { ListAnswer } from '../recipient-list.ts'

export const relayDenied = smtpReply(550, '5.7.1', 'Relay access denied')
export const noSuchUser = smtpReply(550, '5.1.1', 'No such user here')
export const mailboxDisabled = smtpReply(550, '5.2.1', 'Mailbox disabled')
export const recipientOk = smtpReply(250, '2.1.5', 'Recipient OK')
/** The list is old: what it does not know may exist by now. Never a bounce for our own lag. */
export const cannotTell = smtpReply(451, '4.3.0', 'Cannot check this recipient right now, please try again later')

/** RCPT while home is away. Only a fresh list may say no for good. */
export function recipientFromList(answer: ListAnswer): SmtpReply {
  if (answer.kind === 'known') return recipientOk
  if (!answer.fresh) return cannotTell
  switch (answer.kind) {
    case 'unknown':
      return noSuchUser
    case 'disabled':
      return mailboxDisabled
    case 'not-ours':
      return relayDenied
    default:
      return answer satisfies never
  }
}
