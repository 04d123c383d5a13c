import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { decodeMailboxName, encodeMailboxName } from './mailbox-name.ts'

const pairs: readonly [wire: string, name: string][] = [
  ['INBOX', 'INBOX'],
  ['~peter/mail/&U,BTFw-/&ZeVnLIqe-', '~peter/mail/台北/日本語'], // RFC 3501 §5.1.3
  ['&AOk-t&AOk-', 'été'],
  ['Tom &- Jerry', 'Tom & Jerry'],
  ['&2D3eAA-', '😀'],
  ['', ''],
]
for (const [wire, name] of pairs)
  test(`${wire} is ${name}`, () => {
    assert.equal(decodeMailboxName(utf8(wire)), name)
    assert.equal(encodeMailboxName(name), wire)
  })

const invalid: readonly [wire: string, why: string][] = [
  ['&Jjo', 'the shift has no end'],
  ['&Jjo!-', '! is not in the alphabet'],
  ['&AA-', 'too few bits for a character'],
  ['&Jjp-', 'padding bits are not zero'],
  ['&2D0-', 'half a surrogate pair'],
  ['&AAA-', 'NUL'],
  ['a\tb', 'a control'],
]
for (const [wire, why] of invalid)
  test(`${JSON.stringify(wire)} is no name: ${why}`, () => assert.equal(decodeMailboxName(utf8(wire)), undefined))

test('raw UTF-8 is taken, other eight-bit bytes are not', () => {
  assert.equal(decodeMailboxName(utf8('会議')), '会議')
  assert.equal(decodeMailboxName(new Uint8Array([0xe9, 0x74])), undefined)
})

test('decode(encode(name)) is the name in NFC', () => {
  const names = fc
    .string({ unit: 'grapheme' })
    .filter(name => name.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(name))
  fc.assert(
    fc.property(names, name => {
      const wire = encodeMailboxName(name)
      assert.match(wire, /^[ -~]*$/)
      assert.equal(decodeMailboxName(utf8(wire)), name.normalize('NFC'))
    }),
  )
})
