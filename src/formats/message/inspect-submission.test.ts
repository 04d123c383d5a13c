import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { parseHeader } from './header.ts'
import { cut, fieldRanges, forgedResults } from './forged.ts'
import { inspectForSubmission } from './inspect-submission.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test('what is missing', () => {
  const seen = inspectForSubmission(utf8('To: a@b.example\r\n\r\nDate: in the body\r\n'))
  assert.deepEqual(seen.missing, ['date', 'message-id', 'from'])
  assert.deepEqual(seen.multiple, [])
  assert.equal(seen.headerBytes, 19)
})

test('what is there too often', () => {
  const seen = inspectForSubmission(
    utf8(
      'From: a@b.example\r\nfrom: c@d.example\r\nTo: x@y.example\r\nTO : x@y.example\r\nReceived: 1\r\nReceived: 2\r\n\r\n',
    ),
  )
  assert.deepEqual(seen.multiple, ['from', 'to'])
  assert.deepEqual(seen.from, ['a@b.example', 'c@d.example'])
})

test('authors and sender as addresses', () => {
  const seen = inspectForSubmission(
    utf8(
      'From: "A" <a..b@docomo.ne.jp>, "x y"@example.org, Group: g@example.org;\r\nSender: s@example.org (S)\r\n\r\n',
    ),
  )
  assert.deepEqual(seen.from, ['a..b@docomo.ne.jp', '"x y"@example.org', 'g@example.org'])
  assert.deepEqual(seen.sender, ['s@example.org'])
})

test('Bcc is found with its folds and cut out', () => {
  const message = utf8(
    'From: a@b.example\r\nBcc: one@example.org,\r\n two@example.org\r\nSubject: x\r\nResent-Bcc:\r\nBCC: three@example.org\r\n\r\nBcc: stays\r\n',
  )
  const { bcc } = inspectForSubmission(message)
  assert.equal(bcc.length, 3)
  assert.equal(text(cut(message, bcc)), 'From: a@b.example\r\nSubject: x\r\n\r\nBcc: stays\r\n')
})

test('bytes over 0x7f in the header', () => {
  assert.equal(inspectForSubmission(utf8('Subject: 山\r\n\r\n')).eightBitHeader, true)
  assert.equal(inspectForSubmission(utf8('Subject: a\r\n\r\n山')).eightBitHeader, false)
})

test('Authentication-Results that claim to be ours', () => {
  const message = utf8(
    'Authentication-Results: mx.home.test; spf=pass\r\n' +
      'authentication-results : (c) MX.Home.Test 1;\r\n dkim=pass\r\n' +
      'Authentication-Results: "mx.home.test"; none\r\n' +
      'Authentication-Results:\r\n\tmx.home.test/1; none\r\n' +
      'Authentication-Results: mx.home.test.; none\r\n' +
      'Authentication-Results: mx.internet.test; spf=pass\r\n' +
      'Authentication-Results: mx.home.test.example; spf=pass\r\n' +
      'X: mx.home.test; spf=pass\r\n\r\nAuthentication-Results: mx.home.test; body\r\n',
  )
  const kept = text(cut(message, forgedResults(message, 'mx.home.test')))
  assert.equal(
    kept,
    'Authentication-Results: mx.internet.test; spf=pass\r\n' +
      'Authentication-Results: mx.home.test.example; spf=pass\r\n' +
      'X: mx.home.test; spf=pass\r\n\r\nAuthentication-Results: mx.home.test; body\r\n',
  )
})

test('forged results in spellings that some readers take for our name', () => {
  for (const [own, spellings] of [
    [
      'mx.home.test',
      [
        '\0mx.home.test',
        ' \x01 (x)\0 mx.home.test',
        'mx.ho\0me.test',
        'ｍｘ.home.test',
        'mx。home．test',
        '"MX.Home.Test."',
      ],
    ],
    ['mx.xn--wgv71a.test', ['mx.日本.test', 'MX.XN--WGV71A.test', 'mx。日本。test']],
    ['mx.日本.test', ['mx.xn--wgv71a.test']],
  ] as const)
    for (const spelling of spellings) {
      const message = utf8(`Authentication-Results: ${spelling}; dmarc=pass\r\nA: b\r\n\r\n`)
      assert.equal(text(cut(message, forgedResults(message, own))), 'A: b\r\n\r\n', JSON.stringify(spelling))
    }
  const others = utf8(
    'Authentication-Results: mx.homé.test; spf=pass\r\nAuthentication-Results: \0\r\nAuthentication-Results:\r\n\r\n',
  )
  assert.deepEqual(forgedResults(others, 'mx.home.test'), [])
})

test('fields by name', () => {
  const message = utf8('X-Hikyaku-Facts: a\r\nA: b\r\nx-hikyaku-facts: c\r\n d\r\n\r\n')
  assert.equal(text(cut(message, fieldRanges(message, ['X-Hikyaku-Facts']))), 'A: b\r\n\r\n')
  assert.equal(cut(message, []), message)
})

test('nothing hides behind many fields', () => {
  const message = utf8(
    `${'A: b\r\n'.repeat(20_000)}Authentication-Results: mx.home.test; spf=pass\r\nBcc: a@b.example\r\n\r\n`,
  )
  assert.equal(forgedResults(message, 'mx.home.test').length, 1)
  assert.equal(inspectForSubmission(message).bcc.length, 1)
})

test('an endless From is none: nothing long is read while others wait', () => {
  for (const piece of ['(', '"', 'a@', '\\', ', '])
    assert.deepEqual(inspectForSubmission(utf8(`From: ${piece.repeat(100_000)}a@b.example\r\n\r\n`)).from, [], piece)
  const long = inspectForSubmission(utf8(`From: a@b.example\r\nSender: ${'x'.repeat(10_000)}\r\n\r\n`))
  assert.deepEqual(long.from, [])
})

test('a field is found with whatever blanks stand before its colon', () => {
  for (const blanks of [' ', '\t'.repeat(300), '\r\n ', ` \r\n\t${' '.repeat(500)}\r\n `]) {
    const message = utf8(
      `From: a@b.test\r\nAuthentication-Results${blanks}: mx.home.test; dmarc=pass\r\nTo: c@d.test\r\n\r\nx`,
    )
    const [range, ...more] = forgedResults(message, 'mx.home.test')
    assert.deepEqual([range?.offset, more.length], [16, 0], JSON.stringify(blanks))
    assert.equal(text(cut(message, range ? [range] : [])), 'From: a@b.test\r\nTo: c@d.test\r\n\r\nx')
  }
  for (const none of ['Stray text\r\n goes on: here\r\n\r\n', `${'x'.repeat(257)}: y\r\n\r\n`])
    assert.equal(parseHeader(utf8(none)).length, 0, JSON.stringify(none))
})
