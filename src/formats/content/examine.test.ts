import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { codesOf, examined, goodHeader, htmlLetter, receivedAt, withAttachment } from './content.testbed.ts'
import { examine } from './examine.ts'
import { isLookalike, ownedName } from './hosts.ts'
import { maxTokens } from './limits.ts'
import { textTokens, tokenHash } from './tokens.ts'

const header = (fields: string) => `${fields}\n\nHello, this is a letter with some words in it.\n`

test('an ordinary letter shows nothing', () => {
  assert.deepEqual(codesOf(`${goodHeader}\nShall we have lunch at noon?\n`), [])
  const { from, recipients, bulk } = examined(`${goodHeader}\nHi\n`)
  assert.deepEqual(
    { from, recipients, bulk },
    { from: { address: 'aki@internet.test', domain: 'internet.test' }, recipients: ['hanako@home.test'], bulk: false },
  )
})

for (const [what, fields, code] of [
  ['no date', 'From: a@b.test\nTo: c@d.test\nMessage-ID: <1@b.test>', 'no-date'],
  ['no Message-ID', 'From: a@b.test\nTo: c@d.test\nDate: Fri, 27 Nov 2026 02:00:00 +0000', 'no-message-id'],
  ['a date years away', 'From: a@b.test\nTo: c@d.test\nDate: Fri, 27 Nov 2037 02:00:00 +0000', 'date-far'],
  ['no From', 'To: c@d.test', 'no-from'],
  ['several From', 'From: a@b.test, e@f.test\nTo: c@d.test', 'several-from'],
  ['another address in the name', 'From: "info@bank.example" <a@b.test>\nTo: c@d.test', 'from-shows-other-address'],
  ['answers go elsewhere', 'From: a@b.test\nReply-To: x@elsewhere.test\nTo: c@d.test', 'reply-elsewhere'],
  ['nobody named', 'From: a@b.test', 'no-recipient'],
  [
    'many named',
    `From: a@b.test\nTo: ${Array.from({ length: 50 }, (_, i) => `u${i}@d.test`).join(', ')}`,
    'many-recipients',
  ],
  ['shouting', 'From: a@b.test\nTo: c@d.test\nSubject: YOU HAVE WON THE LOTTERY', 'shouting-subject'],
  ['an answer to nothing', 'From: a@b.test\nTo: c@d.test\nSubject: Re: our talk', 'answer-to-nothing'],
  ['a word torn apart', 'From: a@b.test\nTo: c@d.test\nSubject: via\u200bgra', 'hidden-letters'],
] as const)
  test(`header: ${what}`, () => assert.ok(codesOf(header(fields)).includes(code)))

test('a name that holds the own address, and a Reply-To of the same owner, are nothing', () => {
  const codes = codesOf(
    header('From: "a@b.co.jp" <a@mail.b.co.jp>\nReply-To: help@b.co.jp\nTo: c@d.test\nSubject: =?utf-8?B?5pel56iL?='),
  )
  assert.ok(!codes.includes('from-shows-other-address') && !codes.includes('reply-elsewhere'))
})

for (const [what, html, code] of [
  [
    'shows one host, goes to another',
    '<a href="https://evil.test/x">https://www.bank.example/login</a>',
    'link-elsewhere',
  ],
  ['a bare name counts', "<a href='https://evil.test/x'>bank.example</a>", 'link-elsewhere'],
  ['a number', '<a href="http://192.0.2.7/">here you find what was sought</a>', 'link-to-number'],
  ['one long number', '<a href=http://3221225985/>here you find what was sought</a>', 'link-to-number'],
  ['mixed scripts', '<a href="https://p\u0430ypal.example/">here you find it all</a>', 'link-lookalike'],
  [
    'Cyrillic that reads as Latin',
    '<a href="https://\u0441\u043e\u0440\u0435.example/">here you find it all</a>',
    'link-lookalike',
  ],
  ['a name before the host', '<a href="https://bank.example@evil.test/">here you find it all</a>', 'link-with-user'],
  ['a shortener', '<a href="https://bit.example/x">here you find it all</a>', 'link-shortened'],
  ['a script', '<a href="javascript:alert(1)">here you find it all</a>', 'link-to-script'],
  ['images alone', '<img src="https://a.example/x.png">', 'only-images'],
  ['hidden text', '<p>Hello to all of you, dear friends</p><p style="font-size:0;">bayes poison</p>', 'hidden-text'],
] as const)
  test(`html: ${what}`, () =>
    assert.ok(codesOf(htmlLetter(html)).includes(code), JSON.stringify(codesOf(htmlLetter(html)))))

