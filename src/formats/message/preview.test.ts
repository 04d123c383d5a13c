import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { readerOf } from './byte-reader.ts'
import { htmlText } from './html-text.ts'
import { previewCharacters, previewOf } from './preview.ts'
import { parseStructure } from './structure.ts'

function preview(...lines: string[]): string {
  const reader = readerOf(utf8(lines.join('\r\n')))
  return previewOf(reader, parseStructure(reader).root)
}

const html = (body: string) => preview('Content-Type: text/html; charset=utf-8', '', body)

const bodies: readonly [body: readonly string[], expected: string, why: string][] = [
  [['a', '  b\t c', '', 'd'], 'a b c d', 'blanks are one'],
  [['> old', 'new', '> older'], 'new', 'what was quoted is known'],
  [['new', '', 'On Monday Aki wrote:', '> old'], 'new', 'nor the line that introduces it'],
  [['new', '山田さんの書いたこと：', '', '> old'], 'new', 'in Japanese'],
  [['> only', '> this'], '> only > this', 'unless it is all there is'],
  [['new', '-- ', 'Aki, Tokyo'], 'new', 'a signature says nothing'],
  [['====', 'Weekly news', '*************'], 'Weekly news', 'rules are no text'],
  [['-----BEGIN PGP MESSAGE-----', '', 'hQEMA'], '', 'encrypted'],
  [['-----BEGIN PGP SIGNED MESSAGE-----', 'Hash: SHA512', '', 'signed'], 'signed', 'signed'],
  [['\u202egnp.exe\u200b!\u0007'], 'gnp.exe!', 'no direction is turned, nothing rings'],
  [['می‌خواهم'], 'می‌خواهم', 'joiners between letters stay'],
  [['x \u200c \u200c\u200d \u200c'], 'x', 'joiners between blanks go'],
  [['\ufeff'], '', 'nothing'],
]
for (const [body, expected, why] of bodies)
  test(`preview of plain text: ${why}`, () => assert.equal(preview('Subject: x', '', ...body), expected))

const pages: readonly [html: string, expected: string, why: string][] = [
  ['<p>one</p><p>two<br>three</p>', 'one two three', 'blocks part words'],
  ['<p>o<b>n</b>e</p>', 'one', 'inline elements do not'],
  ['<title>t</title><style>a{}</style><script>if (a < b) x()</script>text', 'text', 'what is not for reading'],
  ['<STYLE>a{}</Style >text', 'text', 'in any case'],
  ['<style>a{}', '', 'a style without an end'],
  ['<head><p>text', 'text', 'a head without an end'],
  ['<!-- a > b --><![if mso]>text<!-- no end', 'text', 'comments'],
  ['<a title="x > y" href=z>link</a>', 'link', 'a > in a quoted value'],
  [
    '1 < 2 &amp;&lt;&#x3042;&#8364;&#150;&eacute;&nbsp;&copy &bogus; &#0;x',
    '1 < 2 &<あ€–é © &bogus; \ufffdx',
    'references',
  ],
  ['<p title="no end', '', 'a tag without an end'],
]
for (const [source, expected, why] of pages) test(`preview of HTML: ${why}`, () => assert.equal(html(source), expected))

test('an attachment is no text; the first part with words counts', () => {
  const parts = [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Disposition: attachment',
    '',
    'attached',
    '--b',
    'Content-Type: text/plain',
    '',
    ' ',
    '--b',
    'Content-Type: text/html',
    '',
    '<b>words</b>',
    '--b--',
  ]
  assert.equal(preview(...parts), 'words')
})

test('characters are counted, not their octets or halves', () => {
  const text = preview('Content-Type: text/plain; charset=utf-8', '', '𠮷'.repeat(500))
  assert.equal(text, '𠮷'.repeat(previewCharacters))
})

test('a part cut off within a character shows none of it', () => {
  const blank = ' '.repeat(64 * 1024 - 4)
  assert.equal(preview('Content-Type: text/plain; charset=utf-8', '', `abc${blank}あ`), 'abc')
})

test('any text gives one short line', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('<', '>', '"', '<style>', '</style>', '<!--', '-->', '&#', ';', '<p a="', '\r\n', '> ', ': '),
  )
  const body = fc.array(part, { maxLength: 40 }).map(parts => parts.join(''))
  fc.assert(
    fc.property(body, fc.boolean(), (text, isHtml) => {
      const found = isHtml ? html(text) : preview('Content-Type: text/plain; charset=utf-8', '', text)
      assert.ok(Array.from(found).length <= previewCharacters)
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      assert.doesNotMatch(found, /[\u0000-\u001f\u007f-\u009f]/)
      assert.ok(found.isWellFormed())
      assert.equal(found, found.trim())
    }),
    { numRuns: 2000 },
  )
})

test('hostile HTML takes time in proportion to its length', () => {
  const hostile = ['<', '<a "', '<head>', '<style>', '<!--', '&#', '&a', '</style', '<a b=\'>"'].map(piece =>
    piece.repeat(64 * 1024),
  )
  for (const source of hostile) {
    const begun = process.cpuUsage()
    htmlText(source.slice(0, 64 * 1024), 1e9)
    const { user, system } = process.cpuUsage(begun)
    assert.ok(user + system < 1_000_000, `${source.slice(0, 8)}: ${user + system} µs`)
  }
})

test('the preview from a first look is that from the whole text', () => {
  const line = fc.oneof(
    fc.constantFrom('', '> quoted', '>', '-- ', '----------', 'Aki wrote:', 'x'.repeat(70), 'y '.repeat(300), ' \t '),
    fc.string({ maxLength: 80 }).map(text => text.replaceAll(/[^ -~]/g, '.')),
  )
  const start = fc.constantFrom(
    '',
    '-----BEGIN PGP MESSAGE-----',
    '-----BEGIN PGP SIGNED MESSAGE-----',
    'z'.repeat(2100),
  )
  const sizes = new Set<boolean>()
  fc.assert(
    fc.property(start, fc.array(line, { maxLength: 120 }), (first, rest) => {
      const lines = first === '' ? rest : [first, ...rest]
      const text = lines.join('\r\n')
      sizes.add(text.length > 2048)
      // what is encoded is always read whole
      const encoded = Buffer.from(text).toString('base64').replaceAll(/.{76}/g, '$&\r\n')
      const whole = preview('Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64', '', encoded)
      assert.equal(preview('Content-Type: text/plain; charset=utf-8', '', ...lines), whole)
    }),
    { numRuns: 300 },
  )
  assert.equal(sizes.size, 2)
})
