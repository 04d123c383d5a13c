import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { announcementAt, Framer } from './framing.ts'
import { appendLineLimitBytes, appendMessageLimit } from './limits.ts'

const limits = { lineBytes: 100, literalBytes: 20, appendBytes: 1000 }

const announcements: readonly [line: string, expected: object | undefined, why: string][] = [
  ['a LOGIN {5}', { sizeBytes: 5, synchronizing: true, binary: false }, 'synchronizing'],
  ['a LOGIN {5+}', { sizeBytes: 5, synchronizing: false, binary: false }, 'non-synchronizing'],
  ['a APPEND x ~{5}', { sizeBytes: 5, synchronizing: true, binary: true }, 'literal8'],
  ['{0}', { sizeBytes: 0, synchronizing: true, binary: false }, 'empty'],
  ['a LOGIN {5-}', undefined, 'no such mark'],
  ['a LOGIN {}', undefined, 'no number'],
  ['a LOGIN {+}', undefined, 'no number'],
  ['a LOGIN 5}', undefined, 'no brace'],
  ['a LOGIN {5} ', undefined, 'not at the end'],
  ['a LOGIN {9999999999999999}', undefined, 'no exact number'],
]
for (const [line, expected, why] of announcements)
  test(`announcement in ${line}: ${why}`, () => assert.deepEqual(announcementAt(utf8(line)), expected))

test('only the messages of APPEND and REPLACE go to the spool', () => {
  const cases: readonly [line: string, message: boolean][] = [
    ['a APPEND INBOX {900}', true],
    ['a append INBOX (\\Seen) {900}', true],
    ['a APPEND {9}', false],
    ['a LOGIN {9}', false],
    ['a APPENDIX INBOX {9}', false],
    ['a REPLACE 4 Drafts {900}', true],
    ['a uid replace 2000 "Drafts" (\\Seen) {900}', true],
    ['a UID REPLACE 2000 {9}', false],
    ['a REPLACE {9}', false],
    ['a UID STORE 1 {9}', false],
    ['a APPEND x CATENATE (URL {9}', false],
    ['a APPEND x (\\Seen) CATENATE (URL "/y/;UID=1" url {9+}', false],
    ['a APPEND x CATENATE (TEXT {900}', true],
    ['a APPEND URL {900}', true],
    ['a UID REPLACE 4 url {900}', true],
  ]
  for (const [line, message] of cases) {
    const step = new Framer().line(utf8(line), limits)
    assert.equal(step.kind === 'literal' && step.message, message, line)
  }
})

test('the mailbox name of APPEND may be a literal before the message', () => {
  const framer = new Framer()
  assert.equal(framer.line(utf8('a APPEND {5}'), limits).kind, 'literal')
  framer.literal({ kind: 'bytes', bytes: utf8('INBOX'), binary: false })
  const step = framer.line(utf8(' {900}'), limits)
  assert.ok(step.kind === 'literal' && step.message)
})

test('literals of one request are counted together', () => {
  const framer = new Framer()
  assert.equal(framer.line(utf8('a LOGIN {15}'), limits).kind, 'literal')
  framer.literal({ kind: 'bytes', bytes: new Uint8Array(15), binary: false })
  const step = framer.line(utf8(' {15+}'), limits)
  assert.ok(step.kind === 'too-big' && step.what === 'literal')
  assert.equal(step.literal?.synchronizing, false)
  assert.ok(framer.isFresh, 'the next line begins a request')
})

test('lines of one request are counted together', () => {
  const framer = new Framer()
  framer.line(utf8(`a SEARCH ${'x'.repeat(80)} {1}`), limits)
  framer.literal({ kind: 'bytes', bytes: utf8('x'), binary: false })
  assert.equal(framer.line(utf8(` ${'x'.repeat(80)}`), limits).kind, 'too-big')
})

test('messages of one APPEND are counted together, in octets and in number', () => {
  const message = { kind: 'bytes', bytes: new Uint8Array(0), binary: false } as const
  const large = new Framer()
  assert.equal(large.line(utf8('a APPEND x {600+}'), limits).kind, 'literal')
  large.literal(message)
  assert.equal(large.line(utf8(' {600+}'), limits).kind, 'too-big')
  const many = new Framer()
  let step = many.line(utf8('a APPEND x {0+}'), limits)
  let count = 0
  for (; step.kind === 'literal'; count += 1) {
    many.literal(message)
    step = many.line(utf8(' {0+}'), limits)
  }
  assert.equal(step.kind, 'too-big')
  assert.equal(count, appendMessageLimit)
})

test('each message of an APPEND brings room for its own line, and no more', () => {
  const message = { kind: 'bytes', bytes: new Uint8Array(0), binary: false } as const
  const long = `${' '.repeat(appendLineLimitBytes + limits.lineBytes / 2)}{0+}`
  const framer = new Framer()
  let step = framer.line(utf8('a APPEND x {0+}'), limits)
  let count = 0
  for (; step.kind === 'literal' && count < 10; count += 1) {
    framer.literal(message)
    step = framer.line(utf8(long), limits)
  }
  assert.equal(step.kind, 'too-big')
  assert.equal(count, 2)
})