test('a link to another host of the same owner, words that are no host, Japanese names: nothing', () => {
  const html = `<p>今月のお知らせをお届けします。詳しくはこちらをご覧ください。ご不明な点はお問い合わせください。</p>
    <a href="https://click.mail.example.co.jp/1">www.example.co.jp</a> <a href="https://x.test/">2.5 stars</a>
    <a href="https://日本語.jp/">日本語</a>`
  assert.deepEqual(codesOf(htmlLetter(html)), [])
})

test('the string by which a filter is tried', () => {
  const text = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
  assert.deepEqual(codesOf(`${goodHeader}\n${text}\n`), ['test-string'])
})

test('who owns a name', () => {
  assert.deepEqual(
    ['www.example.com', 'a.b.example.co.jp', 'example.jp', 'x.shop.tokyo.jp', 'localhost'].map(ownedName),
    ['example.com', 'example.co.jp', 'example.jp', 'x.shop.tokyo.jp', 'localhost'].map((name, index) =>
      index === 3 ? 'shop.tokyo.jp' : name,
    ),
  )
  assert.equal(isLookalike('xn--wgv71a119e.jp'), false)
})

test('tokens: words, pairs of Japanese characters, runs of one script, across scripts', () => {
  assert.deepEqual([...textTokens('ＦＲＥＥ Ｖｉａｇｒａ 100％')], ['free', 'viagra', '#3'])
  assert.deepEqual([...textTokens('お金を当選者へ')], ['お金', '金を', 'を当', '当選', '選者', '当選者', '者へ'])
  assert.deepEqual([...textTokens('ｱｶｳﾝﾄ')], ['アカ', 'カウ', 'ウン', 'ント', 'アカウント'])
  assert.deepEqual([...textTokens('v\u200bi\u200ba')], ['via'])
  assert.notEqual(tokenHash('当選', 1), tokenHash('当選', 2))
  assert.ok(tokenHash('a', 1) < 2 ** 48)
})

test('too many tokens: the same ones are chosen again, and those of the subject are among them', () => {
  const words = Array.from(
    { length: 2500 },
    (_, index) => `word${String.fromCharCode(97 + (index % 26))}${(index * 7919).toString(36).replaceAll(/\d/g, 'q')}`,
  )
  const first = examined(`${goodHeader}\n${words.join(' ')}\n`).tokens
  const again = examined(`${goodHeader}\n${words.toReversed().join(' ')}\n`).tokens
  assert.equal(first.length, maxTokens)
  assert.deepEqual([...first].sort(), [...again].sort())
  assert.ok(first.includes('s:lunch') && first.includes('f:aki@internet.test'))
})

test('what is made to take long does not', () => {
  const nasty = [
    htmlLetter('<a '.repeat(90_000)),
    htmlLetter(`<a href="${'x'.repeat(250_000)}`),
    htmlLetter('<a href=x>'.repeat(30_000)),
    `${goodHeader}\n${'http://'.repeat(50_000)}`,
    `${goodHeader}\n${'あ'.repeat(300_000)}`,
    `From: ${'"a@b.example" '.repeat(20_000)}\n\nx`,
    `Subject: ${'=?utf-8?B?'.repeat(50_000)}\n\nx`,
    `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\n'.repeat(60_000)}`,
    withAttachment('a.zip', Buffer.alloc(700_000, 'PK\x03\x04')),
    withAttachment('a.zip', Buffer.alloc(700_000, 'PK\x05\x06')),
  ]
  for (const [index, letter] of nasty.entries()) {
    const bytes = utf8(letter)
    const begun = performance.now()
    examine(bytes, { receivedAt, shorteners: new Set(), seed: 1 })
    assert.ok(performance.now() - begun < 1500, `letter ${index} took ${performance.now() - begun} ms`)
  }
})
