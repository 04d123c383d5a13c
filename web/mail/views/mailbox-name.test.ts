import assert from 'node:assert/strict'
import test from 'node:test'
import { mailboxName } from './mailbox-name.ts'

test('no name of a folder turns round what is read', () => {
  assert.equal(mailboxName({ name: 'a\u202eb\u200f', role: null }), 'ab')
})
