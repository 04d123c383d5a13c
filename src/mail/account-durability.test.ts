import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, statfs, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { mountSmallDisk, whyNoSmallDisk } from '../../tests/support/small-disk.ts'
import { deletedFlag, isRefusal } from './account.ts'
import {
  accountId,
  collect,
  delivery,
  largeLetter,
  letter,
  numberedLetter,
  testOptions,
  withAccounts,
} from './accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from './accounts.ts'
import type { AccountId, DeliveryId, Uid } from './ids.ts'

const signal = new AbortController().signal
const id = accountId(1)
const child = fileURLToPath(new URL('./account-deliver.child.ts', import.meta.url))

async function deliverUntilKilled(folder: string, round: number, afterMs: number): Promise<readonly string[]> {
  const run = spawn(process.execPath, [child, folder, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  run.stdout.setEncoding('utf8').on('data', text => (output += text))
  while (output === '' && run.exitCode === null) await sleep(20)
  await sleep(afterMs)
  run.kill('SIGKILL')
  await once(run, 'close')
  return output.slice(0, output.lastIndexOf('\n')).split('\n')
}

test('kill -9 in the middle of deliveries: what was answered is there, once, and whole', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-kill-'))
  try {
    const answered: string[] = []
    for (const [round, afterMs] of [150, 60, 250].entries())
      answered.push(...(await deliverUntilKilled(folder, round, afterMs)))
    assert.ok(answered.length > 50, `only ${answered.length} deliveries were answered`)
    await using accounts = await openAccounts(testOptions(folder))
    for (const line of answered) {
      const [account = '', number = ''] = line.split(' ')
      const message = numberedLetter(number)
      const attempt = { id: `gateway.${number}` as DeliveryId }
      const again = await accounts.deliver(delivery(account as AccountId, { message, attempt }), signal)
      assert.equal(again.repeated, true, `${line} was answered and is not there`)
    }
    for (const account of [accountId(1), accountId(2)]) await checkWhole(accounts, folder, account)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

/** Each letter once, every checksum right, counts as told, no file without a row. */
async function checkWhole(accounts: OpenAccounts, folder: string, id: AccountId): Promise<void> {
  const account = await accounts.account(id)
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  using view = await account.open(inbox.id)
  assert.ok(view)
  assert.equal(view.length, inbox.messages)
  const ids = Array.from({ length: view.length }, (_, index) => view.emailId(index))
  assert.equal(new Set(ids).size, ids.length)
  const subjects = new Set<string>()
  let files = 0
  for (const email of ids) {
    const message = await account.message(email)
    assert.ok(message)
    if (message.place.kind === 'file') files++
    const text = Buffer.from(await collect(message)).toString()
    const subject = /Number (\S+)/.exec(text)?.[1]
    if (subject) assert.ok(!subjects.has(subject), `${subject} is there twice`)
    if (subject) subjects.add(subject)
  }
  assert.deepEqual(await accounts.scrub(id), { checked: ids.length, damaged: [] })
  assert.equal((await readdir(join(folder, id, 'messages'))).length, files)
}

test('a large message is a file, streamed in and out, and goes with its last placement', async () => {
  await withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const source = largeLetter(3_000_000)
    const large = { ...source, place: { kind: 'file', path: '/nowhere', offset: 0 } as const }
    const result = await accounts.deliver(delivery(id, { message: large, trace: Buffer.from('X: y\r\n') }), signal)
    assert.ok(result.status === 'stored')
    const stored = await account.message(result.emailId)
    assert.equal(stored?.place.kind, 'file')
    assert.equal(stored?.sizeBytes, source.sizeBytes + 6)
    const bytes = stored ? await collect(stored) : new Uint8Array(0)
    const digest = (parts: Uint8Array) => createHash('sha256').update(parts).digest('hex')
    assert.equal(digest(bytes.subarray(6)), digest(await collect(source)))
    const [row] = await account.emails([result.emailId])
    assert.match(Buffer.from(row?.envelope ?? []).toString(), /"Large"/)
    const files = join(folder, id, 'messages')
    assert.equal((await readdir(files)).length, 1)
    const [inbox, archive] = [await account.mailboxNamed('INBOX'), await account.mailboxNamed('Archive')]
    assert.ok(inbox && archive)
    assert.ok(!isRefusal(await account.move(inbox.id, [result.uid], archive.id)))
    assert.equal((await readdir(files)).length, 1)
    await account.changeFlags(archive.id, [1 as Uid], { mode: 'add', system: deletedFlag, keywords: [] })
    await account.expunge(archive.id)
    assert.deepEqual(await readdir(files), [])
    assert.equal(await account.message(result.emailId), undefined)
  })
})

test('a repeat or a refusal leaves no file behind', async () => {
  await withAccounts(
    async (accounts, folder) => {
      await accounts.createAccount(id, 'en')
      const attempt = { id: 'g.1.1' as DeliveryId }
      const message = largeLetter(200_000)
      await accounts.deliver(delivery(id, { message, attempt }), signal)
      await accounts.deliver(delivery(id, { message, attempt }), signal)
      assert.equal((await accounts.deliver(delivery(id, { message }), signal)).status, 'over-quota')
      const account = await accounts.account(id)
      const inbox = await account.mailboxNamed('INBOX')
      assert.ok(inbox)
      const flags = { mode: 'add', system: 0, keywords: [] } as const
      assert.deepEqual(await account.append(inbox.id, [{ message, flags, internalDate: 1 }]), { refused: 'over-quota' })
      assert.equal((await readdir(join(folder, id, 'messages'))).length, 1)
    },
    { quotaOf: () => 300_000 },
  )
})

test('files that no row names are swept when the account is opened again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-sweep-'))
  try {
    {
      await using accounts = await openAccounts(testOptions(folder))
      await accounts.createAccount(id, 'en')
      await accounts.deliver(delivery(id, { message: largeLetter(200_000) }), signal)
    }
    const files = join(folder, id, 'messages')
    const kept = await readdir(files)
    await writeFile(join(files, 'abcdef012345-1'), 'half a letter')
    await using accounts = await openAccounts(testOptions(folder))
    await accounts.account(id)
    assert.deepEqual(await readdir(files), kept)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('bytes that changed on the disk are never handed out as the message', async () => {
  await withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const result = await accounts.deliver(delivery(id, { message: largeLetter(200_000) }), signal)
    assert.ok(result.status === 'stored')
    const [file = ''] = await readdir(join(folder, id, 'messages'))
    const path = join(folder, id, 'messages', file)
    const bytes = await readFile(path)
    bytes[100_000] = (bytes[100_000] ?? 0) ^ 1
    await writeFile(path, bytes)
    const message = await account.message(result.emailId)
    assert.ok(message)
    const named = new RegExp(`email ${result.emailId} of account ${id}`)
    await assert.rejects(collect(message), named)
    assert.deepEqual(await accounts.scrub(id), { checked: 1, damaged: [result.emailId] })
    await truncate(path, 10)
    await assert.rejects(collect(message), named)
  })
})

