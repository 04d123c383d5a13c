import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { asciiText, concatBytes } from '#base/bytes.ts'
import { canonicalBody } from './canonical-body.ts'
import type { Form } from './canonical.ts'

function canonical(form: Form, body: string, ...sizes: readonly number[]): string {
  const parts: Uint8Array[] = []
  const canonicalizer = canonicalBody(form, chunk => parts.push(Uint8Array.from(chunk)))
  const bytes = Buffer.from(body, 'latin1')
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[index % sizes.length] ?? 1)
    canonicalizer.update(bytes.subarray(at, at + size))
    at += size
  }
  canonicalizer.end()
  return asciiText(concatBytes(parts))
}

/** RFC 6376 §3.4.3, §3.4.4, word for word and slowly */
function plainly(form: Form, body: string): string {
  const lines = form === 'simple' ? body : body.replace(/[ \t]+(?=\r\n|$)/g, '').replace(/[ \t]+/g, ' ')
  const rest = lines.replace(/(?:\r\n)+$/, '')
  return form === 'relaxed' && rest === '' ? '' : `${rest}\r\n`
}

test('the examples of RFC 6376 §3.4.5, and bodies that are empty', () => {
  assert.equal(canonical('relaxed', ' C \r\nD \t E\r\n\r\n\r\n'), ' C\r\nD E\r\n')
  assert.equal(canonical('simple', ' C \r\nD \t E\r\n\r\n\r\n'), ' C \r\nD \t E\r\n')
  for (const body of ['', '\r\n', '\r\n\r\n']) {
    assert.equal(canonical('relaxed', body), '')
    assert.equal(canonical('simple', body), '\r\n')
  }
  assert.equal(canonical('relaxed', ' \t\r\n \r\n'), '')
  assert.equal(canonical('relaxed', 'no end'), 'no end\r\n')
  assert.equal(canonical('simple', 'no end \t'), 'no end \t\r\n')
})

test('any body, in any pieces, is what the text of the RFC makes of it', () => {
  const body = fc.array(fc.constantFrom('a', 'word', ' ', '\t', '\r\n', '\r\n\r\n', '\xa0\xff', '\r', '\n', '\0'), {
    maxLength: 40,
  })
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(body, sizes, fc.constantFrom<Form>('simple', 'relaxed'), (pieces, chunks, form) => {
      const text = pieces.join('')
      assert.equal(canonical(form, text, ...chunks), plainly(form, text))
    }),
    { numRuns: 2_000 },
  )
})

test('ten million empty lines are held as a number', () => {
  let octets = 0
  const canonicalizer = canonicalBody('relaxed', chunk => {
    assert.ok(chunk.length <= 64 * 1024)
    octets += chunk.length
  })
  const lines = Buffer.from('\r\n'.repeat(10_000))
  for (let count = 0; count < 1_000; count++) canonicalizer.update(lines)
  assert.equal(octets, 0)
  canonicalizer.update(Buffer.from('x'))
  canonicalizer.end()
  assert.equal(octets, 20_000_003)
})
