import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { countedLines } from './counted-lines.ts'

const number = fc.oneof(fc.integer({ min: 1, max: 1200 }), fc.integer({ min: 1, max: 4_294_960_000 }))
const text = fc.constantFrom('', '* ', ' FETCH (FLAGS (\\Seen))\r\n', ' FETCH (UID ', ' 旗 \r\n')

test('lines are what each would be by itself, where numbers get longer too', () => {
  fc.assert(
    fc.property(
      fc.tuple(text, text, text),
      number,
      fc.option(number, { nil: undefined }),
      fc.integer({ min: 0, max: 2500 }),
      (texts, first, second, count) => {
        const lines = second === undefined ? { texts, first } : { texts, first, second }
        const written = Buffer.concat([...countedLines(lines, count)]).toString()
        const plainly = Array.from({ length: count }, (_, row) =>
          second === undefined
            ? `${texts[0]}${first + row}${texts[1]}`
            : `${texts[0]}${first + row}${texts[1]}${second + row}${texts[2]}`,
        )
        assert.equal(written, plainly.join(''))
      },
    ),
    { numRuns: 60 },
  )
})
