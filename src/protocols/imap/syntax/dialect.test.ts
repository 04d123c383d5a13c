// What ENABLE IMAP4rev2 and ENABLE UTF8=ACCEPT change in the grammar. RFC 9051, RFC 6855 §3
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { rev1, type Dialect } from './dialect.ts'
import { parseRequest } from './parse-request.ts'
import { printMailbox } from './print.ts'
import { printRequest } from './print-request.ts'
import type { Request } from './request.ts'

const rev2: Dialect = { rev2: true, utf8Accept: false }
const utf8Accept: Dialect = { rev2: false, utf8Accept: true }

function parse(line: string | Uint8Array, dialect: Dialect): object {
  const result = parseRequest(
    { segments: [{ line: typeof line === 'string' ? utf8(line) : line, literal: undefined }] },
    dialect,
  )
  return 'problem' in result ? { problem: result.problem, position: result.position } : result.request
}

test('names are UTF-8, and & is a letter', () => {
  for (const dialect of [rev2, utf8Accept]) {
    assert.deepEqual(parse('a DELETE "会議"', dialect), { name: 'DELETE', mailbox: '会議' })
    assert.deepEqual(parse('a DELETE &ZeVnLIqe-', dialect), { name: 'DELETE', mailbox: '&ZeVnLIqe-' })
    assert.deepEqual(parse('a DELETE "R&D"', dialect), { name: 'DELETE', mailbox: 'R&D' })
    assert.equal(printMailbox('日本語', dialect), '"日本語"')
    assert.equal(printMailbox('R&D', dialect), 'R&D')
  }
  assert.equal(printMailbox('日本語', rev1), '&ZeVnLIqe-')
  assert.deepEqual(parse('a DELETE &ZeVnLIqe-', rev1), { name: 'DELETE', mailbox: '日本語' })
})

test('a name that is not in NFC is, and is told as it was', () => {
  assert.deepEqual(parse('a SELECT "u\u0308ber"', rev2), {
    name: 'SELECT',
    mailbox: '\u00fcber',
    oldName: 'u\u0308ber',
    condstore: false,
    resync: undefined,
  })
  assert.deepEqual(parse('a RENAME a "u\u0308"', rev2), { name: 'RENAME', mailbox: 'a', to: '\u00fc', oldName: 'a' })
  assert.deepEqual(parse('a RENAME a "\u00fc"', rev2), { name: 'RENAME', mailbox: 'a', to: '\u00fc' })
})

const refused: readonly [dialect: Dialect, line: string | Uint8Array, problem: string, position: number][] = [
  [rev2, Buffer.from('a SELECT "\xff"', 'latin1'), 'This is not UTF-8', 10],
  [utf8Accept, Buffer.from('a SEARCH SUBJECT "\xc0\xaf"', 'latin1'), 'This is not UTF-8', 18],
  [rev2, 'a CREATE "a\u2028b"', 'The mailbox name is not UTF-8 text', 9],
  [rev1, 'a CREATE "a\u2029b"', 'The mailbox name is not modified UTF-7', 9],
  [rev2, 'a CREATE "a\u0085b"', 'The mailbox name is not UTF-8 text', 9],
  [rev2, 'a STATUS x (RECENT)', 'IMAP4rev2 has no RECENT', 12],
  [rev2, 'a LIST "" * RETURN (STATUS (RECENT))', 'IMAP4rev2 has no RECENT', 28],
  [rev2, 'a SEARCH NOT (UNSEEN NEW)', 'Unknown search key', 21],
  [utf8Accept, 'a SEARCH CHARSET UTF-8 ALL', 'No CHARSET after ENABLE UTF8=ACCEPT', 9],
  [utf8Accept, 'a UID SEARCH RETURN (COUNT) CHARSET UTF-8 ALL', 'No CHARSET after ENABLE UTF8=ACCEPT', 28],
]

test('what is no longer said', () => {
  for (const [dialect, line, problem, position] of refused)
    assert.deepEqual(parse(line, dialect), { problem, position }, String(line))
})

test('each does not bring the other', () => {
  for (const line of ['a STATUS x (RECENT)', 'a SEARCH NEW']) assert.ok(!('problem' in parse(line, utf8Accept)), line)
  assert.ok(!('problem' in parse('a SEARCH CHARSET UTF-8 ALL', rev2)))
  // RFC 5256 §5 wants one
  assert.ok(!('problem' in parse('a SORT (DATE) UTF-8 ALL', utf8Accept)))
})

const written = fc
  .string({
    unit: fc.constantFrom('a', '&', '/', '"', '\\', 'ü', 'u\u0308', '日', '\u304b\u3099', '😀', ' '),
    minLength: 1,
  })
  .filter(name => name.length < 100)

test('what a client prints is what the server reads', () => {
  const named = fc.tuple(fc.constantFrom('DELETE' as const, 'SUBSCRIBE' as const), written).map(([name, text]) => {
    const mailbox = text.normalize('NFC')
    return name === 'DELETE' && mailbox !== text ? { name, mailbox, oldName: text } : { name, mailbox }
  })
  fc.assert(
    fc.property(named, fc.constantFrom(rev1, rev2, utf8Accept), (request: Request, dialect) => {
      const raw = printRequest({ tag: 'A1', request }, { nonSynchronizing: false, dialect })
      assert.deepEqual(parseRequest(raw, dialect), { tag: 'A1', request })
    }),
  )
})

test('no bytes make the parser throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(rev2, utf8Accept), (bytes, dialect) => {
      parse(Buffer.concat([Buffer.from('a LIST "" "'), bytes]), dialect)
      parse(bytes, dialect)
    }),
    { numRuns: 3000 },
  )
})
