import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { printStructure } from '#formats/message/body-structure.ts'
import { readerOf } from '#formats/message/byte-reader.ts'
import { parseStructure } from '#formats/message/structure.ts'
import { isAttached } from '#formats/message/attached.ts'
import { hasAttachment } from '#formats/message/body-lists.ts'
import { letterBodies } from './letter-parts.ts'

test('BODYSTRUCTURE says the same of attachments as the letter itself, whatever it is made of', () => {
  const random = generator(8621)
  const counts = [0, 0]
  for (let round = 0; round < 1500; round++) {
    const octets = utf8(letter(random))
    const reader = readerOf(octets)
    const own = hasAttachment(letterBodies(reader))
    const { bodyStructure } = printStructure(reader, parseStructure(reader).root)
    assert.equal(isAttached(bodyStructure), own, Buffer.from(octets).toString())
    counts[own ? 1 : 0] = (counts[own ? 1 : 0] ?? 0) + 1
  }
  assert.ok(
    counts.every(count => count > 100),
    String(counts),
  )
})

const types = ['text/plain', 'text/html', 'image/png', 'application/pdf', 'message/rfc822', 'audio/ogg', 'text/csv']
const subtypes = ['mixed', 'alternative', 'related', 'signed']
const further = [
  '',
  'Content-Disposition: inline',
  'Content-Disposition: attachment; filename="a (\\"b\\") {3}.pdf"',
  'Content-ID: <x@example.org>',
  "Content-Disposition: inline; filename*0*=UTF-8''%E8; filename*1*=a",
  'Content-Language: ja, en',
  'Content-Location: http://example.org/)(',
]

function letter(random: () => number, depth = 0): string {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? ''
  const fields = [pick(further), pick(further)].filter((field, at, all) => field !== '' && all.indexOf(field) === at)
  if (depth < 3 && random() < (depth === 0 ? 0.8 : 0.3)) {
    const boundary = `b${depth}${Math.floor(random() * 1e9)}`
    const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => letter(random, depth + 1))
    const body = parts.map(part => `--${boundary}\r\n${part}\r\n`).join('')
    return `Content-Type: multipart/${pick(subtypes)}; boundary=${boundary}\r\n\r\n${body}--${boundary}--\r\n`
  }
  const type = pick(types)
  const name = random() < 0.2 ? '; name="x y"' : ''
  const content = type === 'message/rfc822' && depth < 3 ? letter(random, depth + 1) : 'text'
  return `${[`Content-Type: ${type}${name}`, ...fields].join('\r\n')}\r\n\r\n${content}`
}

/** mulberry32: the same course each time */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
