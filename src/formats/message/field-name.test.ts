// Names that are kept are the names that are read, also where several fall on one place.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { fieldName } from './field-name.ts'

test('a name is what stands there, however often and whatever was there before', () => {
  const names = ['Subject', 'subject', 'SUBJECT', 'X', 'x', '\u007f', 'X-'.repeat(40)]
  for (let index = 0; index < 3000; index++) names.push(`X-${index.toString(36)}`)
  for (let round = 0; round < 2; round++)
    for (const name of names) {
      const bytes = utf8(`: ${name}:`)
      assert.deepEqual(fieldName(bytes, 2, bytes.length - 1), { name, key: name.toLowerCase() })
    }
})

test('octets above ASCII are no other name', () => {
  const ascii = fieldName(new Uint8Array([97, 98]), 0, 2)
  const other = fieldName(new Uint8Array([97, 226]), 0, 2)
  assert.notEqual(ascii.name, other.name)
  assert.deepEqual(fieldName(new Uint8Array([97, 98]), 0, 2), ascii)
})
