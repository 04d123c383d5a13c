// Deliveries into several accounts at a time: answered from the journal, committed a little later.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLog, type Log } from '#base/log.ts'
import { mountSmallDisk, whyNoSmallDisk } from '../../tests/support/small-disk.ts'
import { accountId, delivery, isFiled, letter, numberedLetter, testOptions, withAccounts } from './accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from './accounts.ts'
import type { AccountId, DeliveryId } from './ids.ts'

const signal = new AbortController().signal
const child = fileURLToPath(new URL('./account-journal.child.ts', import.meta.url))
const eight = Array.from({ length: 8 }, (_, number) => accountId(number + 1))

type Told = { readonly account: AccountId; readonly number: string; readonly uid: number }

/** Letters `from`… into the eight accounts in turn, all at once; those that were answered. */
async function deliverMany(accounts: OpenAccounts, count: number, from = 0): Promise<readonly Told[]> {
  const numbers = Array.from({ length: count }, (_, index) => from + index)
  const told = await Promise.all(
    numbers.map(async index => {
      const account = eight[index % eight.length] as AccountId
      const number = `9.${index}`
      const attempt = { id: `gateway.${number}` as DeliveryId }
      const delivered = delivery(account, { message: letter(`Number ${number}`, 'x'.repeat(2000)), attempt })
      const result = await accounts.deliver(delivered, signal).catch(() => undefined)
      return result?.status === 'stored' ? [{ account, number, uid: result.uid }] : []
    }),
  )
  return told.flat()
}

/** Every account holds what was told, under the UID that was told, and nothing twice. */
async function checkTold(accounts: OpenAccounts, told: readonly Told[]): Promise<void> {
  for (const [id, letters] of Map.groupBy(told, ({ account }) => account)) {
    const account = await accounts.account(id)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    using view = await account.open(inbox.id)
    assert.ok(view)
    assert.equal(view.length, inbox.messages)
    const numbers = new Map<number, string>()
    const rows = await account.emails(Array.from({ length: view.length }, (_, index) => view.emailId(index)))
    for (const [index, row] of rows.entries())
      numbers.set(view.uid(index), /Number (\S+?)"/.exec(Buffer.from(row?.envelope ?? []).toString())?.[1] ?? '')
    for (const { number, uid } of letters) {
      if (Number(number.split('.')[1]) % 40 === 39 && !number.startsWith('9.')) continue // a large letter has another subject
      assert.equal(numbers.get(uid), number, `${id} has letter ${number} under UID ${uid}`)
    }
    const small = [...numbers.values()].filter(Boolean)
    assert.equal(new Set(small).size, small.length, `${id} has each letter once`)
  }
}

const journals = (folder: string) => readdir(join(folder, 'journal'))

async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return
    await sleep(50)
  }
  assert.fail(what)
}

test('what was answered can be read at once, under the UIDs that were told, though it is not committed yet', async () => {
  await withAccounts(
    async (accounts, folder) => {
      for (const id of eight) await accounts.createAccount(id, 'en')
      const before = accounts.commits.count
      const told = await deliverMany(accounts, 160)
      assert.equal(told.length, 160)
      assert.ok(accounts.commits.count - before < 80, 'many letters shared a commit')
      assert.equal((await journals(folder)).length, 1)
      await checkTold(accounts, told)
      // asked in the moment of the answer, by somebody who had the account open
      let asked = 0
      const readers = new Map(await Promise.all(eight.map(async id => [id, await accounts.account(id)] as const)))
      await Promise.all(
        Array.from({ length: 80 }, async (_, index) => {
          const account = eight[index % eight.length] as AccountId
          const result = await accounts.deliver(delivery(account, { message: letter(`Asked ${index}`) }), signal)
          const inbox = await readers.get(account)?.mailboxNamed('INBOX')
          assert.ok(result.status === 'stored' && inbox && inbox.uidNext > result.uid, `letter ${index} is there`)
          asked++
        }),
      )
      assert.equal(asked, 80)
    },
    { writerThreads: 1 },
  )
})

test('who looks at a mailbox hears of letters at once', async () => {
  await withAccounts(
    async accounts => {
      for (const id of eight) await accounts.createAccount(id, 'en')
      const account = await accounts.account(eight[0] as AccountId)
      const inbox = await account.mailboxNamed('INBOX')
      assert.ok(inbox)
      using _view = await account.open(inbox.id)
      let heard = 0
      using _watch = account.watch(() => heard++)
      await deliverMany(accounts, 80, 1)
      for (let round = 0; round < 20; round++) {
        const before = heard
        await accounts.deliver(delivery(eight[0] as AccountId), signal)
        // the answer of the next batch comes after what the batch before it had to tell
        await accounts.deliver(delivery(eight[1] as AccountId), signal)
        assert.ok(heard > before, `letter ${round} was told before the next was answered`)
      }
    },
    { writerThreads: 1 },
  )
})

