// IMAP events in the writer: which script is named, what is cut and dropped, and what a refused command leaves.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Database } from '../sqlite.ts'
import { AccountWriter } from './account-writer.ts'
import { imapScriptEntry, noteEvent } from './imap-events.ts'
import { setMetadata } from './metadata.ts'
import { createAccount, databasePath } from './open-account.ts'
import { countImapEvents, readOldestImapEvent } from './tables/imap-event.ts'
import { writerOperations } from './writer-operations.ts'

const actor = { login: 'hanako@home.test', script: 'server', nowMs: 5 }
const inbox = 1
const archive = 2

async function withWriter(act: (account: AccountWriter) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-events-'))
  try {
    createAccount(folder, 'a', { archive: 'Archive' }, 1_000_000)
    using database = new Database(databasePath(folder), { durability: 'NORMAL' })
    database.write(() => act(new AccountWriter('a', folder, database)))
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

test('the mailbox’s own entry counts, an empty one is no script, and without one it is the server’s', () =>
  withWriter(account => {
    const named = (value: string | undefined, script: string | undefined) => {
      const bytes = value === undefined ? undefined : Buffer.from(value)
      account.operation(() =>
        setMetadata(account, { mailbox: inbox, entries: [{ name: imapScriptEntry, value: bytes }] }),
      )
      const before = countImapEvents(account.database)
      account.operation(() =>
        noteEvent(account, { cause: 'COPY', mailbox: inbox, uids: [7], actor: { ...actor, script } }),
      )
      return countImapEvents(account.database) > before
    }
    assert.equal(named(undefined, undefined), false)
    assert.equal(named(undefined, 'server'), true)
    assert.equal(readOldestImapEvent(account.database)?.script, 'server')
    assert.equal(named('', 'server'), false)
    assert.equal(named('x'.repeat(600), 'server'), false)
    assert.equal(named('振り分け', undefined), true)
    assert.equal(
      account.operation(() => noteEvent(account, { cause: 'COPY', mailbox: inbox, uids: [7], actor: undefined })),
      undefined,
    )
    assert.equal(countImapEvents(account.database), 2)
  }))

test('many messages are several events; more than may wait are dropped, and the notice says so', () =>
  withWriter(account => {
    const limits = { messages: 2, waiting: 3 }
    account.operation(() =>
      noteEvent(account, { cause: 'APPEND', mailbox: inbox, uids: [5, 3, 1, 2, 4], actor }, limits),
    )
    assert.equal(account.takeNotice()?.imapEvents, 'noted')
    assert.equal(countImapEvents(account.database), 3)
    assert.deepEqual([...(readOldestImapEvent(account.database)?.uids ?? [])], [1, 2])
    account.operation(() => noteEvent(account, { cause: 'APPEND', mailbox: inbox, uids: [6], actor }, limits))
    assert.equal(account.takeNotice()?.imapEvents, 'dropped')
    assert.equal(countImapEvents(account.database), 3)
  }))

test('a command that is refused, or finds nothing, raises no event', () =>
  withWriter(account => {
    const change = { mode: 'add', system: 1, keywords: [] } as const
    const nowhere = { from: inbox, uids: [1, 5], to: 99, nowMs: 1, actor }
    account.operation(() => writerOperations.copy(account, nowhere))
    account.operation(() => writerOperations.move(account, { ...nowhere, to: archive }))
    const about = { uids: [1, 5], change, unchangedSince: undefined, known: undefined, actor }
    for (const mailbox of [inbox, 99])
      account.operation(() => writerOperations.changeFlags(account, { ...about, mailbox }))
    assert.equal(countImapEvents(account.database), 0)
  }))
