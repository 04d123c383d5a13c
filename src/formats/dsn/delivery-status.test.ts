import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { type DeliveryStatus, dsnActions } from './delivery-status.ts'
import { parseDeliveryStatus } from './parse-status.ts'
import { fold, printDeliveryStatus } from './print-status.ts'

const second = fc.integer({ min: 0, max: 4_000_000_000 }).map(seconds => seconds * 1000)
const word = fc.stringMatching(/^[!-:<-~]{1,90}$/)
const words = fc.array(word, { minLength: 1, maxLength: 40 }).map(list => list.join(' '))
const name = fc.stringMatching(/^[a-z0-9]{1,20}(\.[a-z0-9]{1,20}){0,3}$/)
const status = fc.stringMatching(/^[245]\.[0-9]{1,3}\.[0-9]{1,3}$/)
const japanese = fc.string({ unit: fc.constantFrom(...Array.from('花子太郎飛脚a1.-=')), minLength: 1, maxLength: 20 })
const address = fc.oneof(
  fc.tuple(name, name).map(([local, domain]) => ({ type: 'rfc822', address: `${local}@${domain}` })),
  fc.tuple(japanese, name).map(([local, domain]) => ({ type: 'utf-8', address: `${local}@${domain}` })),
)
const optional = { requiredKeys: [] as [] }
const recipient = fc
  .tuple(
    fc.record({ finalRecipient: address, action: fc.constantFrom(...dsnActions), status }),
    fc.record(
      {
        originalRecipient: address,
        remoteMta: name,
        diagnostic: words,
        lastAttemptAt: second,
        willRetryUntil: second,
        finalLogId: name,
      },
      optional,
    ),
  )
  .map(([must, may]) => ({ ...must, ...may }))
const report: fc.Arbitrary<DeliveryStatus> = fc
  .tuple(
    fc.record({ reportingMta: name, recipients: fc.array(recipient, { minLength: 1, maxLength: 4 }) }),
    fc.record({ originalEnvelopeId: words, arrivedAt: second }, optional),
  )
  .map(([must, may]) => ({ ...must, ...may }))

test('what is printed is parsed back, in ASCII and in UTF-8', () => {
  fc.assert(
    fc.property(report, fc.boolean(), (value, global) => {
      const printed = printDeliveryStatus(value, global)
      assert.deepEqual(parseDeliveryStatus(utf8(printed)), value)
      if (!global) assert.doesNotMatch(printed, /[^\r\n -~]/)
    }),
  )
})

test('lines are folded and unfold to the same text', () => {
  fc.assert(
    fc.property(words, text => {
      const folded = fold(`Diagnostic-Code: ${text}`)
      assert.equal(folded.replaceAll('\r\n', ''), `Diagnostic-Code: ${text}`)
      for (const line of folded.split('\r\n')) assert.ok(line.length <= 110 && line.trim() !== '')
    }),
  )
})

test("a peer's words cannot begin a field or a recipient of their own", () => {
  const diagnostic = '550 no\r\nAction: delivered\r\n\r\nFinal-Recipient: rfc822; x@example.org\nStatus: 2.0.0'
  const value: DeliveryStatus = {
    reportingMta: 'mx.home.test',
    recipients: [
      { finalRecipient: { type: 'rfc822', address: 'a@internet.test' }, action: 'failed', status: '5.0.0', diagnostic },
    ],
  }
  const parsed = parseDeliveryStatus(utf8(printDeliveryStatus(value, false)))
  assert.equal(parsed?.recipients.length, 1)
  assert.equal(parsed?.recipients[0]?.action, 'failed')
})

// what others write, what we read of it, the reason
const inTheWild: readonly (readonly [string, string | undefined, string])[] = [
  [
    'Reporting-MTA: dns;mx.example\n\nFinal-Recipient: RFC822;a@b.example\nAction: Failed\nStatus: 5.1.1 (bad mailbox)\n',
    '5.1.1',
    'LF, case, comment',
  ],
  [
    'Reporting-MTA: dns; mx.example\r\n\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1',
    '5.1.1',
    'two empty lines',
  ],
  [
    'Reporting-MTA: dns; mx.example\r\n \r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1',
    '5.1.1',
    'a blank line with a space',
  ],
  [
    'Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: vanished\r\nStatus: 5.1.1',
    undefined,
    'no such action',
  ],
  ['Reporting-MTA: dns; mx.example\r\n', undefined, 'no recipient'],
  ['', undefined, 'nothing'],
]
for (const [text, expected, why] of inTheWild)
  test(`in the wild: ${why}`, () => assert.equal(parseDeliveryStatus(utf8(text))?.recipients[0]?.status, expected))

test('any bytes are read without harm', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), bytes => void parseDeliveryStatus(bytes)))
})
