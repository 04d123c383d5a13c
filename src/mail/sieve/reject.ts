/** The letter that tells a sender that the owner refuses the message. RFC 5429 §2.1, §2.2 */
import { parseAddress } from '#formats/address/address.ts'
import { composeDsn } from '#formats/dsn/compose-dsn.ts'
import { composeMdn } from '#formats/dsn/compose-mdn.ts'
import { maxReturnedHeaderBytes } from '#formats/dsn/limits.ts'
import { parseMessageId } from '#formats/message/message-id.ts'
import { withLineEnds, type Composed } from './compose.ts'
import { recipientOf } from './envelope-test.ts'
import { fieldText } from './fields.ts'
import { rawValue } from './letter.ts'
import { originalHeader } from './mime-commands.ts'
import type { Run } from './run.ts'
import { ownMessageId } from './vacation.ts'

/** Undefined where nobody may be told: the null reverse-path */
export function rejection(
  run: Run,
  command: 'reject' | 'ereject',
  reason: string,
): ((index: number) => Composed) | undefined {
  if (!parseAddress(run.message.envelope.reversePath)) return undefined
  return command === 'reject' ? index => mdn(run, reason, index) : index => dsn(run, reason, index)
}

function mdn(run: Run, reason: string, index: number): Composed {
  const { ports, message } = run
  const inReplyTo = messageIdOf(run)
  const [subject] = run.letter.fields('subject')
  const original = recipientOf(run)?.originalRecipient
  const { bytes, ...kind } = composeMdn({
    from: message.recipient,
    to: message.envelope.reversePath,
    reportingUa: `${ports.environment.host}; Hikyaku`,
    subject: `Rejected: ${subject ? fieldText(run, subject).slice(0, 300) : ''}`.trim(),
    text: explanation(run, reason),
    date: run.now,
    messageId: ownMessageId(run, index),
    header: originalHeader(run, maxReturnedHeaderBytes),
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(original !== undefined && { originalRecipient: original }),
  })
  return { message: bytes, ...kind }
}

function explanation({ message }: Run, reason: string): string {
  const { recipient } = message
  const lines = [
    `Your message to <${recipient}> was refused by its recipient, who says:`,
    `<${recipient}> 宛てのメールは、受信者によって拒否されました。受信者からの理由:`,
    '',
    withLineEnds(reason).trimEnd(),
    '',
  ]
  return lines.join('\r\n')
}

function dsn(run: Run, reason: string, index: number): Composed {
  const { message, ports } = run
  const { envelope, recipient } = message
  const { host } = ports.environment
  const own = recipientOf(run)
  const inReplyTo = messageIdOf(run)
  const words = withLineEnds(reason).replaceAll('\r\n', ' ').trim()
  const nonAscii = /[^\0-\x7f]/.test(recipient)
  const original = own?.originalRecipient?.split(/;(.*)/s)
  const status = {
    finalRecipient: { type: nonAscii ? 'utf-8' : 'rfc822', address: own?.address ?? recipient },
    action: 'failed' as const,
    status: '5.7.1',
    ...(/^[ -~]+$/.test(words) && { diagnostic: `550 5.7.1 ${words}` }),
    ...(original?.[0] &&
      original[1] && { originalRecipient: { type: original[0].toLowerCase(), address: original[1] } }),
  }
  const { bytes, body, smtpUtf8 } = composeDsn({
    kind: 'failed',
    status: {
      reportingMta: host,
      arrivedAt: message.receivedAt,
      recipients: [status],
      ...(envelope.dsnEnvelopeId !== undefined && { originalEnvelopeId: envelope.dsnEnvelopeId }),
    },
    expired: [false],
    reasons: [{ en: `Refused by the recipient: ${words}`, ja: `受信者が拒否しました。理由: ${words}` }],
    from: `MAILER-DAEMON@${host}`,
    to: envelope.reversePath,
    date: run.now,
    messageId: ownMessageId(run, index),
    languages: ['en', 'ja'],
    returned: { kind: 'header', bytes: originalHeader(run, maxReturnedHeaderBytes) },
    smtpUtf8: envelope.smtpUtf8,
    ...(inReplyTo !== undefined && { inReplyTo }),
  })
  return { message: bytes, sevenBit: body === '7BIT', smtpUtf8 }
}

function messageIdOf(run: Run): string | undefined {
  const [field] = run.letter.fields('message-id')
  return field && parseMessageId(rawValue(field))
}
