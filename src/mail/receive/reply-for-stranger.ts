import { isPermanent, smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'

export const tryLater = smtpReply(451, '4.3.0', 'Temporary trouble here, please try again later')

const judgingCodes = [550, 551, 552, 553, 554, 556]
/** RFC 3463 §3: subjects that judge an address, a mailbox or a message, rather than how two systems get along */
const judgingStatus = /^5\.(?:1\.\d+|2\.\d+|3\.4|4\.6|6\.\d+|7\.\d+)$/
/** Log-in, trust, relaying: between a sender and home stands a gateway of ours, so these are about the gateway. */
const trustStatus = /^5\.7\.(?:0|8|9|11|14)$/

/**
 * What a stranger hears when home says no. A 5xx passes only where it judges the recipient or the message; one that tells of two
 * boxes of ours which disagree (commands, parameters, log-in, relaying) is our fault and becomes a 451.
 */
export function replyForStranger(reply: SmtpReply, stage: 'recipient' | 'message'): SmtpReply {
  return isPermanent(reply) && !judges(reply, stage) ? tryLater : reply
}

/**
 * Home does not believe this gateway: a wrong link key, another name, a clock far off (RFC 3463 §3.8, X.7.0). No sender can mend
 * that by coming again, so the message waits with us and not with strangers, who would give up before the owner looks.
 */
export function isMistrust({ enhanced }: SmtpReply): boolean {
  return enhanced === '4.7.0'
}

function judges({ code, enhanced }: SmtpReply, stage: 'recipient' | 'message'): boolean {
  if (!judgingCodes.includes(code)) return false
  if (enhanced === undefined) return code !== 554
  if (stage === 'recipient' && enhanced === '5.7.1') return false
  return judgingStatus.test(enhanced) && !trustStatus.test(enhanced)
}
