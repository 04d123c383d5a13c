// What goes wrong around the journal: threads that end, files that are gone, accounts that cannot be opened for a while.
import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { silentLog, type Log } from '#base/log.ts'
import { AccountFailure } from '#store/account/failures.ts'
import { DeferredCommits } from '#store/account/journal/deferred.ts'
import { Journal } from '#store/account/journal/journal.ts'
import { printDelivery } from '#store/account/journal/record.ts'
import { Database } from '#store/sqlite.ts'
import { OpenWriters } from '#store/account/open-writers.ts'
import { deliver } from '#store/account/deliver.ts'
import type { DeliverInput, KeptBytes } from '#store/account/operations.ts'
import { accountId, collect, delivery, letter, testOptions } from './accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from './accounts.ts'
import type { AccountId } from './ids.ts'

const signal = new AbortController().signal
const one = accountId(1)

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-journal-'))
  try {
    await act(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function withAccount(folder: string): Promise<void> {
  await using accounts = await openAccounts(testOptions(folder))
  await accounts.createAccount(one, 'en')
}

async function inputOf(number: number, file?: string): Promise<DeliverInput> {
  const {
    trace: _,
    account: _account,
    filing: _filing,
    message,
    ...rest
  } = delivery(one, { message: letter(`Number ${number}`) })
  const bytes = new Uint8Array(await collect(message))
  const hash = new Uint8Array(32)
  const facts = { sizeBytes: file ? 200_000 : bytes.length, traceBytes: 0, receivedHash: hash }
  const kept: KeptBytes = file
    ? { kind: 'file', name: file, checksum: 1, ...facts }
    : { kind: 'memory', bytes, ...facts }
  const outbox: DeliverInput['outbox'] = []
  return {
    ...rest,
    outbox,
    kept,
    quotaBytes: undefined,
    nowMs: Date.now(),
    confirms: [],
    prompt: false,
  } as DeliverInput
}

async function journalOf(folder: string, inputs: readonly DeliverInput[]): Promise<void> {
  await mkdir(join(folder, 'journal'), { recursive: true })
  const journal = new Journal(join(folder, 'journal', 'earlier-0-1.journal'))
  journal.append(inputs.map(input => printDelivery({ account: one, input })))
  journal.close()
}

function storeOf(folder: string, path: string): { readonly writers: OpenWriters; readonly deferred: DeferredCommits } {
  const writers: OpenWriters = new OpenWriters({
    folder,
    bootMark: 'test',
    maySweep: () => true,
    onOpen: account => deferred.restore(account),
    onClose() {},
  })
  const deferred = new DeferredCommits({ path, writers, committed() {}, failed() {} })
  return { writers, deferred }
}

async function uidsIn(accounts: OpenAccounts, id: AccountId): Promise<readonly number[]> {
  const account = await accounts.account(id)
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  using view = await account.open(inbox.id)
  assert.ok(view)
  return Array.from({ length: view.length }, (_, index) => view.uid(index))
}

test('a record whose file was dropped after the answer brings no letter without bytes, and keeps nobody waiting', async () => {
  await inFolder(async folder => {
    await withAccount(folder)
    await journalOf(folder, [await inputOf(1), await inputOf(2, 'gone-1'), await inputOf(3)])
    const errors: unknown[] = []
    const log: Log = { ...silentLog, error: (_message: string, fields?: unknown) => void errors.push(fields) }
    await using accounts = await openAccounts(testOptions(folder, { log }))
    assert.deepEqual(await uidsIn(accounts, one), [1, 2])
    assert.deepEqual(await accounts.scrub(one), { checked: 2, damaged: [] })
    assert.equal(errors.length, 1)
  })
})

test('a writer thread that ends: what it had answered is read out of its journal, by who looks at once too', async () => {
  const workers: Worker[] = []
  const found = (worker: Worker) => void workers.push(worker)
  process.on('worker', found)
  try {
    await inFolder(async folder => {
      await using accounts = await openAccounts(testOptions(folder, { writerThreads: 1 }))
      const ids = [1, 2, 3, 4].map(accountId)
      for (const id of ids) await accounts.createAccount(id, 'en')
      for (const id of ids) assert.deepEqual(await uidsIn(accounts, id), [])
      const told = await Promise.all(ids.map(id => accounts.deliver(delivery(id), signal)))
      const again = await Promise.all(ids.map(id => accounts.deliver(delivery(id), signal)))
      await workers[0]?.terminate()
      assert.ok([...told, ...again].every(({ status }) => status === 'stored'))
      for (const id of ids) assert.deepEqual(await uidsIn(accounts, id), [1, 2])
    })
  } finally {
    process.off('worker', found)
  }
})

test('an account that opens only later lets go of the journals of before, without waiting for the next start', async () => {
  await inFolder(async folder => {
    await withAccount(folder)
    await journalOf(folder, [await inputOf(1)])
    const database = join(folder, one, 'account.db')
    await rename(database, `${database}.away`)
    await mkdir(database)
    await using accounts = await openAccounts(testOptions(folder))
    const journals = () => readdir(join(folder, 'journal'))
    assert.equal((await journals()).length, 1, 'its letter waits')
    await rmdir(database)
    await rename(`${database}.away`, database)
    assert.deepEqual(await uidsIn(accounts, one), [1])
    for (let tries = 0; tries < 200 && (await journals()).length > 0; tries++) await sleep(50)
    assert.deepEqual(await journals(), [])
  })
})

test('no journal, and the sync fails after the commit: the letter stays with its file, and is synced before it is told again', async () => {
  await inFolder(async folder => {
    await withAccount(folder)
    const { deferred, writers } = storeOf(folder, join(folder, 'no such folder', 'x'))
    const input = await inputOf(1)
    const account = writers.get(one)
    deferred.begin(account)
    account.operation(() => deliver(account, input))
    assert.throws(() => deferred.keep([{ account: one, input }]))
    account.database.exec('ALTER TABLE sync_mark RENAME TO away')
    const isUncertain = (error: unknown) => error instanceof AccountFailure && error.code === 'UNCERTAIN'
    assert.throws(() => deferred.commitSynced(account), isUncertain)
    assert.ok(deferred.owes(one), 'a sync is owed')
    assert.throws(() => writers.get(one), /sync_mark/)
    new Database(join(folder, one, 'account.db'), { durability: 'FULL' }).exec('ALTER TABLE away RENAME TO sync_mark')
    const opened = writers.get(one)
    assert.equal(deferred.owes(one), false)
    assert.equal(opened.operation(() => deliver(opened, input)).repeated, true)
    writers.closeAll()
  })
})

test('after a failed sync the journal keeps its letters until they have been written anew', async () => {
  await inFolder(async folder => {
    await withAccount(folder)
    const { deferred, writers } = storeOf(folder, join(folder, 'journal', 'x'))
    const database = join(folder, one, 'account.db')
    const reader = new Database(database, { durability: 'FULL' })
    writers.get(one)
    reader.exec('BEGIN; SELECT count(*) FROM mailbox')
    const input = await inputOf(1)
    const account = writers.get(one)
    deferred.begin(account)
    account.operation(() => deliver(account, input))
    deferred.keep([{ account: one, input }])
    deferred.commit(one)
    const walBytes = statSync(`${database}-wal`).size
    writers.giveUp(account, new Error('disk I/O error'))
    deferred.syncAll()
    assert.ok(deferred.owes(one), 'a reader is in the way of writing anew')
    reader.exec('COMMIT')
    deferred.syncAll()
    assert.equal(deferred.owes(one), false)
    assert.ok(statSync(`${database}-wal`).size < walBytes, 'the WAL began anew')
    reader.close()
    writers.closeAll()
  })
})

test('a journal that cannot be read: the files it may name stay', async () => {
  await inFolder(async folder => {
    await withAccount(folder)
    await mkdir(join(folder, 'journal', 'earlier-0-1.journal'), { recursive: true })
    const file = join(folder, one, 'messages', 'earlier-1')
    await writeFile(file, 'bytes')
    {
      await using accounts = await openAccounts(testOptions(folder))
      assert.deepEqual(await uidsIn(accounts, one), [])
    }
    assert.ok(existsSync(file))
    await rmdir(join(folder, 'journal', 'earlier-0-1.journal'))
    await using accounts = await openAccounts(testOptions(folder))
    assert.deepEqual(await uidsIn(accounts, one), [])
    assert.equal(existsSync(file), false, 'swept once nothing can need it')
  })
})