test('a clean end leaves no journal', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-journal-'))
  try {
    let told: readonly Told[]
    {
      await using accounts = await openAccounts(testOptions(folder, { writerThreads: 1 }))
      for (const id of eight) await accounts.createAccount(id, 'en')
      told = await deliverMany(accounts, 80)
    }
    assert.deepEqual(await journals(folder), [])
    await using accounts = await openAccounts(testOptions(folder, { writerThreads: 3 }))
    await checkTold(accounts, told)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('kill -9 among deliveries into many accounts: all that was answered is there, once, under its UID', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-journal-'))
  try {
    const told: Told[] = []
    let left = 0
    for (const [round, afterMs] of [200, 90, 300].entries()) {
      const run = spawn(process.execPath, [child, folder, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
      let output = ''
      run.stdout.setEncoding('utf8').on('data', text => (output += text))
      while (output === '' && run.exitCode === null) await sleep(20)
      await sleep(afterMs)
      run.kill('SIGKILL')
      await once(run, 'close')
      left += (await journals(folder)).length
      for (const line of output.slice(0, output.lastIndexOf('\n')).split('\n')) {
        const [account = '', number = '', uid = ''] = line.split(' ')
        told.push({ account: account as AccountId, number, uid: Number(uid) })
      }
    }
    assert.ok(told.length > 50, `only ${told.length} deliveries were answered`)
    assert.ok(left > 0, 'the kills left journals behind')
    await using accounts = await openAccounts(testOptions(folder, { writerThreads: 3 }))
    assert.deepEqual(await journals(folder), [], 'what they held is in the accounts')
    await checkTold(accounts, told)
    for (const [id, letters] of Map.groupBy(told, ({ account }) => account)) {
      const filed = letters.filter(({ number }) => isFiled(number)).map(({ number }) => number)
      const waiting = new Set((await accounts.outbox(id, 10_000)).map(item => item.id))
      assert.deepEqual(
        [...new Set(filed)].filter(number => !waiting.has(number)),
        [],
        'effects that were promised',
      )
      const besides = await (await accounts.account(id)).mailboxNamed('Filed')
      assert.equal(besides?.messages ?? 0, waiting.size, 'a placement and an effect for each, once')
    }
    for (const { account, number } of told.slice(0, 100)) {
      const attempt = { id: `gateway.${number}` as DeliveryId }
      const again = await accounts.deliver(delivery(account, { message: numberedLetter(number), attempt }), signal)
      assert.equal(again.repeated, true, `${number} was answered and is not known`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('a journal that cannot be written: each account is synced instead, and it is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-journal-'))
  const errors: unknown[] = []
  const log: Log = { ...silentLog, error: (_message: string, fields?: unknown) => void errors.push(fields) }
  try {
    let told: readonly Told[]
    {
      await using accounts = await openAccounts(testOptions(folder, { writerThreads: 1, log }))
      for (const id of eight) await accounts.createAccount(id, 'en')
      await rm(join(folder, 'journal'), { recursive: true })
      await writeFile(join(folder, 'journal'), 'in the way')
      told = await deliverMany(accounts, 80)
      assert.equal(told.length, 80)
      await checkTold(accounts, told)
    }
    assert.ok(errors.length > 0)
    await rm(join(folder, 'journal'))
    await using accounts = await openAccounts(testOptions(folder))
    await checkTold(accounts, told)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('an account that is removed takes its letters out of the journal with it', async () => {
  await withAccounts(
    async (accounts, folder) => {
      for (const id of eight) await accounts.createAccount(id, 'en')
      const told = await deliverMany(accounts, 80)
      const removed = eight[3] as AccountId
      await accounts.purgeAccount(removed)
      await accounts.createAccount(removed, 'en')
      const inbox = await (await accounts.account(removed)).mailboxNamed('INBOX')
      assert.equal(inbox?.messages, 0)
      await checkTold(
        accounts,
        told.filter(({ account }) => account !== removed),
      )
      await deliverMany(accounts, 8, 1000)
      await waitFor('the journal is put away', async () => (await journalBytes(folder)) === 0)
    },
    { writerThreads: 1 },
  )
})

async function journalBytes(folder: string): Promise<number> {
  const { stat } = await import('node:fs/promises')
  let sizeBytes = 0
  for (const name of await journals(folder)) sizeBytes += (await stat(join(folder, 'journal', name))).size
  return sizeBytes
}

test('a disk that fills up under deliveries into many accounts: all that was answered is there afterwards', {
  skip: whyNoSmallDisk(['tmpfs']) ?? false,
}, async () => {
  using disk = mountSmallDisk('tmpfs', 12)
  await using accounts = await openAccounts(testOptions(disk.path, { writerThreads: 1 }))
  for (const id of eight) await accounts.createAccount(id, 'en')
  const told: Told[] = []
  for (let from = 0, full = false; !full && from < 8000; from += 80) {
    const part = await deliverMany(accounts, 80, from)
    told.push(...part)
    full = part.length === 0
  }
  assert.ok(told.length > 200 && told.length < 8000, `${told.length} letters until the disk was full`)
  execFileSync('mount', ['-o', 'remount,size=64m', disk.path])
  await waitFor('the accounts take mail again', async () => (await deliverMany(accounts, 8, 9000)).length === 8)
  await checkTold(accounts, told)
})
