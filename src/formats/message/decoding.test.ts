// Encoded words, parameters, transfer encodings, dates and the text of a letter.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { mailboxesOf, parseAddressList } from './address-list.ts'
import { parseContentType, parseDisposition } from './content.ts'
import { parseDate } from './date.ts'
import { decodeWords } from './encoded-word.ts'
import { headerLength, parseHeader, unfold } from './header.ts'
import { decodeParameters, fileName, joinContinuations } from './parameters.ts'
import { textOf } from './text-of.ts'
import { decodeBase64, decodeQuotedPrintable } from './transfer.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const words = (value: string) => decodeWords(utf8(value))

test('encoded words: the examples of RFC 2047 §8', () => {
  assert.equal(words('=?ISO-8859-1?Q?a?='), 'a')
  assert.equal(words('=?ISO-8859-1?Q?a?= b'), 'a b')
  assert.equal(words('=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?='), 'ab')
  assert.equal(words('=?ISO-8859-1?Q?a?=  \t=?ISO-8859-1?Q?b?='), 'ab')
  assert.equal(words('=?ISO-8859-1?Q?a_b?='), 'a b')
  assert.equal(words('=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?='), 'a b')
})

test('encoded words as they are met', () => {
  assert.equal(words('=?utf-8?B?5bGx5w==?= =?utf-8?B?lLA=?='), '山田', 'a character over two words')
  assert.equal(words('=?utf-8*ja?b?5bGx?='), '山', 'a language, RFC 2231 §5')
  assert.equal(words('=?utf-8?Q?a b?='), 'a b', 'a blank inside')
  assert.equal(words('=?utf-8?Q?=E5=B1=B1?x'), '=?utf-8?Q?=E5=B1=B1?x')
  assert.equal(words('=?utf-8?X?abc?= =?'), '=?utf-8?X?abc?= =?')
  assert.equal(words('a=?utf-8?Q?b?=c'), 'abc', 'no blanks around')
  assert.equal(words('=?utf-8?Q?=ZZ=?='), '=ZZ=')
})

test('addresses: what stands in the wild', () => {
  const read = (value: string) =>
    mailboxesOf(parseAddressList(Buffer.from(value, 'utf8'))).map(mailbox => [
      mailbox.name && words(text(mailbox.name)),
      text(mailbox.localpart),
      mailbox.domain && text(mailbox.domain),
    ])
  assert.deepEqual(read('Yamada, Taro <t@example.org>'), [
    [undefined, 'Yamada', undefined],
    ['Taro', 't', 'example.org'],
  ])
  assert.deepEqual(read('=?utf-8?Q?Yamada,_Taro?= <t@example.org>'), [['Yamada, Taro', 't', 'example.org']])
  assert.deepEqual(read('a@b.example; c@d.example'), [
    [undefined, 'a', 'b.example'],
    [undefined, 'c', 'd.example'],
  ])
  assert.deepEqual(read('J. R. "Bob" [x] <b@example.org>'), [['J. R. Bob [x]', 'b', 'example.org']])
  assert.deepEqual(read('"unclosed <b@example.org>'), [['"unclosed', 'b', 'example.org']])
  assert.deepEqual(read('<@a.example,@b.example:c@d.example>'), [[undefined, 'c', 'd.example']])
  assert.deepEqual(read('x@[192.0.2.1], "a b"@example.org, a . b @ example . org'), [
    [undefined, 'x', '[192.0.2.1]'],
    [undefined, 'a b', 'example.org'],
    [undefined, 'a.b', 'example.org'],
  ])
  assert.deepEqual(
    read('\x1b$B!"$""$(\x1b(B <j@example.jp>, k@example.jp').length,
    2,
    'raw ISO-2022-JP with specials in its bytes',
  )
  assert.deepEqual(read('foo..bar.@docomo.ne.jp'), [[undefined, 'foo..bar.', 'docomo.ne.jp']])
  assert.deepEqual(read(',, ,'), [])
})

test('content types as they are met', () => {
  const read = (value: string) => {
    const type = parseContentType(utf8(value))
    return type && [type.type, type.subtype, ...type.parameters.map(entry => `${entry.name}=${text(entry.value)}`)]
  }
  assert.deepEqual(read('Text/HTML ; Charset = "UTF-8" ; x="a\\"b;c"'), ['text', 'html', 'charset=UTF-8', 'x=a"b;c'])
  assert.deepEqual(read('a/b; name=my file (1).pdf; x=y'), ['a', 'b', 'name=my file', 'x=y'])
  assert.deepEqual(read('a/b; charset=utf-8 format=flowed'), ['a', 'b', 'charset=utf-8', 'format=flowed'])
  assert.deepEqual(read('a/b;;; ; x=y;'), ['a', 'b', 'x=y'])
  assert.equal(read('text'), undefined)
  assert.equal(parseDisposition(utf8('ATTACHMENT; filename=a'))?.kind, 'attachment')
})

