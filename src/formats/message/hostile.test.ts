// Hostile and mutated letters: never throws, bounded, linear, and the same from memory and from a file.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import test from 'node:test'
import fc from 'fast-check'
import { parseAddressList } from './address-list.ts'
import type { ByteReader } from './byte-reader.ts'
import { parseContentType } from './content.ts'
import { parseDate } from './date.ts'
import { describeFrom, describeMessage } from './describe.ts'
import { decodeWords } from './encoded-word.ts'
import { forgedResults } from './forged.ts'
import { inspectForSubmission } from './inspect-submission.ts'
import { maxDepth, maxOtherDomains, maxParts, maxStructureBytes } from './limits.ts'
import { ImapText } from './imap-text.ts'
import { parseMessageIds } from './message-id.ts'
import { decodeParameters } from './parameters.ts'
import { leaves, textOf } from './text-of.ts'
import { type Part, parseStructure } from './structure.ts'

const corpus = globSync('tests/corpus/{japanese,mail-parser}/**/*.eml', { cwd: new URL('../../../', import.meta.url) })
  .sort()
  .map(path => readFileSync(new URL(`../../../${path}`, import.meta.url)))

/** As a file is read: small pieces, never the whole. */
function slowReader(bytes: Uint8Array): ByteReader {
  return { sizeBytes: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length) }
}

function depthOf(part: Part): number {
  return 1 + Math.max(0, ...part.children.map(depthOf))
}

function everything(bytes: Uint8Array): void {
  const described = describeMessage(bytes)
  assert.deepEqual(describeFrom(slowReader(bytes)), described)
  for (const part of leaves(described.structure)) {
    assert.ok(part.headerStart <= part.bodyStart && part.bodyStart <= part.bodyEnd && part.bodyEnd <= bytes.length)
  }
  assert.ok(isBalanced(described.bodyStructure) && isBalanced(described.body) && isBalanced(described.envelope))
  textOf(bytes)
  inspectForSubmission(bytes)
  forgedResults(bytes, 'mx.home.test')
}

/** A reader of IMAP data: parentheses match outside of strings, quoted strings hold no line ends, literals have their length. */
function isBalanced(data: Uint8Array): boolean {
  let depth = 0
  for (let at = 0; at < data.length; at++) {
    const byte = data[at]
    if (byte === 0x28) depth++
    else if (byte === 0x29) depth--
    else if (byte === 0x22) {
      for (at++; data[at] !== 0x22; at++) {
        if (data[at] === 0x5c) at++
        if (at >= data.length || (data[at] ?? 0) > 126 || data[at] === 10 || data[at] === 13 || data[at] === 0)
          return false
      }
    } else if (byte === 0x7b) {
      const close = data.indexOf(0x7d, at)
      const size = Number(Buffer.from(data.subarray(at + 1, close)).toString())
      at = close + 2 + size
    } else if ((byte ?? 0) > 126 || (byte ?? 0) < 32) return false
  }
  return depth === 0
}

test('every letter of the corpus', () => {
  assert.ok(corpus.length > 100)
  for (const bytes of corpus) everything(bytes)
})

test('mutated letters', () => {
  const change = fc.tuple(
    fc.nat(),
    fc.nat(40),
    fc.constantFrom('', '\r\n', '--', '"', '(', ':', '=?', '\r\n\r\n', '\0', '\x1b$B', '<', '>'),
  )
  fc.assert(
    fc.property(fc.nat(corpus.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }), (index, changes) => {
      let bytes: Buffer = corpus[index] ?? Buffer.alloc(0)
      for (const [where, removed, text] of changes) {
        const at = where % (bytes.length + 1)
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(text, 'latin1'), bytes.subarray(at + removed)])
      }
      everything(bytes.subarray(0, 20_000))
    }),
    { numRuns: 300 },
  )
})

test('what cannot stand in a quoted string is not sent in one', () => {
  const text = new ImapText().quoted('\x1b$B\0("x\x80\r\n').bytes()
  assert.equal(Buffer.from(text).toString(), '"?$B?(\\"x???"')
})

test('any bytes', () => {
  const words = fc.array(
    fc.constantFrom(
      '--a',
      '\r\n',
      '\n',
      '\r',
      'Content-Type: multipart/mixed; boundary=a\r\n\r\n',
      'Content-Type: message/rfc822\r\n\r\n',
      'To: ',
      '<',
      '@',
      '"',
      '(',
      '\\',
      '=?utf-8?Q?',
      '?=',
      'x',
      ',',
      ';',
      ':',
      '\x80',
      '\0',
      ' ',
    ),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(words, pieces => everything(Buffer.from(pieces.join(''), 'latin1'))),
    { numRuns: 1000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => everything(bytes)),
    { numRuns: 500 },
  )
})

test('10,000 nested multiparts: deep ones are opaque', () => {
  const levels = Array.from(
    { length: 10_000 },
    (_, level) => `Content-Type: multipart/mixed; boundary="b${level}"\r\n\r\n--b${level}\r\n`,
  )
  const bytes = Buffer.from(levels.join(''))
  const described = describeMessage(bytes)
  assert.equal(depthOf(described.structure), maxDepth + 1)
  assert.deepEqual(describeFrom(slowReader(bytes)), described)
})

test('10,000 nested messages', () => {
  const { structure } = describeMessage(Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(10_000)))
  assert.equal(depthOf(structure), maxDepth + 1)
})

