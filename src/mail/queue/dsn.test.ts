import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import test from 'node:test'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import { parseDeliveryStatus } from '#formats/dsn/parse-status.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import type { NewEntry } from './queue.ts'
import type { DeliveryId } from '../ids.ts'
import { asked } from './attempt.ts'
import { dsnFor } from './dsn.ts'
import type { QueueReport } from './report.ts'

type ParsedMail = {
  readonly headers: ReadonlyMap<string, unknown>
  readonly inReplyTo?: string
  readonly subject?: string
  readonly text?: string
  readonly attachments: readonly { readonly contentType: string; readonly content: Uint8Array }[]
}
/** It has no types of its own. */
const { simpleParser } = (await import('mailparser' as string)) as {
  simpleParser: (text: string, options: { keepDeliveryStatus: true }) => Promise<ParsedMail>
}

const received = Date.UTC(2026, 10, 23, 1, 2, 3)
const now = received + 4 * 3600 * 1000
const options = { reportingMta: 'mail.home.test', from: 'postmaster@home.test', now, lifetimeMs: 5 * 24 * 3600 * 1000 }
const original = [
  'From: hanako@home.test',
  'To: aki@internet.test',
  'Subject: =?UTF-8?B?44GT44KT44Gr44Gh44Gv?=',
  'Message-ID: <m1@home.test>',
  '',
  'Text of the letter',
  '',
].join('\r\n')

type Change = {
  kind?: QueueReport['kind']
  envelope?: Partial<Envelope>
  recipient?: EnvelopeRecipient
  result?: RecipientResult
  expired?: boolean
  body?: string
}

function report({
  kind = 'failed',
  envelope,
  recipient,
  result,
  expired = false,
  body = original,
}: Change): QueueReport {
  const to = recipient ?? { address: 'aki@internet.test' }
  const message = memorySource(utf8(body))
  return {
    kind,
    group: 0,
    expiresAt: received + 5 * 24 * 3600 * 1000,
    message: {
      id: 'home.3.7' as DeliveryId,
      envelope: { reversePath: 'hanako@home.test', recipients: [to], body: '7BIT', smtpUtf8: false, ...envelope },
      facts: '{}',
      trace: emptyBytes,
      received: message,
      whole: message,
      receivedAt: received,
      confirmed: true,
    },
    recipients: [{ position: 0, recipient: to, result, attempts: result ? 3 : 0, expired }],
  }
}

const no: RecipientResult = {
  status: 'failed',
  reply: {
    code: 550,
    enhanced: '5.1.1',
    lines: ['<aki@internet.test>: Recipient address rejected:', 'User unknown in local table'],
  },
}
const away: RecipientResult = {
  status: 'deferred',
  reply: { code: 451, enhanced: '4.4.1', lines: ['No connection to mx.internet.test'] },
}
const ok: RecipientResult = { status: 'delivered', reply: { code: 250, lines: ['Ok: queued as 12345'] } }

const golden: Readonly<Record<string, Change>> = {
  failed: {
    result: no,
    recipient: { address: 'aki@internet.test', originalRecipient: 'rfc822;aki+list@internet.test' },
    envelope: { dsnEnvelopeId: 'QQ314159', dsnReturn: 'HDRS' },
  },
  'failed-full': { result: no, envelope: { dsnReturn: 'FULL' } },
  expired: { result: away, expired: true },
  delayed: { kind: 'delayed', result: away },
  relayed: { kind: 'delivered', result: ok },
  smtputf8: { result: no, recipient: { address: '亜紀@internet.test' }, envelope: { smtpUtf8: true } },
}

async function textOf(entry: NewEntry): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of entry.message.open()) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

for (const [name, change] of Object.entries(golden))
  test(`the report ${name} is as it was agreed, and readable by others`, async () => {
    const entry = await dsnFor(report(change), options)
    assert.ok(entry)
    const text = await textOf(entry)
    const file = new URL(`../../formats/dsn/golden/${name}.eml`, import.meta.url)
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text)
    assert.equal(text, readFileSync(file, 'utf8'))
    assert.equal(entry.envelope.reversePath, '')
    assert.deepEqual(entry.envelope.recipients, [{ address: 'hanako@home.test' }])
    assert.equal(entry.envelope.body, /[^\0-\x7f]/.test(text) ? '8BITMIME' : '7BIT')
    for (const line of text.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 998 && !/[\r\n]/.test(line))
    await readByOthers(text)
  })

async function readByOthers(text: string): Promise<void> {
  const mail = await simpleParser(text, { keepDeliveryStatus: true })
  assert.equal(mail.headers.get('auto-submitted'), 'auto-replied')
  assert.equal(mail.inReplyTo, '<m1@home.test>')
  assert.match(mail.subject ?? '', /^Your message .* \/ メール/)
  assert.match(mail.text ?? '', /次の宛先/)
  const contentType = mail.headers.get('content-type') as { value: string; params: Record<string, string> }
  assert.equal(contentType.value, 'multipart/report')
  const status = mail.attachments.find(part => part.contentType.endsWith(contentType.params['report-type'] ?? '?'))
  assert.equal(status && parseDeliveryStatus(status.content)?.reportingMta, 'mail.home.test')
}

