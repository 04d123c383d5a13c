import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { cut, plain, printTable, width } from './table.ts'

const widths: readonly (readonly [text: string, cells: number])[] = [
  ['abc', 3],
  ['飛脚', 4],
  ['ﾊﾝｶｸ', 4], // half-width kana
  ['が', 2], // composed
  ['か\u3099', 2], // the same, decomposed
  ['한국', 4],
  ['ｆｕｌｌ', 8],
  ['é', 1],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2], // one family
  ['', 0],
]

for (const [text, cells] of widths)
  test(`width of ${JSON.stringify(text)} is ${cells}`, () => assert.equal(width(text), cells))

test('columns stay straight with Japanese in them', () => {
  const rows = [
    { name: '花子', size: 5 },
    { name: 'taro', size: 1234 },
  ]
  const table = printTable(
    rows,
    [
      { title: '名前', cell: row => row.name },
      { title: 'size', cell: row => row.size, right: true },
    ],
    {},
  )
  assert.equal(table, '名前  size\n花子     5\ntaro  1234\n')
})

test('a narrow terminal cuts the widest column; what a peer wrote cannot move the cursor', () => {
  const rows = [{ id: 'a1', reply: '250 \u001b[2J飛脚飛脚飛脚飛脚' }]
  const table = printTable(
    rows,
    [
      { title: 'id', cell: row => row.id },
      { title: 'reply', cell: row => row.reply },
    ],
    { columns: 16 },
  )
  assert.ok(!table.includes('\u001b'))
  for (const line of table.trimEnd().split('\n')) assert.ok(width(line) <= 16, line)
  assert.match(table, /…/)
})

test('cut never exceeds its cells and keeps what fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (raw, cells) => {
      const text = plain(raw)
      const short = cut(text, cells)
      assert.ok(width(short) <= cells)
      if (width(text) <= cells) assert.equal(short, text)
    }),
  )
})
