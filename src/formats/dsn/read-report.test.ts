import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { readerOf } from '../message/byte-reader.ts'
import { composeMdn } from './compose-mdn.ts'
import { readReport } from './read-report.ts'

function report(type: string, parts: readonly (readonly [type: string, body: string])[]): Uint8Array {
  const all = parts.map(([one, body]) => `--b\r\nContent-Type: ${one}\r\n\r\n${body}\r\n`)
  const header = `From: mailer@example.com\r\nContent-Type: multipart/report; report-type=${type}; boundary=b\r\n\r\n`
  return utf8(`${header}${all.join('')}--b--\r\n`)
}

function read(bytes: Uint8Array) {
  return readReport(readerOf(bytes))
}

const status = [
  'Reporting-MTA: dns; cs.utk.edu\r\nOriginal-Envelope-Id: QQ314159\r\n\r\n',
  "Original-Recipient: rfc822;arathib@vnet.ibm.com\r\nFinal-Recipient: rfc822;arathib@vnet.ibm.com\r\nAction: failed\r\nStatus: 5.0.0 (permanent failure)\r\nDiagnostic-Code: smtp; 550 'arathib@vnet.IBM.COM' is not a registered gateway user\r\nRemote-MTA: dns; vnet.ibm.com\r\n\r\n",
  'Original-Recipient: rfc822;johnh@hpnjld.njd.hp.com\r\nFinal-Recipient: rfc822;johnh@hpnjld.njd.hp.com\r\nAction: delayed\r\nStatus: 4.0.0 (hpnjld.njd.jp.com: host name lookup failure)\r\n\r\n',
  'Original-Recipient: rfc822;wsnell@sdcc13.ucsd.edu\r\nFinal-Recipient: rfc822;wsnell@sdcc13.ucsd.edu\r\nAction: delivered\r\nStatus: 2.0.0\r\nDiagnostic-Code: X-Notes; yes\r\n',
].join('')

test('RFC 3464, appendix E.2: a report on several recipients', () => {
  const wanted = {
    kind: 'dsn',
    envelopeId: 'QQ314159',
    recipients: [
      {
        original: 'arathib@vnet.ibm.com',
        final: 'arathib@vnet.ibm.com',
        delivered: 'no',
        reply: "550 'arathib@vnet.IBM.COM' is not a registered gateway user",
      },
      { original: 'johnh@hpnjld.njd.hp.com', final: 'johnh@hpnjld.njd.hp.com' },
      { original: 'wsnell@sdcc13.ucsd.edu', final: 'wsnell@sdcc13.ucsd.edu', delivered: 'yes' },
    ],
  }
  const text = ['text/plain', 'Sorry'] as const
  const machine = ['message/delivery-status', status] as const
  assert.deepEqual(read(report('delivery-status', [text, machine])), wanted)
  const named = { ...wanted, messageId: '199509192301.AA25067@cs.utk.edu' }
  const field = 'Subject: ?\r\nMessage-ID: <199509192301.AA25067@cs.utk.edu>\r\n'
  for (const returned of [
    ['message/rfc822', `${field}\r\nMessage-ID: <other@example.com>\r\n`],
    ['text/rfc822-headers', field],
    ['message/global-headers\r\nContent-Transfer-Encoding: base64', Buffer.from(field).toString('base64')],
  ] as const)
    assert.deepEqual(read(report('delivery-status', [text, machine, returned])), named, returned[0])
})

