import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { type ManageSieveRequest, parseRequest, parseResponse, printRequest } from './request.ts'
import { announcedBytes, type RequestPieces } from './tokens.ts'

/** As the server takes a command apart. */
function piecesOf(sent: Uint8Array): RequestPieces {
  const pieces: Uint8Array[] = []
  let rest = Buffer.from(sent)
  for (;;) {
    const end = rest.indexOf('\r\n')
    assert.ok(end >= 0)
    const line = rest.subarray(0, end)
    pieces.push(line)
    rest = rest.subarray(end + 2)
    const length = announcedBytes(line)
    if (length === undefined) break
    pieces.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  assert.equal(rest.length, 0)
  return pieces
}

const parse = (text: string) => parseRequest(piecesOf(Buffer.from(`${text}\r\n`, 'latin1')))

const name = fc.string({ unit: 'binary', maxLength: 60 }).filter(text => !/\p{Surrogate}/u.test(text))
const octets = fc.uint8Array({ maxLength: 2_000 })
const request: fc.Arbitrary<ManageSieveRequest> = fc.oneof(
  fc.record({ kind: fc.constantFrom('capability', 'logout', 'starttls', 'listscripts', 'unauthenticate') }),
  fc.record({ kind: fc.constant('authenticate'), mechanism: name, initial: fc.option(name, { nil: undefined }) }),
  fc.record({ kind: fc.constant('noop'), tag: fc.option(octets, { nil: undefined }) }),
  fc.record({ kind: fc.constant('havespace'), name, sizeBytes: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant('putscript'), name, script: octets }),
  fc.record({ kind: fc.constant('checkscript'), script: octets }),
  fc.record({ kind: fc.constantFrom('setactive', 'getscript', 'deletescript'), name }),
  fc.record({ kind: fc.constant('renamescript'), name, to: name }),
) as fc.Arbitrary<ManageSieveRequest>

test('a command comes back as it was printed', () => {
  fc.assert(
    fc.property(request, given => {
      assert.deepEqual(structuredClone(parseRequest(piecesOf(printRequest(given)))), structuredClone(given))
    }),
  )
})

test('whatever comes, it is a command or a problem', () => {
  const piece = fc.oneof(
    octets,
    fc.constantFrom('NOOP "', 'PUTSCRIPT "a" {3+}', ' ', 'HAVESPACE "a" 1').map(Buffer.from),
  )
  fc.assert(fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), pieces => void parseRequest(pieces)))
})

const good: readonly (readonly [string, ManageSieveRequest])[] = [
  ['capability', { kind: 'capability' }],
  ['Noop "a\\"\\\\b"', { kind: 'noop', tag: new Uint8Array(Buffer.from('a"\\b')) }],
  ['HAVESPACE "myscript" 999999', { kind: 'havespace', name: 'myscript', sizeBytes: 999_999 }],
  ['SETACTIVE ""', { kind: 'setactive', name: '' }],
  ['GETSCRIPT {3+}\r\nabc', { kind: 'getscript', name: 'abc' }],
  ['RENAMESCRIPT {1+}\r\na {1+}\r\nb', { kind: 'renamescript', name: 'a', to: 'b' }],
]
for (const [text, wanted] of good)
  test(`good: ${JSON.stringify(text)}`, () => assert.deepEqual(structuredClone(parse(text)), structuredClone(wanted)))

const bad: readonly (readonly [string, string])[] = [
  ['', 'syntax'],
  [' NOOP', 'syntax'],
  ['NOOP ', 'syntax'],
  ['NOOP  "a"', 'syntax'],
  ['NOOP "a', 'syntax'],
  ['NOOP "\\n"', 'syntax'],
  ['NOOP "a"b', 'syntax'],
  ['NOOP{1+}\r\na', 'syntax'],
  ['{4+}\r\nNOOP', 'syntax'],
  // a client that waits for leave to go on will not get it
  ['GETSCRIPT {3}', 'syntax'],
  ['GETSCRIPT {1+}\r\nab', 'syntax'],
  ['constructor', 'unknown'],
  ['LISTSCRIPTS "x"', 'arguments'],
  ['GETSCRIPT', 'arguments'],
  ['GETSCRIPT name', 'arguments'],
  ['HAVESPACE "a" 4294967296', 'arguments'],
  ['HAVESPACE "a" -1', 'arguments'],
  ['HAVESPACE "a" "1"', 'arguments'],
  ['GETSCRIPT "\xff"', 'not-utf8'],
  [`NOOP "${'x'.repeat(1025)}"`, 'syntax'],
]
for (const [text, what] of bad)
  test(`bad: ${JSON.stringify(text.slice(0, 40))}`, () => assert.deepEqual(parse(text), { kind: 'problem', what }))

test('a response of an exchange is one string', () => {
  const read = (text: string) => parseResponse(piecesOf(Buffer.from(`${text}\r\n`)))
  assert.deepEqual([read('"*"'), read('{2+}\r\nYQ'), read('YQ=='), read('"a" "b"')], ['*', 'YQ', undefined, undefined])
})
