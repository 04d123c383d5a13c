import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { EventParser } from './event-stream.ts'

const stream =
  'event: state\nid: 7\ndata: {"a":1}\n\n: still here\n\r\nevent: ping\r\ndata: x\r\ndata:y\r\n\r\ndata: last\n\n'
const expected = [
  { name: 'state', data: '{"a":1}', id: '7' },
  { name: 'ping', data: 'x\ny', id: '7' },
  { name: 'message', data: 'last', id: '7' },
]

test('events, however their text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), cuts => {
      const parser = new EventParser()
      const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
      const pieces = places.slice(1).map((end, at) => stream.slice(places[at], end))
      assert.deepEqual(
        pieces.flatMap(piece => parser.take(piece)),
        expected,
      )
    }),
  )
})

test('a line without end is not collected for ever', () => {
  const parser = new EventParser()
  assert.throws(() => {
    for (let at = 0; at < 30; at++) parser.take('x'.repeat(100_000))
  })
})
