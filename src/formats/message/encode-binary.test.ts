import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { readerOf } from './byte-reader.ts'
import { Base64Encoder, base64Length, encodedPieces, NulFinder } from './encode-binary.ts'
import { parseStructure, type Part } from './structure.ts'
import { decodeTransfer } from './transfer.ts'

/** Undefined where it cannot be done. */
function encoded(message: Uint8Array, chunkBytes = 7): Uint8Array | undefined {
  const finder = new NulFinder(parseStructure(readerOf(message)).root)
  for (let at = 0; at < message.length; at += chunkBytes) finder.push(message.subarray(at, at + chunkBytes))
  const parts = finder.found
  return (
    parts &&
    concatBytes(
      encodedPieces(parts, readerOf(message)).map(piece => {
        if (piece.kind === 'text') return piece.bytes
        const bytes = message.subarray(piece.start, piece.end)
        return piece.kind === 'copy' ? bytes : utf8(base64(bytes))
      }),
    )
  )
}

function base64(bytes: Uint8Array): string {
  const encoder = new Base64Encoder()
  return encoder.push(bytes.subarray(0, 100)) + encoder.push(bytes.subarray(100)) + encoder.end()
}

test('a letter of one part: the field is added, or takes the place of the old one', () => {
  assert.equal(
    Buffer.from(encoded(utf8('Subject: x\r\n\r\na\0b\r\n')) ?? []).toString(),
    'Subject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nYQBiDQo=\r\n',
  )
  const labelled =
    'content-transfer-encoding: Binary\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding:\r\n 8bit\r\n\r\n\0'
  assert.equal(
    Buffer.from(encoded(utf8(labelled)) ?? []).toString(),
    'Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nAA==\r\n',
  )
})

test('of many parts only those with NUL change', () => {
  const message = utf8(
    'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nplain\r\n--x\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\n1\0\r\n--x--\r\n',
  )
  assert.equal(
    Buffer.from(encoded(message) ?? []).toString(),
    'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nplain\r\n--x\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nAA0K\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\nContent-Transfer-Encoding: base64\r\n\r\nMQA=\r\n--x--\r\n',
  )
})

const hopeless: readonly [message: string, why: string][] = [
  ['Subject: \0\r\n\r\nx', 'in a header'],
  ['Content-Type: multipart/mixed; boundary=x\r\n\r\n\0\r\n--x\r\n\r\n--x--\r\n', 'before the first part'],
  ['Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x--\r\n\0', 'after the last'],
  ['Content-Transfer-Encoding: base64\r\n\r\nAA\0==', 'encoded already'],
  ['Content-Transfer-Encoding: x-own\r\n\r\n\0', 'encoded as nobody knows'],
  ['Content-Type: message/partial\r\n\r\n\0', 'must stay 7bit (RFC 2046 §5.2.2)'],
  ['Content-Type: multipart/mixed\r\n\r\n\0', 'no header to say it in'],
]

test('where it cannot be done', () => {
  for (const [message, why] of hopeless) assert.equal(encoded(utf8(message)), undefined, why)
})

const body = fc
  .array(fc.constantFrom('\0', 'a', '\r\n', '-', '=', 'é'), { maxLength: 200 })
  .map(parts => parts.join(''))
const type = fc.constantFrom('', 'Content-Transfer-Encoding: binary\r\n', 'Content-Type: image/png\r\n')

function contents(message: Uint8Array): readonly string[] {
  const leaves = (part: Part): readonly Part[] => (part.kind === 'leaf' ? [part] : part.children.flatMap(leaves))
  return leaves(parseStructure(readerOf(message)).root).map(({ bodyStart, bodyEnd, encoding }) =>
    Buffer.from(decodeTransfer(message.subarray(bodyStart, bodyEnd), encoding)).toString('latin1'),
  )
}

test('nothing is lost, and no NUL is left', () => {
  const parts = fc.array(fc.tuple(type, body), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 50 }), (list, chunkBytes) => {
      const text = list.map(([header, content]) => `--bx\r\n${header}\r\n${content}`).join('\r\n')
      const message = utf8(`Content-Type: multipart/mixed; boundary=bx\r\n\r\n${text}\r\n--bx--\r\n`)
      const made = encoded(message, chunkBytes)
      assert.ok(made)
      assert.ok(!made.includes(0))
      assert.deepEqual(contents(made), contents(message))
      assert.equal(Buffer.compare(made, message) === 0, !message.includes(0))
    }),
  )
})

test('lengths and lines of base64', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      const text = base64(bytes)
      assert.equal(text.length, base64Length(bytes.length))
      assert.ok(text.split('\r\n').every(line => line.length <= 76))
      assert.deepEqual(Buffer.from(decodeTransfer(utf8(text), 'base64')), Buffer.from(bytes))
    }),
  )
})
