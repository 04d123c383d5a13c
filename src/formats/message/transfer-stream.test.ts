import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { decodeTransfer } from './transfer.ts'
import { transferDecoder } from './transfer-stream.ts'

function inChunks(body: Uint8Array, encoding: string, chunkBytes: number): Uint8Array {
  const decoder = transferDecoder(encoding)
  assert.ok(decoder)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < body.length; at += chunkBytes) {
    // the chunk is not the decoder's to keep
    const chunk = body.slice(at, at + chunkBytes)
    chunks.push(decoder.push(chunk).slice())
    chunk.fill(0x58)
  }
  return concatBytes([...chunks, decoder.end()])
}

const pieces = ['=41', '=', '= ', '=\r\n', '=\n', '=4', ' ', '\t', '\r\n', '\r', '\n', 'QUJD', 'QQ==', 'Q', '\0', 'é']

test('chunk by chunk as in one piece', () => {
  const body = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map(parts => utf8(parts.join('')))
  const encoding = fc.constantFrom('base64', 'quoted-printable', '7bit', '8bit', 'BINARY')
  fc.assert(
    fc.property(body, encoding, fc.integer({ min: 1, max: 9 }), (bytes, name, size) => {
      assert.deepEqual(Buffer.from(inChunks(bytes, name, size)), Buffer.from(decodeTransfer(bytes, name)))
    }),
    { numRuns: 3000 },
  )
})

test('a line without end holds nothing back for long', () => {
  const body = utf8('=41'.repeat(300_000))
  assert.equal(Buffer.from(inChunks(body, 'quoted-printable', 50_000)).toString(), 'A'.repeat(300_000))
  const decoder = transferDecoder('quoted-printable')
  let out = 0
  for (let n = 0; n < 40; n++) {
    out += decoder?.push(utf8(' '.repeat(10_000))).length ?? 0
  }
  // blanks at a line's end are nothing, however many; what was cut is forgotten and not held
  assert.equal(out + (decoder?.end().length ?? 0), 0)
})

test('an encoding that nobody knows', () => {
  assert.equal(transferDecoder('x-uuencode'), undefined)
  assert.equal(transferDecoder(''), undefined)
})
