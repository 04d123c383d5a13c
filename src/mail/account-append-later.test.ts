// One APPEND of many messages is answered out of the journal: what was answered is there, whatever comes next.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { silentLog, type Log } from '#base/log.ts'
import { type Account, deletedFlag, flaggedFlag, isRefusal, type NewMessage, seenFlag } from './account.ts'
import { accountId, letter, testOptions, withAccounts } from './accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from './accounts.ts'
import type { ThreadId, Uid } from './ids.ts'

const id = accountId(1)
const child = fileURLToPath(new URL('./account-append-later.child.ts', import.meta.url))
const many = 300

function messages(count: number, keywords: readonly string[] = []): NewMessage[] {
  return Array.from({ length: count }, (_, number) => ({
    message: letter(`Many ${number}`, 'x'.repeat(2000)),
    flags: { mode: 'replace', system: seenFlag, keywords },
    internalDate: 1000 + number,
  }))
}

async function inboxOf(account: Account) {
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  return inbox
}

/** UID, flags and subject of each. */
async function contents(accounts: OpenAccounts): Promise<readonly (readonly [number, number, string])[]> {
  const account = await accounts.account(id)
  using view = await account.open((await inboxOf(account)).id)
  assert.ok(view)
  const found: [number, number, string][] = []
  for (let index = 0; index < view.length; index++) {
    const [row] = await account.emails([view.emailId(index)])
    const subject = /"(Many \d+)"/.exec(Buffer.from(row?.envelope ?? []).toString())?.[1] ?? ''
    found.push([view.uid(index), view.flags(index), subject])
  }
  return found
}

const expected = (from: number, flags: number) =>
  Array.from({ length: many }, (_, number) => [from + number, flags, `Many ${number}`])

test('what was answered can be read at once, as it was told', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await inboxOf(account)
    const placed = await account.append(inbox.id, messages(many))
    assert.ok(!isRefusal(placed))
    const now = await inboxOf(account)
    assert.deepEqual([now.messages, now.unseen, now.uidNext], [many, 0, many + 1])
    assert.deepEqual(
      placed.map(({ uid }) => uid),
      Array.from({ length: many }, (_, number) => number + 1),
    )
    const rows = await account.emails(placed.slice(0, 3).map(({ emailId }) => emailId))
    assert.deepEqual(
      rows.map(row => row?.internalDate),
      [1000, 1001, 1002],
    )
    assert.equal((await account.threadEmails(rows[0]?.threadId as ThreadId)).size, 1)
    assert.deepEqual(await contents(accounts), expected(1, seenFlag))
    assert.deepEqual((await accounts.scrub(id)).damaged, [])
  })
})

test('changes that follow at once meet the messages: flags, expunge, another APPEND', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await inboxOf(account)
    const first = await account.append(inbox.id, messages(many))
    const change = { mode: 'add', system: deletedFlag, keywords: [] } as const
    const [changed, gone, second] = await Promise.all([
      account.changeFlags(inbox.id, [{ first: 1 as Uid, last: many as Uid }], change),
      account.expunge(inbox.id),
      account.append(inbox.id, messages(20)),
    ])
    const third = await account.append(inbox.id, messages(20))
    assert.ok(!isRefusal(first) && !isRefusal(changed) && !isRefusal(second) && !isRefusal(third))
    assert.deepEqual(
      [Array.from(changed.changed), Array.from(gone.expunged)],
      [
        [1, many],
        [1, many],
      ],
    )
    assert.deepEqual([second[0]?.uid, third[0]?.uid], [many + 1, many + 21])
    assert.equal((await inboxOf(account)).messages, 40)
  })
})

test('a session that looks at the mailbox sees them with the answer, and another one when it opens it', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await inboxOf(account)
    const other = await account.createMailbox('Other')
    assert.ok(!isRefusal(other))
    using view = await account.open(inbox.id)
    assert.ok(view)
    assert.ok(!isRefusal(await account.append(inbox.id, messages(many))))
    assert.equal(view.hasNews, true)
    assert.equal(view.advance({ expunges: true }).added, many)
    assert.ok(!isRefusal(await account.append(other.id, messages(many))))
    using opened = await account.open(other.id)
    assert.equal(opened?.length, many)
  })
})

test('what has to be refused is refused: quota, keywords, no such mailbox', async () => {
  let quotaBytes = 100_000
  await withAccounts(
    async accounts => {
      await accounts.createAccount(id, 'en')
      const account = await accounts.account(id)
      const inbox = await inboxOf(account)
      assert.deepEqual(await account.append(inbox.id, messages(many)), { refused: 'over-quota' })
      quotaBytes = 10_000_000
      const refused = await account.append(inbox.id, messages(many, ['not a keyword']))
      assert.ok(isRefusal(refused) && refused.refused === 'bad-name')
      assert.deepEqual(await account.append(77 as never, messages(many)), { refused: 'no-such-mailbox' })
      assert.equal((await inboxOf(account)).messages, 0)
      assert.ok(!isRefusal(await account.append(inbox.id, messages(many, ['$New']))))
      assert.deepEqual(await account.keywordNames(), ['$New'])
      assert.equal((await contents(accounts))[many - 1]?.[1], seenFlag | 32)
    },
    { quotaOf: () => quotaBytes },
  )
})

/** Kills a process with the answer; returns whether the account had the messages then. */
function appendAndDie(folder: string, from: number): void {
  const { stdout, signal } = spawnSync(process.execPath, [child, folder, String(many)], {
    stdio: ['ignore', 'pipe', 2],
  })
  assert.equal(signal, 'SIGKILL')
  assert.deepEqual(
    stdout.toString().split(',').map(Number),
    Array.from({ length: many }, (_, number) => from + number),
  )
}

function journalBytes(folder: string): number {
  const journal = join(folder, 'journal')
  return readdirSync(journal).reduce((sum, name) => sum + statSync(join(journal, name)).size, 0)
}

test('kill -9 with the answer: all messages are there once, under the UIDs that were told, also when it is read twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-append-later-'))
  try {
    {
      await using accounts = await openAccounts(testOptions(folder))
      await accounts.createAccount(id, 'en')
    }
    for (let round = 0; round < 2; round++) {
      appendAndDie(folder, 1 + round * many)
      assert.ok(journalBytes(folder) > many * 3000, 'the journal has them')
      // a power cut: what the account has not synced is gone
      if (round === 1) rmSync(join(folder, id, 'account.db-wal'), { force: true })
      const errors: unknown[] = []
      const log: Log = { ...silentLog, error: (_message: string, fields?: unknown) => void errors.push(fields) }
      await using accounts = await openAccounts(testOptions(folder, { log }))
      const found = await contents(accounts)
      assert.deepEqual(
        found,
        Array.from({ length: round + 1 }, (_, before) => expected(1 + before * many, flaggedFlag)).flat(),
      )
      assert.deepEqual((await accounts.scrub(id)).damaged, [])
      assert.deepEqual(errors, [])
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})
