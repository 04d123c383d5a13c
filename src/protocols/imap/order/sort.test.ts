import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { describeMessage } from '#formats/message/describe.ts'
import { compareColumns, sortInSteps } from './sort.ts'
import { sortValues } from './sort-value.ts'

function sorted(numbers: Uint32Array<ArrayBuffer>, compare: (left: number, right: number) => number): number[] {
  const steps = sortInSteps(numbers, compare)
  while (steps.next().done !== true);
  return [...numbers]
}

test('the result is a permutation, in order, stable', () => {
  const values = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 3000, size: 'max' })
  fc.assert(
    fc.property(values, values, fc.boolean(), (first, second, reverse) => {
      const column = [...second, ...first]
      const compare = compareColumns([{ column: first, reverse }])
      const order = sorted(Uint32Array.from(first.keys()), compare)
      assert.deepEqual(order, [...first.keys()].sort(compare))
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        [...first.keys()],
      )
      const plain = sorted(Uint32Array.from(column.keys()), (a, b) => (column[a] ?? 0) - (column[b] ?? 0))
      assert.deepEqual(
        plain,
        [...column.keys()].sort((a, b) => (column[a] ?? 0) - (column[b] ?? 0)),
      )
    }),
    { numRuns: 50 },
  )
})

test('what stands in order, the other way round, or nearly so', () => {
  const compare = (left: number, right: number) => left - right
  const up = Array.from({ length: 1000 }, (_, at) => at)
  const down = up.toReversed()
  const nearly = [...up.slice(0, 998), 999, 998]
  const nearlyDown = [...down.slice(0, 998), 0, 1]
  for (const numbers of [up, down, nearly, nearlyDown]) assert.deepEqual(sorted(Uint32Array.from(numbers), compare), up)
  // equals are not turned round
  const tens = compareColumns([{ column: up.map(number => -Math.floor(number / 10)), reverse: false }])
  assert.deepEqual(sorted(Uint32Array.from(up), tens).slice(0, 3), [990, 991, 992])
  for (const numbers of [[], [7]]) assert.deepEqual(sorted(Uint32Array.from(numbers), compare), numbers)
})

test('REVERSE turns one criterion round, not the tie', () => {
  const names = ['b', 'a', 'b', '']
  const dates = [2, 1, 1, 9]
  const order = (...columns: Parameters<typeof compareColumns>[0]) =>
    [0, 1, 2, 3].sort(compareColumns(columns)).map(position => position + 1)
  assert.deepEqual(order({ column: names, reverse: false }), [4, 2, 1, 3])
  assert.deepEqual(order({ column: names, reverse: true }), [1, 3, 2, 4])
  assert.deepEqual(order({ column: names, reverse: false }, { column: dates, reverse: true }), [4, 2, 1, 3])
  assert.deepEqual(order({ column: names, reverse: false }, { column: dates, reverse: false }), [4, 2, 3, 1])
})

const headers: readonly [header: string, values: Record<string, string | number>][] = [
  [
    'From: "Ann \\"x\\" Lee" <ann.lee@a.test>, b@b.test\r\nTo: =?UTF-8?B?5Lya6K2w?= <c@c.test>\r\nCc: d@d.test\r\n' +
      'Subject: Re: [l] Lunch\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n',
    {
      FROM: 'ANN.LEE',
      DISPLAYFROM: 'ANN "X" LEE',
      TO: 'C',
      DISPLAYTO: '会議',
      CC: 'D',
      SUBJECT: 'LUNCH',
      DATE: Date.UTC(1994, 1, 8, 5, 52, 25),
    },
  ],
  // RFC 5957 §3: without a name the address
  ['From: ann@a.test\r\nTo: "" <b@b.test>\r\n', { DISPLAYFROM: 'ANN@A.TEST', DISPLAYTO: 'B@B.TEST' }],
  // a group's name stands where a mailbox does
  ['To: Team: a@a.test;\r\n', { TO: 'TEAM', DISPLAYTO: 'TEAM' }],
  // RFC 5256 §3: missing is empty; §2.2: the internal date
  ['X: y\r\n', { FROM: '', TO: '', CC: '', DISPLAYFROM: '', DISPLAYTO: '', SUBJECT: '', DATE: 5, ARRIVAL: 5, SIZE: 7 }],
  ['Date: yesterday\r\n', { DATE: 5 }],
]
for (const [header, values] of headers)
  test(`sorted by ${JSON.stringify(header).slice(0, 60)}`, () => {
    const { envelope } = describeMessage(utf8(`${header}\r\n`))
    const keys = Object.keys(values) as Parameters<typeof sortValues>[0]
    assert.deepEqual(sortValues(keys, { internalDate: 5, sizeBytes: 7, envelope }), Object.values(values))
  })