test('RFC 8098 §9: that it was displayed, and what else may be said', () => {
  const notification = (disposition: string) =>
    `Reporting-UA: joes-pc.cs.example.com; Foomail 97.1\r\nOriginal-Recipient: rfc822;Joe_Recipient@example.com\r\nFinal-Recipient: rfc822;Joe_Recipient@example.com\r\nOriginal-Message-ID: <199509192301.23456@example.org>\r\nDisposition: ${disposition}\r\n`
  const recipient = { original: 'Joe_Recipient@example.com', final: 'Joe_Recipient@example.com' }
  const wanted = { kind: 'mdn', messageId: '199509192301.23456@example.org', recipients: [recipient] }
  const told = (disposition: string) =>
    read(
      report('disposition-notification', [
        ['text/plain', '!'],
        ['message/disposition-notification', notification(disposition)],
      ]),
    )
  for (const disposition of [
    'manual-action/MDN-sent-manually; displayed',
    'automatic-action/MDN-sent-automatically;Displayed/error',
  ])
    assert.deepEqual(told(disposition), { ...wanted, recipients: [{ ...recipient, displayed: true }] }, disposition)
  for (const disposition of ['manual-action/MDN-sent-manually; deleted', 'a/b; dispatched', 'a/b; displayed-not'])
    assert.deepEqual(told(disposition), wanted, disposition)
  for (const disposition of ['', 'displayed', 'manual-action/MDN-sent-manually;'])
    assert.equal(told(disposition), undefined, disposition)
})

test('our own notification is read again', () => {
  const { bytes } = composeMdn({
    from: '花子@example.jp',
    to: 'yuki@home.test',
    reportingUa: 'home.test; Hikyaku',
    subject: 'No',
    text: 'No\r\n',
    date: 0,
    messageId: 'm@home.test',
    inReplyTo: 'first@home.test',
    header: utf8('Message-ID: <second@home.test>\r\n\r\n'),
  })
  assert.deepEqual(read(bytes), {
    kind: 'mdn',
    messageId: 'first@home.test',
    recipients: [{ final: '花子@example.jp' }],
  })
})

test('what is no report says nothing, and what is long is cut', () => {
  assert.equal(read(utf8('Subject: no\r\n\r\nReporting-MTA: dns; a\r\n')), undefined)
  assert.equal(read(report('delivery-status', [['text/plain', status]])), undefined)
  assert.equal(read(report('delivery-status', [['message/delivery-status', 'Reporting-MTA: dns; a']])), undefined)
  const mixed = Buffer.from(report('delivery-status', [['message/delivery-status', status]])).toString()
  assert.equal(read(utf8(mixed.replace('multipart/report', 'multipart/mixed'))), undefined)
  const group = `Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 550 ${'x'.repeat(5000)}\r\n\r\n`
  const long = read(
    report('delivery-status', [['message/delivery-status', `Reporting-MTA: dns; a\r\n\r\n${group.repeat(400)}`]]),
  )
  const kept = long?.recipients ?? []
  assert.ok(kept.length > 50 && JSON.stringify(kept).length < 40_000)
  assert.ok(kept.every(({ reply }) => reply?.length === 300))
  const many = read(
    report('delivery-status', [
      ['message/delivery-status', `Reporting-MTA: dns; a\r\n\r\n${group.replace(/Diag.*\r\n/, '').repeat(400)}`],
    ]),
  )
  assert.equal(many?.recipients.length, 200)
})

test('names longer than any name are not kept: a megabyte of them would be read with each look at submissions', () => {
  const long = `${'x'.repeat(200_000)}@b.example`
  const group = (final: string, original: string) =>
    `Original-Recipient: rfc822; ${original}\r\nFinal-Recipient: rfc822; ${final}\r\nAction: failed\r\nStatus: 5.0.0\r\n\r\n`
  const groups = group(long, 'a@b.example') + group('a@b.example', long)
  const status = `Reporting-MTA: dns; a\r\nOriginal-Envelope-Id: ${long}\r\n\r\n${groups}`
  assert.deepEqual(read(report('delivery-status', [['message/delivery-status', status]])), {
    kind: 'dsn',
    recipients: [{ final: 'a@b.example', delivered: 'no' }],
  })
  const shown = `Final-Recipient: rfc822; ${long}\r\nOriginal-Message-ID: <m@b.example>\r\nDisposition: a/b; displayed\r\n`
  assert.deepEqual(read(report('disposition-notification', [['message/disposition-notification', shown]])), {
    kind: 'mdn',
    messageId: 'm@b.example',
    recipients: [],
  })
})