test('parameters: RFC 2231 §4.1, in any order', () => {
  const type = parseContentType(
    utf8(
      "application/x-stuff; title*2=\"isn't it!\"; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20",
    ),
  )
  assert.ok(type)
  assert.equal(decodeParameters(type.parameters).get('title'), "This is even more ***fun*** isn't it!")
  assert.deepEqual(
    joinContinuations(type.parameters).map(entry => [entry.name, text(entry.value)]),
    [['title*', "us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!"]],
  )
  const late = parseContentType(utf8('a/b; name*0="a b"; name*1*=%20c; name*2=d'))
  assert.deepEqual(
    joinContinuations(late?.parameters ?? []).map(entry => [entry.name, text(entry.value)]),
    [['name*', "''a%20b%20cd"]],
    'no charset in the first piece: its place stays empty',
  )
  const both = parseDisposition(utf8('attachment; filename="?.pdf"; filename*=utf-8\'\'%E5%B1%B1.pdf'))
  assert.equal(fileName(both?.parameters, undefined), '山.pdf')
  assert.equal(fileName(undefined, parseContentType(utf8('a/b; name="=?utf-8?B?5bGx?=.pdf"'))?.parameters), '山.pdf')
})

test('base64', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(80), (bytes, width) => {
      const code = Buffer.from(bytes)
        .toString('base64')
        .replace(new RegExp(`.{${width + 1}}`, 'g'), '$&\r\n')
      assert.deepEqual(decodeBase64(utf8(code)), bytes)
    }),
  )
  assert.equal(text(decodeBase64(utf8('YQ==YmM=\r\nZGVm'))), 'abcdef', 'joined pieces')
  assert.equal(text(decodeBase64(utf8('YWJjZA'))), 'abcd', 'no padding')
  assert.equal(text(decodeBase64(utf8('Y!W*J j'))), 'abc')
})

test('quoted-printable', () => {
  const qp = (code: string) => text(decodeQuotedPrintable(utf8(code)))
  assert.equal(qp('=E5=B1=b1 =\r\nb  \r\nc=3D=\nd=  \r\ne='), '山 b\r\nc=de')
  assert.equal(qp('a=zz b=4'), 'a=zz b=4')
  assert.equal(qp('a=20\r\n'), 'a \r\n')
})

test('dates as they are met', () => {
  const at = Date.UTC(2026, 10, 5, 1, 11, 12)
  for (const written of [
    'Thu, 05 Nov 2026 10:11:12 +0900',
    'Thu,5 Nov 2026 10:11:12 +0900 (JST)',
    '5 Nov 26 10:11:12 JST',
    'Thursday, 05-Nov-26 01:11:12 GMT',
    'Thu Nov  5 01:11:12 2026',
    'Thu, 5 (a (nested) comment) Nov 2026 10 : 11 : 12 +0900',
    '2026-11-05T10:11:12+09:00',
    'Thu, 5 Nov 2026 10:11:12 AM +0900',
    '05 Nov 2026 01:11:12 Z',
    '05 Nov 2026 01:11:12',
  ])
    assert.equal(parseDate(utf8(written)), at, written)
  for (const written of [
    '',
    'today',
    '32 Nov 2026 10:11:12 +0900',
    '5 Foo 2026 10:11:12',
    '5 Nov 2026 25:11:12',
    'Nov',
  ])
    assert.equal(parseDate(utf8(written)), undefined, written)
  assert.equal(parseDate(utf8('1 Jan 99 00:00:00 +0000')), Date.UTC(1999, 0, 1))
  assert.equal(parseDate(utf8('1 Jan 70 00:00:00 +0000')), 0)
})

test('header: folding, junk, no end', () => {
  const header = utf8(
    'From mbox Mon Jan 1 00:00:00\r\n folded junk\r\nA:1\r\nB :\t2\r\n\t3 \r\nno colon\r\n: no name\r\nC: 4\nD: 5',
  )
  const fields = parseHeader(header).map(field => [field.name, field.key, text(unfold(header, field))])
  assert.deepEqual(fields, [
    ['A', 'a', '1'],
    ['B', 'b', '2\t3'],
    ['C', 'c', '4'],
    ['D', 'd', '5'],
  ])
  assert.equal(headerLength(header), header.length)
  assert.equal(headerLength(utf8('A: 1\n\nx')), 6)
  assert.equal(headerLength(utf8('\r\nx')), 2)
  assert.equal(headerLength(utf8('')), 0)
})

test('the text of a letter', () => {
  const parts =
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=cp932\r\nContent-Disposition: attachment\r\n\r\nno\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n5bGx\r\n--b--\r\n'
  assert.equal(textOf(utf8(parts)), '山')
  assert.equal(textOf(utf8('Content-Type: image/png\r\n\r\nx')), '')
  assert.equal(textOf(utf8('\r\nplain\r\n')), 'plain\r\n')
})
