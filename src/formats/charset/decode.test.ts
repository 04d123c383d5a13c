import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { decodeAs, decodeFound, decodeText, decodeUnlabelled, isKnownCharset } from './decode.ts'
import { detectCharset } from './detect.ts'
import { decodeIso2022 } from './iso-2022.ts'
import { viewableCharsets } from './viewable.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
// 山田
const shiftJis = hex('8e52 9363')
const eucJp = hex('bbb3 c5c4')
const iso2022Jp = hex('1b2442 3b33 4544 1b2842')

test('labels that mail uses and WHATWG does not know', () => {
  for (const label of ['cp932', 'CP932', 'windows-31j', 'MS932', 'x-sjis', 'ms_kanji', ' Shift_JIS '])
    assert.equal(decodeText(shiftJis, label), '山田')
  for (const label of ['cp51932', 'EUCJP', 'eucJP-ms', 'x-euc-jp']) assert.equal(decodeText(eucJp, label), '山田')
  for (const label of ['cp50220', 'CP50221', 'cp50222', 'iso-2022-jp-ms', 'ISO-2022-JP-1', 'csISO2022JP'])
    assert.equal(decodeText(iso2022Jp, label), '山田')
})

test('vendor characters: NEC row 13, IBM extensions, half-width kana', () => {
  assert.equal(decodeText(hex('8740 878a fbfc'), 'shift_jis'), '①㈱髙')
  assert.equal(decodeText(hex('1b2442 2d21 2d6a 1b2842'), 'cp50220'), '①㈱')
  assert.equal(decodeText(hex('1b2849 3132 1b2842 6f6b'), 'cp50221'), 'ｱｲok')
})

test('escapes that say nothing leave no trace', () => {
  assert.equal(decodeText(Buffer.concat([iso2022Jp, iso2022Jp]), 'iso-2022-jp'), '山田山田')
  assert.equal(decodeText(hex('1b2842 1b2442 1b2842 61'), 'iso-2022-jp'), 'a')
  fc.assert(
    fc.property(fc.array(fc.constantFrom('\x1b$B', '\x1b(B', '\x1b(J', '\x1b(I')), escapes => {
      assert.equal(decodeIso2022(Buffer.from(`${escapes.join('')}\x1b(Ba`)), 'a')
    }),
  )
})

test('no label, or one that nobody knows: the bytes decide', () => {
  for (const label of [undefined, '', 'us-ascii', 'x-unknown', 'no-such-charset', 'iso-2022-cn']) {
    assert.equal(decodeText(Buffer.from('山田'), label), '山田')
    assert.equal(decodeText(iso2022Jp, label), '山田')
    assert.equal(decodeText(shiftJis, label), '山田')
    assert.equal(decodeText(eucJp, label), '山田')
    assert.equal(decodeText(hex('4d fc 6c 6c 65 72'), label), 'Müller')
  }
  assert.equal(detectCharset(hex('93 71 75 6f 74 65 64 94')), 'windows-1252')
  assert.equal(isKnownCharset('no-such-charset'), false)
  assert.equal(isKnownCharset('UTF-7'), true)
})

test('every Japanese text is told apart when it has some length', () => {
  const text = 'いろはにほへと ちりぬるを 色は匂へど'
  const sjis = hex('82a2 82eb 82cd 82c9 82d9 82d6 82c6 20 82bf 82e8 82ca 82e9 82f0 20 9046 82cd 93f5 82d6 82c7')
  const euc = hex('a4a4 a4ed a4cf a4cb a4db a4d8 a4c8 20 a4c1 a4ea a4cc a4eb a4f2 20 bfa7 a4cf c6f7 a4d8 a4c9')
  assert.equal(decodeUnlabelled(sjis), text)
  assert.equal(decodeUnlabelled(euc), text)
})

test('UTF-7', () => {
  assert.equal(decodeText(Buffer.from('Hi Mom -+Jjo--!'), 'utf-7'), 'Hi Mom -☺-!')
  assert.equal(decodeText(Buffer.from('+ZeVnLIqe-'), 'UTF-7'), '日本語')
  assert.equal(decodeText(Buffer.from('1 +- 1 = 2'), 'unicode-1-1-utf-7'), '1 + 1 = 2')
})

test('never throws', () => {
  const label = fc.oneof(
    fc.constantFrom(
      'utf-8',
      'utf-16',
      'utf-7',
      'iso-2022-jp',
      'iso-2022-kr',
      'utf-32',
      'shift_jis',
      'euc-jp',
      'gb18030',
      'hz-gb-2312',
      'big5',
      'x-user-defined',
    ),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), label, (bytes, name) => {
      assert.equal(typeof decodeText(bytes, name), 'string')
      assert.ok(decodeUnlabelled(bytes).isWellFormed())
    }),
    { numRuns: 1000 },
  )
})

test('what was found is told beside the text; a label that is insisted on is not doubted', () => {
  const found = (bytes: Uint8Array, label?: string) => decodeFound(bytes, label).charset
  assert.equal(found(shiftJis, 'x-sjis'), 'shift_jis')
  assert.equal(found(iso2022Jp, 'us-ascii'), 'iso-2022-jp')
  assert.equal(found(Buffer.from('山田'), 'iso-8859-1'), 'utf-8')
  assert.equal(found(Buffer.from('plain'), 'shift_jis'), 'us-ascii')
  assert.equal(found(hex('e9'), 'iso-8859-1'), 'windows-1252')
  assert.deepEqual(decodeAs(Buffer.from('山'), 'windows-1252'), { text: 'å±±', charset: 'windows-1252' })
  assert.deepEqual(decodeAs(eucJp, 'EUC-JP'), { text: '山田', charset: 'euc-jp' })
  assert.deepEqual(decodeAs(iso2022Jp, 'csISO2022JP'), { text: '山田', charset: 'iso-2022-jp' })
  assert.equal(decodeAs(hex('5c71 7530'), 'utf-16be')?.text, '山田')
  assert.deepEqual([decodeAs(eucJp, 'us-ascii'), decodeAs(eucJp, 'no-such')], [undefined, undefined])
  for (const label of viewableCharsets)
    assert.equal(typeof decodeAs(Uint8Array.of(65, 0), label)?.text, 'string', label)
})
