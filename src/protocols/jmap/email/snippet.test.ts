import assert from 'node:assert/strict'
import test from 'node:test'
import { markedPreview, markedText } from './snippet.ts'

test('what was looked for is marked as it stands, and nothing of the text is HTML (RFC 8621 §5)', () => {
  assert.equal(
    markedText('<b>Straße & STRASSE</b>', ['strasse']),
    '&lt;b&gt;<mark>Straße</mark> &amp; <mark>STRASSE</mark>&lt;/b&gt;',
  )
  assert.equal(markedText('abcabc', ['ab', 'bc']), '<mark>abcabc</mark>')
  assert.equal(markedText('ｶﾞ ㈱', ['ガ', '株']), '<mark>ｶﾞ</mark> <mark>㈱</mark>')
  assert.equal(markedText('nothing', ['else', '']), undefined)
})

test('a preview has at most 255 octets, whole characters and whole marks', () => {
  for (const filler of ['a ', '&', '𠮷', '日本語 ', '<>', 'é'])
    for (const needle of ['foo', filler.trim()]) {
      const preview = markedPreview(`${filler.repeat(300)}foo${filler.repeat(300)}`, [needle])
      assert.ok(preview !== undefined)
      assert.ok(Buffer.byteLength(preview) <= 255)
      assert.ok(preview.isWellFormed())
      assert.equal(preview.match(/<mark>/g)?.length, preview.match(/<\/mark>/g)?.length)
      assert.ok(preview.includes('<mark>'), filler)
      assert.doesNotMatch(preview.replaceAll(/<\/?mark>|&(?:amp|lt|gt);/g, ''), /[<>&]/)
    }
})
