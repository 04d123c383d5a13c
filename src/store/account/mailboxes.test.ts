// An account that is full of mailboxes takes no further one, and goes on giving other names to those it has.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Database } from '../sqlite.ts'
import { AccountWriter } from './account-writer.ts'
import { maxMailboxes } from './limits.ts'
import { createMailbox, renameMailbox } from './mailboxes.ts'
import { createAccount, databasePath } from './open-account.ts'

const nowMs = 5

test('a full account: names may change, but not by way of a new mailbox', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-full-'))
  try {
    createAccount(folder, 'full', {}, 1_000_000)
    using database = new Database(databasePath(folder), { durability: 'NORMAL' })
    const account = new AccountWriter('full', folder, database)
    const create = (name: string) => createMailbox(account, { name, role: undefined, subscribe: false, nowMs })
    const rename = (name: string, to: string) => renameMailbox(account, { name, to, nowMs })
    const full = { refused: 'too-many-mailboxes' }
    database.write(() =>
      account.operation(() => {
        for (let at = account.mailboxCount; at < maxMailboxes; at++) assert.ok(!('refused' in create(`Box ${at}`)))
        assert.deepEqual(create('One more'), full)
        assert.deepEqual(rename('Box 1', 'New parent/Box'), full)
        assert.deepEqual(rename('INBOX', 'Old mail'), full)
        assert.deepEqual(rename('Box 1', 'Box one'), {})
      }),
    )
    assert.equal(account.mailboxCount, maxMailboxes)
    assert.ok(account.mailboxNamed('Box one'))
  } finally {
    await rm(folder, { recursive: true })
  }
})
