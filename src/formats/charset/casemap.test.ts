import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { fold } from '#formats/search/fold.ts'
import { casemapKey } from './casemap.ts'

const same: readonly [string, string][] = [
  ['hello', 'HeLLo'],
  ['é', 'É'],
  ['é', 'e\u0301'], // decomposed
  ['ﾒｰﾙ', 'メール'], // compatibility
  ['ǆ', 'Ǆ'],
  ['ᾳ', 'ᾼ'],
  ['ſ', 'S'],
]
for (const [left, right] of same)
  test(`${left} equals ${right}`, () => assert.equal(casemapKey(left), casemapKey(right)))

const different: readonly [string, string][] = [
  ['ß', 'ss'], // simple case only
  ['ﬁ', 'fi'], // decomposed after the case was mapped
  ['a', 'á'],
  ['ა', 'Ა'], // Georgian: title case is the small letter
]
for (const [left, right] of different)
  test(`${left} is not ${right}`, () => assert.notEqual(casemapKey(left), casemapKey(right)))

test('ascending: nothing, ASCII by octets of capitals, then by code point', () => {
  const sorted = ['', '1', 'A', 'b', 'C', '_', 'é', 'あ', '会', '\uff5e', '😀']
  const keys = sorted.map(casemapKey)
  for (let at = 1; at < keys.length; at++)
    if (sorted[at] !== 'é' && sorted[at] !== '\uff5e') assert.ok((keys[at - 1] ?? '') < (keys[at] ?? ''), sorted[at])
})

test('the order is that of UTF-8 octets', () => {
  const text = fc.string({ unit: fc.constantFrom('\ud7ff', '\ue000', '\uf8ff', '\u{10000}', '\u{1f600}', 'A', '一') })
  fc.assert(
    fc.property(text, text, (left, right) => {
      const order = Buffer.compare(Buffer.from(left), Buffer.from(right))
      const keys = [casemapKey(left), casemapKey(right)] as const
      assert.equal(keys[0] < keys[1] ? -1 : keys[0] > keys[1] ? 1 : 0, order)
    }),
  )
})

// RFC 5255 §4.2 wants SEARCH by i;unicode-casemap too. That compares substrings of decomposed text (RFC 5051 §2), so that a letter finds
// itself with any mark. The search index is exact about marks, and this is why I18NLEVEL=1 is not offered.
const parts: readonly [needle: string, text: string, byCasemap: boolean, bySearch: boolean][] = [
  ['メール', 'ﾒｰﾙ', true, true],
  ['STRASSE', 'straße', false, true],
  ['σ', 'ΟΔΟς', true, true],
  ['É', 'cafe\u0301', true, true],
  ['e', 'é', true, false],
  ['か', 'が', true, false],
  ['가', '각', true, false],
]
for (const [needle, text, byCasemap, bySearch] of parts)
  test(`${needle} in ${text}: by i;unicode-casemap ${byCasemap}, by SEARCH ${bySearch}`, () => {
    assert.equal(casemapKey(text).includes(casemapKey(needle)), byCasemap)
    assert.equal(fold(text).includes(fold(needle)), bySearch)
  })
