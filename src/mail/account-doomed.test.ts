/** Emails that were expunged by the hundred are gone at once for everybody, and destroyed soon: whatever happens between. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { writeColumn } from '#store/account/kept-columns.ts'
import { Database } from '#store/sqlite.ts'
import { type Account, isRefusal } from './account.ts'
import { accountId, letter, testOptions, withAccounts } from './accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from './accounts.ts'
import type { EmailId, ThreadId } from './ids.ts'
import { goneState } from './search-index.ts'

const child = fileURLToPath(new URL('./account-doomed.child.ts', import.meta.url))
const id = accountId(1)

function count(folder: string, table: string): number {
  using database = new Database(join(folder, id, 'account.db'), { durability: 'NORMAL', readOnly: true })
  return database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count'] as number
}

/** Emails, as far as the child came before it was killed. */
async function expungeAndDie(folder: string): Promise<readonly EmailId[]> {
  const run = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = (await once(run.stdout, 'data')) as [Buffer]
  run.kill('SIGKILL')
  await once(run, 'exit')
  const [expunged, emails = ''] = output.toString().trim().split(' ')
  assert.equal(expunged, '1:500')
  return emails.split(',').map(Number) as unknown as readonly EmailId[]
}

async function requireGone(account: Account, emails: readonly EmailId[]): Promise<void> {
  const gone = emails.slice(0, -2)
  assert.deepEqual(new Set(await account.emails(gone)), new Set([undefined]))
  assert.deepEqual(new Set(await account.internalDates(gone)), new Set([undefined]))
  for (const email of gone.slice(0, 60)) {
    assert.equal(await account.message(email), undefined)
    assert.equal((await account.threadEmails(Number(email) as ThreadId)).size, 0)
  }
  const [states] = await account.readTerms([{ in: 'text', text: 'secret' }], Float64Array.from(gone))
  assert.ok(states?.every(state => state === goneState))
  const { messages } = await account.quota()
  assert.equal(messages, 2)
}

async function destroyed(folder: string): Promise<void> {
  for (let tries = 0; count(folder, 'email') > 2; tries++) {
    assert.ok(tries < 200, 'Emails stay')
    await sleep(50)
  }
}

test('a crash between EXPUNGE and the destruction: nothing is shown, and all is destroyed after the start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-doomed-'))
  try {
    const emails = await expungeAndDie(folder)
    assert.ok(count(folder, 'doomed') > 0, 'nothing was left to be destroyed')
    {
      await using accounts = await openAccounts(testOptions(folder))
      // as at every start: somebody looks whether something is to be sent
      for await (const _ of accounts.accountsWithOutbox());
      await requireGone(await accounts.account(id), emails)
      await destroyed(folder)
      await accounts.indexed(id)
      assert.deepEqual((await accounts.scrub(id)).damaged, [])
      await requireGone(await accounts.account(id), emails)
    }
    assert.equal(count(folder, 'doomed'), 0)
    assert.equal(count(folder, 'body'), 2)
    assert.deepEqual(await readdir(join(folder, id, 'messages')), [])
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

async function emptied(accounts: OpenAccounts, subject: string): Promise<Account> {
  await accounts.createAccount(id, 'en')
  const account = await accounts.account(id)
  const inbox = await account.mailboxNamed('INBOX')
  assert.ok(inbox)
  const flags = { mode: 'replace', system: 16, keywords: [] } as const
  const messages = Array.from({ length: 200 }, () => ({ message: letter(subject), flags, internalDate: 1 }))
  assert.ok(!isRefusal(await account.append(inbox.id, messages)))
  assert.deepEqual((await account.expunge(inbox.id)).expunged, [1, 200])
  return account
}

test('an account that is removed while emails are being destroyed stays removed', async () => {
  await withAccounts(async (accounts, folder) => {
    await emptied(accounts, 'Last')
    await accounts.purgeAccount(id)
    await sleep(300)
    assert.ok(!(await readdir(folder)).includes(id))
  })
})

test('an account that is removed while something is kept beside it is removed as a whole; who is opening it fails', async () => {
  await withAccounts(async (accounts, folder) => {
    const one = Float64Array.of(1)
    for (let round = 0; round < 5; round++) {
      await accounts.createAccount(id, 'en')
      const opening = assert.rejects(accounts.account(id), { code: 'NO_ACCOUNT' })
      const keeping = (async () => {
        for (let count = 0; count < 50; count++)
          await writeColumn(join(folder, id), 'from', 1, { ids: one, received: one, values: one }).catch(
            () => undefined,
          )
      })()
      await accounts.purgeAccount(id)
      await Promise.all([opening, keeping])
      assert.ok(!(await readdir(folder)).includes(id))
    }
  })
})