test('more parts than are looked at', () => {
  const head = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n'
  const { structure, bodyStructure } = describeMessage(
    Buffer.from(`${head}${'--b\r\n\r\nx\r\n'.repeat(3 * maxParts)}--b--\r\n`),
  )
  assert.ok(structure.children.length < maxParts && structure.children.length > maxParts - 10)
  assert.ok(bodyStructure.length < 2 * maxStructureBytes)
})

// A mebibyte of `@` took seconds and a gigabyte, and ended the thread that judges contents, with everybody's letters in it.
test('of one address a bounded number of words and further domains is kept, what follows it is read', () => {
  const many = 50_000
  for (const text of [
    `a${'@b'.repeat(many)}`,
    `<a${'@b'.repeat(many)}>`,
    '<a@b>'.repeat(many),
    `a${'"" '.repeat(many)}`,
  ]) {
    const [first, second] = parseAddressList(Buffer.from(`${text}, next@example.org`))
    assert.ok(first?.kind === 'mailbox' && (first.otherDomains?.length ?? 0) <= maxOtherDomains)
    assert.ok(second?.kind === 'mailbox' && Buffer.from(second.localpart).toString() === 'next')
  }
})

/** Of our own time, best of some runs: on a busy machine the clock on the wall tells of the neighbours. */
function bestMs(run: () => unknown): number {
  let best = Infinity
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

const repeated: Readonly<Record<string, (count: number) => void>> = {
  'open comments': count => void parseAddressList(Buffer.from('('.repeat(count * 10))),
  'open angle brackets': count => void parseAddressList(Buffer.from('<'.repeat(count * 10))),
  'further domains of one address': count => void parseAddressList(Buffer.from(`a${'@b'.repeat(count)}`)),
  'further angle addresses': count => void parseAddressList(Buffer.from('<a@b>'.repeat(count))),
  'further domains in angle brackets': count => void parseAddressList(Buffer.from(`<a${'@b'.repeat(count)}>`)),
  'unpaired quotes': count => void parseAddressList(Buffer.from('"\\'.repeat(count * 10))),
  'beginnings of encoded words in names': count => void parseAddressList(Buffer.from('=?a?,'.repeat(count))),
  'beginnings of encoded words': count => void decodeWords(Buffer.from('=?utf-8?Q?'.repeat(count))),
  'empty encoded words': count => void decodeWords(Buffer.from('=?utf-8?Q??= '.repeat(count))),
  'raw japanese escapes': count => void parseAddressList(Buffer.from('\x1b$B"'.repeat(count * 10))),
  'parameters without semicolons': count => void parseContentType(Buffer.from(`a/b; x=${' y=1'.repeat(count * 10)}`)),
  'blanks in a parameter': count => void parseContentType(Buffer.from(`a/b; x=${' y'.repeat(count * 10)}`)),
  'numbered parameters': count =>
    void decodeParameters(
      parseContentType(Buffer.from(`a/b${Array.from({ length: count }, (_, n) => `; x*${n}*=a`).join('')}`))
        ?.parameters ?? [],
    ),
  'blanks in a date': count => void parseDate(Buffer.from(`1${' '.repeat(count * 10)}x`)),
  'ids without an end': count => void parseMessageIds(Buffer.from('<'.repeat(count * 10)), 1000),
  'ids inside ids': count => void parseMessageIds(Buffer.from(`${'<a'.repeat(count * 10)}>`), 1000),
  'parentheses in an id': count => void parseMessageIds(Buffer.from(`<${'('.repeat(900)}>`.repeat(count / 10)), 1000),
  'a header of short fields': count => void describeMessage(Buffer.from('a:\r\n'.repeat(count * 10))),
  'recipients in many fields': count => void describeMessage(Buffer.from('To: a@b\r\n'.repeat(count))),
  'near boundaries': count =>
    void parseStructure({
      ...slowReader(Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--c\r\n'.repeat(count * 10)}`)),
    }),
  'boundary lines without an end': count =>
    void describeMessage(Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'\n--'.repeat(count * 10)}`)),
  'header lines in a part': count =>
    void describeMessage(
      Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${'--\r\n'.repeat(count * 10)}`),
    ),
}

for (const [name, run] of Object.entries(repeated))
  test(`time grows with size, not faster: ${name}`, () => {
    run(1000)
    const small = bestMs(() => run(2000))
    const large = bestMs(() => run(16_000))
    // eight times the size; quadratic work would take 64 times as long. Below 8 ms nothing can be told.
    assert.ok(large < Math.max(8, small * 28), `${small} ms, then ${large} ms`)
  })

test('a header of 100 MB, from a file: looked at only at its beginning', () => {
  const sizeBytes = 100 * 1024 * 1024
  const line = Buffer.from(`X-Filler: ${'x'.repeat(52)}\r\n`)
  const slice = Buffer.concat(Array.from({ length: 8192 }, () => line))
  let largest = 0
  const reader: ByteReader = {
    sizeBytes,
    read(offset, length) {
      largest = Math.max(largest, length)
      const from = offset % line.length
      return slice.subarray(from, Math.min(from + length, slice.length, from + sizeBytes - offset))
    },
  }
  const { headerBytes, structure } = describeFrom(reader)
  assert.equal(headerBytes, sizeBytes)
  assert.equal(structure.bodyEnd, sizeBytes)
  assert.ok(largest <= 1024 * 1024)
})
