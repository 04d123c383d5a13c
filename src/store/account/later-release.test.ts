// The next release adds columns, and whoever goes back to this one goes on with the same files: every row is written by column names.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Database } from '../sqlite.ts'
import { AccountWriter } from './account-writer.ts'
import { append } from './append.ts'
import { changeFlags } from './change-flags.ts'
import { copy, expunge } from './copy.ts'
import { destroySome } from './doomed.ts'
import { createMailbox, renameMailbox, subscribe } from './mailboxes.ts'
import { setMetadata } from './metadata.ts'
import { createAccount, databasePath } from './open-account.ts'
import { deliver } from './deliver.ts'
import { activateScript, putScript } from './scripts.ts'
import type { DeliverInput, FilingInput, KeptBytes, WriterOperations } from './operations.ts'

const inbox = 1
const archive = 2
const nowMs = 5

async function withLaterColumns(act: (account: AccountWriter) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-later-'))
  try {
    createAccount(folder, 'later', { archive: 'Archive' }, 1_000_000)
    using database = new Database(databasePath(folder), { durability: 'NORMAL' })
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .all()
    for (const { name } of tables) database.exec(`ALTER TABLE ${String(name)} ADD COLUMN later_release TEXT`)
    const account = new AccountWriter('later', folder, database, { rangeRows: 4, eachRows: 2, destroyedAtOnce: 2 })
    database.write(() => act(account))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function letter(number: number): WriterOperations['append']['input']['messages'][number] {
  const bytes = Buffer.from(`Subject: ${number}\r\nMessage-ID: <${number}@example.org>\r\n\r\ntext\r\n`)
  const receivedHash = hash('sha256', bytes, 'buffer')
  const kept = { kind: 'memory', bytes, sizeBytes: bytes.length, traceBytes: 0, receivedHash } as const
  return { kept, flags: { mode: 'replace', system: 0, keywords: [] }, internalDate: nowMs }
}

function filedDelivery(filing: FilingInput): DeliverInput {
  const bytes = new Uint8Array(0)
  return {
    recipient: 'a@home.test',
    attempt: { id: 'g.1.1', origin: 'g', boot: 1, gone: [], confirmed: false },
    fingerprint: bytes,
    mailbox: { role: 'inbox' },
    flags: { mode: 'add', system: 0, keywords: [] },
    internalDate: nowMs,
    kept: { kind: 'memory', bytes, sizeBytes: 0, traceBytes: 0, receivedHash: bytes },
    filing,
    outbox: [{ id: 'o', kind: 'redirect', envelope: '{}', message: bytes }],
    overQuota: 'refuse',
    quotaBytes: undefined,
    nowMs,
    confirms: [],
    prompt: false,
  }
}

test('letters, copies, removals, names and annotations are written in tables with more columns', () =>
  withLaterColumns(account => {
    const run = <Output>(act: () => Output) => account.operation(act)
    const messages = Array.from({ length: 9 }, (_, number) => letter(number))
    run(() =>
      append(account, { mailbox: inbox, messages, replaced: undefined, quotaBytes: undefined, prompt: false, nowMs }),
    )
    run(() => copy(account, { from: inbox, to: archive, uids: [1, 2, 4, 5], nowMs }))
    const change = { mode: 'add', system: 16, keywords: ['$Later'] } as const
    run(() =>
      changeFlags(account, { mailbox: inbox, uids: [4, 9], change, unchangedSince: undefined, known: undefined }),
    )
    run(() => expunge(account, { mailbox: inbox, uids: undefined, nowMs }))
    while (!run(() => destroySome(account)));
    run(() => createMailbox(account, { name: 'New', role: undefined, subscribe: true, nowMs }))
    run(() => subscribe(account, { name: 'Other', on: true }))
    const value = Buffer.from('v')
    run(() => setMetadata(account, { mailbox: inbox, entries: [{ name: '/private/comment', value }] }))
    const file = { mode: 'add', system: 0, keywords: [] } as const
    const emails = [{ kept: letter(10).kept as KeptBytes, version: 0, flags: file, mailboxes: [{ role: 'inbox' }] }]
    run(() => deliver(account, filedDelivery({ emails, remember: [{ key: 'k', until: 9 }], reply: undefined })))
    run(() => putScript(account, { name: 'main', bytes: value, nowMs }))
    run(() => activateScript(account, { name: 'main' }))
    run(() => renameMailbox(account, { name: 'INBOX', to: 'Old', nowMs }))
    const count = (table: string) => account.database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count
    const tables = ['email', 'placement', 'tombstone', 'doomed', 'keyword', 'metadata', 'subscription', 'delivery']
    tables.push('outbox', 'remembered', 'script')
    assert.deepEqual(Object.fromEntries(tables.map(table => [table, count(table)])), {
      email: 6,
      placement: 8,
      tombstone: 10,
      doomed: 0,
      keyword: 1,
      metadata: 2,
      subscription: 4,
      delivery: 1,
      outbox: 1,
      remembered: 1,
      script: 1,
    })
  }))
