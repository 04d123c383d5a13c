import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { parseDate, printDate } from './date.ts'
import { printPhrase, unstructuredField } from './fold.ts'
import { decodeWords } from './encoded-word.ts'
import { parseHeader, unfold } from './header.ts'
import { type ReceivedFacts, messageId, received, returnPath, withProtocol } from './trace-fields.ts'
import { utf8 } from '#base/bytes.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const date = Date.UTC(2026, 10, 23, 2, 5, 12)

test('Received of a gateway', () => {
  const field = received({
    helo: 'mx.internet.test',
    clientAddress: '192.0.2.1',
    reverseName: 'mx.internet.test',
    by: 'mx.home.test',
    with: 'ESMTPS',
    id: 'gw.3.17',
    for: 'user@home.test',
    tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
    date,
    zoneMinutes: 540,
  })
  assert.equal(
    text(field),
    'Received: from mx.internet.test (mx.internet.test [192.0.2.1]) by mx.home.test\r\n' +
      '\twith ESMTPS (TLSv1.3) tls TLS_AES_256_GCM_SHA384 id gw.3.17 for\r\n' +
      '\t<user@home.test>; Mon, 23 Nov 2026 11:05:12 +0900\r\n',
  )
})

test('Received of other shapes', () => {
  const base: ReceivedFacts = { by: 'home.test', with: 'LMTP', id: 'a.1.2', date }
  assert.equal(text(received(base)), 'Received: by home.test with LMTP id a.1.2; Mon, 23 Nov 2026 02:05:12 +0000\r\n')
  assert.match(text(received({ ...base, clientAddress: '2001:db8::1' })), /from unknown \(\[IPv6:2001:db8::1\]\)/)
  assert.match(
    text(received({ ...base, helo: '[192.0.2.7]', clientAddress: '192.0.2.7' })),
    /from \[192\.0\.2\.7\] \(\[192\.0\.2\.7\]\)/,
  )
  assert.doesNotMatch(text(received({ ...base, for: '山田@home.test' })), /for/)
  assert.match(text(received({ ...base, with: 'UTF8LMTPS', for: '山田@home.test' })), /for\s<山田@home.test>/)
})

test('no value breaks out of its field', () => {
  const evil = fc.string({
    unit: fc.constantFrom('\r', '\n', '\0', '(', ')', '<', '>', ';', ' ', '"', '\\', 'a', 'é', '\u2028', 'X: y'),
    maxLength: 30,
  })
  const facts = fc.record({
    helo: evil,
    clientAddress: evil,
    reverseName: evil,
    by: evil,
    id: evil,
    for: evil,
    protocol: evil,
    cipher: evil,
    path: evil,
  })
  fc.assert(
    fc.property(facts, ({ protocol, cipher, path, ...rest }) => {
      for (const bytes of [
        received({ ...rest, with: 'ESMTP', tls: { protocol, cipher }, date }),
        returnPath(path),
        unstructuredField('X', path),
      ]) {
        const fields = parseHeader(bytes)
        assert.equal(fields.length, 1)
        assert.equal(fields[0]?.end, bytes.length)
        assert.doesNotMatch(text(bytes), /[\0-\x08\x0b\x0c\x0e-\x1f]|\r(?!\n)|(?<!\r)\n/)
      }
    }),
    { numRuns: 500 },
  )
})

test('Return-Path', () => {
  assert.equal(text(returnPath('')), 'Return-Path: <>\r\n')
  assert.equal(text(returnPath('a..b@docomo.ne.jp')), 'Return-Path: <a..b@docomo.ne.jp>\r\n')
  assert.equal(text(returnPath('"odd local"@example.org')), 'Return-Path: <"odd local"@example.org>\r\n')
  assert.equal(text(returnPath('a>\r\nX: <b')), 'Return-Path: <a???X: ?b>\r\n')
})

test('with: RFC 3848 and RFC 6531', () => {
  assert.equal(withProtocol({ plainSmtp: true, tls: false, authenticated: false }), 'SMTP')
  assert.equal(withProtocol({ tls: true, authenticated: true }), 'ESMTPSA')
  assert.equal(withProtocol({ tls: true, authenticated: false, smtpUtf8: true }), 'UTF8SMTPS')
  assert.equal(withProtocol({ lmtp: true, tls: false, authenticated: false }), 'LMTP')
})

test('message ids', () => {
  assert.match(messageId('home.test'), /^<[0-9a-f]{32}@home\.test>$/)
  assert.notEqual(messageId('home.test'), messageId('home.test'))
  assert.match(messageId('a>\r\nX: y'), /@localhost>$/)
})

test('what is printed is read back: dates', () => {
  const moment = fc.integer({ min: Date.UTC(1970, 0, 1) / 1000, max: Date.UTC(2999, 0, 1) / 1000 })
  fc.assert(
    fc.property(moment, fc.integer({ min: -14 * 60, max: 14 * 60 }), (seconds, zone) => {
      assert.equal(parseDate(utf8(printDate(seconds * 1000, zone))), seconds * 1000)
    }),
  )
})

test('what is printed is read back: text', () => {
  const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(words, pieces => {
      const value = pieces
        .join(' ')
        .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, '')
        .replace(/\s+/g, ' ')
        .trim()
      const bytes = unstructuredField('Subject', value)
      const field = parseHeader(bytes)[0]
      assert.ok(field)
      assert.equal(decodeWords(unfold(bytes, field)).replace(/\s+/g, ' '), value)
      assert.doesNotMatch(text(bytes), /[^\x20-\x7e\r\n\t]/)
    }),
    { numRuns: 500 },
  )
  assert.equal(printPhrase('Yamada, Taro'), '"Yamada, Taro"')
  assert.equal(printPhrase('Yamada Taro'), 'Yamada Taro')
  assert.equal(decodeWords(utf8(printPhrase('山田 太郎'))), '山田 太郎')
})
