import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { describeMessage } from './describe.ts'
import { readEnvelope } from './read-envelope.ts'

test('what an ENVELOPE says, with literals, groups and quotes', () => {
  const { envelope } = describeMessage(
    utf8(
      'Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nSubject: 会議 "x"\r\nFrom: "A \\"B\\" C" <a.b@one.test>, z@two.test\r\n' +
        'To: Team: c@three.test;\r\nCc: d@four.test\r\nIn-Reply-To: <1@x>\r\nMessage-ID: <2@x>\r\n\r\n',
    ),
  )
  assert.deepEqual(texts(readEnvelope(envelope)), {
    date: 'Mon, 7 Feb 1994 21:52:25 -0800',
    subject: '会議 "x"',
    from: { name: 'A "B" C', mailbox: 'a.b', host: 'one.test' },
    to: { name: undefined, mailbox: 'Team', host: undefined },
    cc: { name: undefined, mailbox: 'd', host: 'four.test' },
    inReplyTo: '<1@x>',
    messageId: '<2@x>',
  })
})

test('an envelope of nothing', () => {
  const nothing = { date: undefined, subject: undefined, from: undefined, to: undefined, cc: undefined }
  const read = texts(readEnvelope(describeMessage(utf8('\r\n')).envelope))
  assert.deepEqual(read, { ...nothing, inReplyTo: undefined, messageId: undefined })
})

test('texts of any octets come back as they went in', () => {
  const value = fc
    .stringMatching(/^[!-~\u00e0-\u00ff\u4e00-\u4e20]([ -~\u00e0-\u00ff\u4e00-\u4e20]{0,30}[!-~\u00e0-\u00ff])?$/)
    .map(text => text.trim())
  fc.assert(
    fc.property(value, value, (subject, messageId) => {
      const header = `Subject: ${subject}\r\nTo: x@y\r\nMessage-ID: ${messageId}\r\n\r\n`
      const read = texts(readEnvelope(describeMessage(utf8(header)).envelope))
      assert.equal(read['subject'], subject)
      assert.equal(read['messageId'], messageId)
    }),
  )
})

test('no bytes make it throw or go on for ever', () => {
  fc.assert(fc.property(fc.uint8Array(), bytes => void readEnvelope(bytes)))
})

function texts(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, field]: [string, unknown]) => {
      if (field instanceof Uint8Array) return [key, new TextDecoder().decode(field)]
      return [key, typeof field === 'object' && field !== null ? texts(field) : field]
    }),
  )
}