test("the remote's words stand there verbatim, the original recipient too", async () => {
  const text = await textOf((await dsnFor(report(golden['failed'] ?? {}), options)) as NewEntry)
  const unfolded = text.replaceAll('\r\n ', ' ')
  assert.match(
    unfolded,
    /Diagnostic-Code: smtp; 550 5\.1\.1 <aki@internet\.test>: Recipient address rejected: User unknown in local table/,
  )
  assert.match(unfolded, /Original-Recipient: rfc822; aki\+list@internet\.test/)
  assert.match(unfolded, /Original-Envelope-Id: QQ314159/)
})

test('a success is `delivered` in our own mailboxes and `relayed` elsewhere', async () => {
  const action = async (isFinal?: (address: string) => boolean) => {
    const entry = await dsnFor(report({ kind: 'delivered', result: ok }), { ...options, ...(isFinal && { isFinal }) })
    return /^Action: (\w+)/m.exec(await textOf(entry as NewEntry))?.[1]
  }
  assert.equal(await action(), 'relayed')
  assert.equal(await action(address => address.endsWith('@internet.test')), 'delivered')
  assert.equal(await action(() => false), 'relayed')
})

test('a null reverse-path is never answered', async () => {
  assert.equal(await dsnFor(report({ result: no, envelope: { reversePath: '' } }), options), undefined)
})

test('a report that cannot reach one of our people is told to their postmaster, once', async () => {
  const ours = { ...options, isFinal: (address: string) => address.endsWith('@home.test') }
  const bounced = (facts: object, address = 'hanako@home.test') => {
    const given = report({ result: no, envelope: { reversePath: '' }, recipient: { address } })
    return dsnFor({ ...given, message: { ...given.message, facts: JSON.stringify(facts) } }, ours)
  }
  const entry = await bounced({ dsnOf: 'home.3.6' })
  assert.deepEqual(entry?.envelope.recipients, [{ address: 'postmaster@home.test' }])
  assert.equal(entry?.envelope.reversePath, '')
  assert.equal(await bounced(JSON.parse(entry?.facts ?? '{}') as object, 'postmaster@home.test'), undefined)
  assert.equal(await bounced(JSON.parse(entry?.facts ?? '{}') as object), undefined, 'not a third time')
  assert.equal(await bounced({ dsnOf: 'home.3.6' }, 'forged@internet.test'), undefined, 'never to a stranger')
  assert.equal(await bounced({ dsnOf: 'home.3.6' }, 'postmaster@home.test'), undefined)
  assert.equal(await bounced({}), undefined, 'an automatic reply just ends')
})

test('the same report has the same id, another kind or group another', async () => {
  const id = async (change: Change, group = 0) => (await dsnFor({ ...report(change), group }, options))?.id
  assert.equal(await id({ result: no }), await id({ result: no }))
  assert.notEqual(await id({ result: no }), await id({ kind: 'delayed', result: away }))
  assert.notEqual(await id({ result: no }), await id({ result: no }, 1))
})

// NOTIFY, then whether failed, delayed, delivered are told. RFC 3461 §4.1, §5.2.6
const notify: readonly (readonly [EnvelopeRecipient['notify'], string])[] = [
  [undefined, 'failed delayed'],
  [{ never: true }, ''],
  [{ success: true, failure: false, delay: false }, 'delivered'],
  [{ success: false, failure: true, delay: false }, 'failed'],
  [{ success: false, failure: false, delay: true }, 'delayed'],
  [{ success: true, failure: true, delay: true }, 'failed delayed delivered'],
]
for (const [value, told] of notify)
  test(`NOTIFY ${JSON.stringify(value)}: ${told || 'nothing'} is told`, () => {
    const recipient = { address: 'a@internet.test', ...(value && { notify: value }) }
    assert.equal((['failed', 'delayed', 'delivered'] as const).filter(kind => asked(recipient, kind)).join(' '), told)
  })

test('hostile originals: bare line ends, endless lines and headers, our boundary, a huge body', async () => {
  const hostile = [
    'Subject: a\nb\r\n\r\ntext',
    `X: ${'y'.repeat(5000)}\r\n\r\ntext`,
    'Z: z\r\n'.repeat(20_000),
    'no line end at all'.repeat(5000),
    '',
    'Message-ID: <a\r\nBcc: x@example.org>\r\n\r\n',
    `Subject: big\r\n\r\n${'0123456789\r\n'.repeat(50_000)}`,
    'Subject: b\r\n\r\n--=_report_home_3_7_dsn_failed_0_mail_home_test\r\n',
  ]
  for (const body of hostile) {
    const entry = await dsnFor(report({ result: no, envelope: { dsnReturn: 'FULL' }, body }), options)
    assert.ok(entry && entry.message.sizeBytes < 300_000)
    const text = await textOf(entry)
    for (const line of text.split('\r\n')) assert.ok(line.length <= 998 && !/[\r\n]/.test(line), line.slice(0, 40))
    const mail = await simpleParser(text, { keepDeliveryStatus: true })
    assert.equal(mail.headers.get('bcc'), undefined)
    assert.equal(mail.attachments.length, 2)
  }
})
