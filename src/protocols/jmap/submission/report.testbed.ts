/** Reports on what was sent, for the tests of EmailSubmission: as others write them, and how they come in. */
import assert from 'node:assert/strict'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import { composeDsn } from '#formats/dsn/compose-dsn.ts'
import type { DsnAction } from '#formats/dsn/delivery-status.ts'
import { memorySource } from '#formats/message-source.ts'
import { delivery } from '#mail/accounts.testbed.ts'
import type { EmailId } from '#mail/ids.ts'
import type { JmapBed } from '../jmap.testbed.ts'

export type About = {
  /** Who was written to */
  readonly to: string
  /** With `displayed` an MDN, else a DSN */
  readonly action: DsnAction | 'displayed'
  readonly reply?: string
  /** As it stands in what comes back */
  readonly messageId?: string
  readonly envelopeId?: string
}

export function reportBytes({ action, envelopeId, messageId, reply, to }: About): Uint8Array {
  if (action === 'displayed') return receiptBytes(to, messageId)
  const { bytes } = composeDsn({
    kind: action === 'expanded' ? 'relayed' : action,
    status: {
      reportingMta: 'mx.example.com',
      ...(envelopeId !== undefined && { originalEnvelopeId: envelopeId }),
      recipients: [
        {
          finalRecipient: { type: 'rfc822', address: to },
          action,
          status: { failed: '5.1.1', delayed: '4.4.1' }[action as string] ?? '2.0.0',
          ...(reply !== undefined && { diagnostic: reply }),
        },
      ],
    },
    expired: [false],
    from: 'mailer@example.com',
    to: 'yuki@home.test',
    date: Date.parse('2026-11-27T10:00:00Z'),
    messageId: 'report@example.com',
    languages: ['en'],
    returned: {
      kind: 'header',
      bytes: messageId === undefined ? emptyBytes : utf8(`Subject: Plans\r\nMessage-ID: <${messageId}>\r\n`),
    },
    smtpUtf8: false,
  })
  return bytes
}

function receiptBytes(to: string, messageId = 'nothing@example.com'): Uint8Array {
  const lines = [
    `From: ${to}`,
    'To: yuki@home.test',
    'Subject: Read',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=disposition-notification; boundary=b',
    '',
    '--b',
    '',
    'It was shown.',
    '--b',
    'Content-Type: message/disposition-notification',
    '',
    `Final-Recipient: rfc822;${to}`,
    `Original-Message-ID: <${messageId}>`,
    'Disposition: manual-action/MDN-sent-manually; displayed',
    '',
    '--b--',
    '',
  ]
  return utf8(lines.join('\r\n'))
}

/** `id`: of its delivery, where that is not any */
export async function comesIn(
  { account, accounts }: Pick<JmapBed, 'account' | 'accounts'>,
  bytes: Uint8Array,
  id?: string,
): Promise<EmailId> {
  const options = { recipient: 'yuki@home.test', message: memorySource(bytes) }
  const one = delivery(account, options)
  const attempt = { ...one.attempt, ...(id !== undefined && { id: id as typeof one.attempt.id }) }
  const result = await accounts.deliver({ ...one, attempt }, AbortSignal.timeout(60_000))
  assert.equal(result.status, 'stored')
  return result.emailId
}
