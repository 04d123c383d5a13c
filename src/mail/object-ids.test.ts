import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { EmailId, MailboxId, ThreadId } from './ids.ts'
import { printEmailId, printMailboxId, printThreadId, readEmailId, readMailboxId, readThreadId } from './object-ids.ts'

test('what is printed is read back, by its own kind only', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), number => {
      const printed = [
        printMailboxId(number as MailboxId),
        printEmailId(number as EmailId),
        printThreadId(number as ThreadId),
      ]
      // RFC 8474 §7: objectid
      for (const text of printed) assert.match(text, /^[A-Za-z0-9_-]{1,255}$/)
      assert.deepEqual(printed.map(readMailboxId), [number, undefined, undefined])
      assert.deepEqual(printed.map(readEmailId), [undefined, number, undefined])
      assert.deepEqual(printed.map(readThreadId), [undefined, undefined, number])
    }),
  ))

test('an id has one spelling', () => {
  for (const text of ['', 'E', 'E0', 'E01', 'e1', 'E1 ', 'E-1', 'E1.0', 'E9007199254740992', 'E99999999999999999'])
    assert.equal(readEmailId(text), undefined, text)
})
