import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { commonFields, isCommonField } from './common-fields.ts'
import { parseHeader } from './header.ts'
import { fieldSelector } from './select-fields.ts'
import { fieldTextSelector } from './select-text.ts'

const selected = (header: string, names: readonly string[], not = false) =>
  Buffer.from(fieldSelector(names, not)(utf8(header))).toString()

test('header fields by name', () => {
  const header = 'From mbox line\r\nA: 1\r\nb: 2\r\n folded\r\nC : 3\r\na: 4\r\n\r\n'
  assert.equal(selected(header, ['B', 'a']), 'A: 1\r\nb: 2\r\n folded\r\na: 4\r\n\r\n')
  assert.equal(selected(header, ['a', 'B'], true), 'C : 3\r\n\r\n')
  assert.equal(selected(header, ['x']), '\r\n')
  assert.equal(selected('A: 1', ['a']), 'A: 1\r\n\r\n')
  assert.equal(selected('\u00e9t\u00e9: 1\r\nA: 2\r\n\r\n', ['a'], true), '\u00e9t\u00e9: 1\r\n\r\n')
})

test('the same as by the fields of the whole header', () => {
  const piece = fc.constantFrom(
    'a',
    'B',
    'x-y',
    ':',
    ' ',
    '\t',
    '\r\n',
    '\n',
    '\r',
    '\r\n\r\n',
    ' 1',
    '\u00e9',
    '[',
    'a: b\r\n',
  )
  const name = fc.constantFrom('A', 'b', 'X-Y', 'a', '[', '{')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.array(name), fc.boolean(), (pieces, names, not) => {
      const header = utf8(pieces.join(''))
      const wanted = new Set(names.map(one => one.toLowerCase()))
      const expected: Uint8Array[] = []
      // by HEADER.FIELDS.NOT a name of 8-bit octets is one like any other
      const read = not ? utf8(pieces.join('').replaceAll('\u00e9', '~~')) : header
      for (const field of parseHeader(read)) {
        if (wanted.has(field.key) === not) continue
        expected.push(header.subarray(field.start, field.end))
        if (header[field.end - 1] !== 10) expected.push(utf8('\r\n'))
      }
      const result = fieldSelector(names, not)(header)
      assert.equal(
        Buffer.from(result).toString('latin1'),
        Buffer.from(concatBytes([...expected, utf8('\r\n')])).toString('latin1'),
      )
    }),
    { numRuns: 5000 },
  )
})

test('common fields selected from those that are kept: the same as from the header', () => {
  const piece = fc.constantFrom(
    'From: a\r\n',
    'TO : b\r\n c\r\n',
    'Subject:\n',
    'X-Other: d\r\n',
    'stray\r\n',
    'Date: e',
  )
  const name = fc.constantFrom('from', 'To', 'SUBJECT', 'date', 'References')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(name), (pieces, names) => {
      assert.ok(names.every(isCommonField))
      const header = utf8(pieces.join(''))
      const kept = commonFields(header, parseHeader(header)) ?? assert.fail('too long')
      const select = fieldSelector(names)
      const expected = Buffer.from(select(header)).toString()
      assert.equal(Buffer.from(select(kept)).toString(), expected)
      const text = Buffer.from(kept).toString('latin1')
      assert.equal(fieldTextSelector(names)(`From: before\r\n${text}To: behind\r\n`, 14, 14 + text.length), expected)
    }),
  )
})

test('fields too long to be kept are not', () => {
  const header = utf8(`To: ${'someone@internet.test, '.repeat(300)}\r\n\r\n`)
  assert.equal(commonFields(header, parseHeader(header)), undefined)
})