test('an account that does not exist, or whose database is damaged, fails by itself', async () => {
  await withAccounts(async (accounts, folder) => {
    await assert.rejects(accounts.account(accountId(9)), { code: 'NO_ACCOUNT' })
    await assert.rejects(accounts.account('../../etc' as AccountId), /Not an account id/)
    await accounts.createAccount(id, 'en')
    await accounts.createAccount(accountId(2), 'en')
    await writeFile(join(folder, id, 'account.db'), Buffer.alloc(20_000, 1))
    await assert.rejects(accounts.deliver(delivery(id), signal), { code: 'DAMAGED' })
    assert.equal((await accounts.deliver(delivery(accountId(2)), signal)).status, 'stored')
    await accounts.purgeAccount(accountId(2))
    await assert.rejects(accounts.account(accountId(2)), { code: 'NO_ACCOUNT' })
    await accounts.createAccount(accountId(2), 'en')
    const inbox = await (await accounts.account(accountId(2))).mailboxNamed('INBOX')
    assert.equal(inbox?.messages, 0)
  })
})

test('a full disk refuses, loses nothing, and takes mail again once there is room', {
  skip: whyNoSmallDisk(['tmpfs']) ?? false,
}, async () => {
  using disk = mountSmallDisk('tmpfs', 16)
  const folder = disk.path
  await chmod(folder, 0o700)
  await using accounts = await openAccounts(testOptions(folder))
  await accounts.createAccount(id, 'en')
  const ballast = join(folder, 'ballast')
  const { bavail, bsize } = await statfs(folder)
  await writeFile(ballast, Buffer.alloc(bavail * bsize - 2_000_000))
  let stored = 0
  await assert.rejects(
    async () => {
      for (; stored < 500; stored++)
        await accounts.deliver(delivery(id, { message: letter('x', 'y'.repeat(20_000)) }), signal)
    },
    { code: 'DISK_FULL' },
  )
  assert.ok(stored > 5)
  await assert.rejects(accounts.deliver(delivery(id, { message: largeLetter(3_000_000) }), signal), {
    code: 'DISK_FULL',
  })
  const account = await accounts.account(id)
  assert.equal((await account.mailboxNamed('INBOX'))?.messages, stored, 'reading still works')
  await rm(ballast)
  const late = Array.from({ length: 20 }, () => accounts.deliver(delivery(id), signal))
  assert.ok((await Promise.all(late)).every(result => result.status === 'stored'))
  assert.equal((await account.mailboxNamed('INBOX'))?.messages, stored + 20)
  assert.deepEqual(await accounts.scrub(id), { checked: stored + 20, damaged: [] })
})

test('below the reserve new mail waits, deleting goes on', async () => {
  await withAccounts(
    async accounts => {
      await accounts.createAccount(id, 'en')
      assert.equal(accounts.diskHasRoom(), false)
      await assert.rejects(accounts.deliver(delivery(id), signal), { code: 'DISK_FULL' })
      const account = await accounts.account(id)
      assert.deepEqual(await account.deleteMailbox('Archive'), {})
    },
    { diskReserveBytes: Number.MAX_SAFE_INTEGER },
  )
})
