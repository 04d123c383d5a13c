// parse(print(x)) = x
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { asciiText } from '#base/bytes.ts'
import { Framer, type RawRequest } from './framing.ts'
import { drawProblem, parseRequest } from './parse-request.ts'
import { printRequest } from './print-request.ts'
import { anyRequest } from './requests.testbed.ts'

const limits = { lineBytes: 65536, literalBytes: 65536, appendBytes: 65536 }

test('what a client prints is what the server reads', () => {
  fc.assert(
    fc.property(anyRequest, fc.boolean(), (original, nonSynchronizing) => {
      const printed = printRequest({ tag: 'A1', request: original }, { nonSynchronizing })
      const framed = reframed(printed, nonSynchronizing)
      assert.deepEqual(framed, printed)
      const result = parseRequest(framed)
      assert.ok(!('problem' in result), 'problem' in result ? drawProblem(result) : '')
      assert.deepEqual(result, { tag: 'A1', request: original })
    }),
    { numRuns: 3000 },
  )
})

/** Through the framer, as the lines would come in. */
function reframed(printed: RawRequest, nonSynchronizing: boolean): RawRequest {
  const framer = new Framer()
  for (const segment of printed.segments) {
    const step = framer.line(segment.line, limits)
    if (step.kind === 'request') return step.request
    assert.ok(step.kind === 'literal' && segment.literal, asciiText(segment.line))
    assert.equal(step.synchronizing, !nonSynchronizing)
    framer.literal(segment.literal)
  }
  return assert.fail('The request has no end')
}
