// Answers are exact whatever the state of the index: behind, ahead of removals, of another history, damaged, or absent.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { utf8 } from '#base/bytes.ts'
import { match, noMatch, undecided } from '#formats/search/segment.ts'
import { advance } from '#store/search/advance.ts'
import { openIndexForWriting } from '#store/search/index-file.ts'
import { fewLetters } from '#store/search/limits.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { Database } from '#store/sqlite.ts'
import { deletedFlag, isRefusal } from './account.ts'
import { accountId, letter, testOptions, withAccounts } from './accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from './accounts.ts'
import type { EmailId, MailboxId, Uid } from './ids.ts'
import { goneState } from './search-index.ts'

const id = accountId(7)
const body = (text: string): TextTerm => ({ in: 'body', text })

async function add(accounts: OpenAccounts, ...bodies: (string | MessageSource)[]): Promise<readonly EmailId[]> {
  const account = await accounts.account(id)
  const inbox = await account.mailboxNamed('INBOX')
  const messages = bodies.map(text => ({
    message: typeof text === 'string' ? letter('Test', `${text}\r\n`) : text,
    flags: { mode: 'add', system: 0, keywords: [] } as const,
    internalDate: 0,
  }))
  const placed = await account.append(inbox?.id ?? (0 as MailboxId), messages)
  if (isRefusal(placed)) assert.fail(placed.refused)
  return placed.map(one => one.emailId)
}

async function says(accounts: OpenAccounts, term: TextTerm, emails: readonly EmailId[]): Promise<readonly number[]> {
  const [column] = await (await accounts.account(id)).narrow([term], Float64Array.from(emails))
  return [...(column ?? [])]
}

async function reads(accounts: OpenAccounts, term: TextTerm, emails: readonly EmailId[]): Promise<readonly number[]> {
  const [column] = await (await accounts.account(id)).readTerms([term], Float64Array.from(emails))
  return [...(column ?? [])]
}

async function expunge(accounts: OpenAccounts, uids: readonly number[]): Promise<void> {
  const account = await accounts.account(id)
  const inbox = (await account.mailboxNamed('INBOX'))?.id ?? (0 as MailboxId)
  const change = { mode: 'add', system: deletedFlag, keywords: [] } as const
  await account.changeFlags(inbox, uids as readonly Uid[], change)
  await account.expunge(inbox)
}

/** Several openings of one folder, with something done to it in between. */
async function reopened(
  first: (accounts: OpenAccounts) => Promise<void>,
  between: (accountFolder: string) => void,
  second: (accounts: OpenAccounts, accountFolder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-search-'))
  try {
    for (const act of [first, second]) {
      await using accounts = await openAccounts(testOptions(folder, { writerThreads: 1 }))
      if (act === first) await accounts.createAccount(id, 'en')
      await act(accounts, join(folder, id))
      if (act !== first) continue
      await accounts[Symbol.asyncDispose]()
      between(join(folder, id))
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

test('letters that are not indexed yet are read; what is indexed is answered without reading', () =>
  withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const early = await add(accounts, '会議', 'garden party')
    assert.deepEqual(await says(accounts, body('会'), early), [undecided, undecided])
    assert.deepEqual(await reads(accounts, body('会'), early), [match, noMatch])
    assert.ok(accounts.searchLag.emails >= 2)
    await accounts.indexed(id)
    assert.deepEqual(accounts.searchLag, { accounts: 0, emails: 0, documents: 0 })
    const late = await add(accounts, ...Array<string>(fewLetters + 1).fill('garden'))
    const open = late.map(() => undecided)
    assert.deepEqual(await says(accounts, body('会'), [...late, ...early]), [...open, match, noMatch])
    assert.deepEqual(await says(accounts, body('party'), [...early, ...late]), [noMatch, undecided, ...open])
    assert.deepEqual(await reads(accounts, body('party'), [...early, ...late]), [
      noMatch,
      match,
      ...late.map(() => noMatch),
    ])
    // so few are read where the index was asked
    assert.deepEqual(await says(accounts, body('party'), [...early, ...late.slice(1, 3)]), [
      noMatch,
      match,
      noMatch,
      noMatch,
    ])
  }))

test('an index is built anew when asked: its lag is told, answers are exact meanwhile', () =>
  withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const emails = await add(accounts, '会議', 'garden', 'garden party')
    await accounts.indexed(id)
    assert.deepEqual(await accounts.search.lagOf(id), { emails: 0, documents: 0 })
    await accounts.search.rebuild(id)
    assert.deepEqual(await says(accounts, body('garden'), emails), [undecided, undecided, undecided])
    assert.deepEqual(await reads(accounts, body('garden'), emails), [noMatch, match, match])
    // the look itself indexes one
    assert.deepEqual(await accounts.search.lagOf(id), { emails: 2, documents: 0 })
    const deadline = performance.now() + 20_000
    while ((await accounts.search.lagOf(id)).emails > 0 && performance.now() < deadline)
      assert.deepEqual(await reads(accounts, body('garden'), emails), [noMatch, match, match])
    assert.deepEqual(await says(accounts, body('会'), emails), [match, noMatch, noMatch])
  }))

test('the index follows by itself once the account is quiet', () =>
  withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const emails = await add(accounts, '会議')
    const deadline = performance.now() + 20_000
    while ((await says(accounts, body('会'), emails))[0] === undecided && performance.now() < deadline)
      await new Promise(resolve => setTimeout(resolve, 100))
    assert.deepEqual(await says(accounts, body('会'), emails), [match])
  }))

test('the index follows letters that come without a pause', () =>
  withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const first = await add(accounts, '会議')
    const deadline = performance.now() + 20_000
    let state = undecided as number | undefined
    while (state === undecided && performance.now() < deadline) {
      await add(accounts, 'another')
      await new Promise(resolve => setTimeout(resolve, 100))
      state = (await says(accounts, body('会'), first))[0]
    }
    assert.equal(state, match)
  }))

test('an expunged letter is gone, and leaves the index when enough have gone with it', () =>
  withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const emails = await add(accounts, 'abc', 'secretword', 'abc', 'abc')
    await accounts.indexed(id)
    await expunge(accounts, [2])
    assert.deepEqual(await reads(accounts, body('abc'), emails), [match, goneState, match, match])
    await accounts.indexed(id)
    assert.deepEqual(await says(accounts, body('abc'), emails), [match, undecided, match, match])
    using database = new Database(join(folder, id, 'search.db'), { durability: 'NORMAL', readOnly: true })
    assert.equal(database.prepare('SELECT sum(letters) AS sum FROM segment').get()?.['sum'], 3)
    assert.equal(database.prepare('SELECT count(*) AS count FROM gone').get()?.['count'], 0)
    await expunge(accounts, [1, 3, 4])
    await accounts.indexed(id)
    assert.equal(database.prepare('SELECT count(*) AS count FROM block').get()?.['count'], 0)
  }))

test('many small batches become few segments and say the same', () =>
  withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const emails: EmailId[] = []
    for (let round = 0; round < 70; round++) {
      emails.push(...(await add(accounts, `word${round} 第${round}回`)))
      await accounts.indexed(id)
    }
    using database = new Database(join(folder, id, 'search.db'), { durability: 'NORMAL', readOnly: true })
    assert.ok(Number(database.prepare('SELECT count(*) AS count FROM segment').get()?.['count']) < 16)
    for (const round of [0, 7, 8, 63, 64, 69]) {
      const expected = emails.map((_, index) => (index === round ? match : noMatch))
      assert.deepEqual(await reads(accounts, body(`第${round}回`), emails), expected)
      const said = await says(accounts, body(`第${round}回`), emails)
      assert.ok(said.every((state, index) => state === undecided || state === expected[index]))
      assert.notEqual(said[round], noMatch)
    }
  }))

test('while letters come small segments stay as they are; afterwards they become one', () =>
  withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    await add(accounts, ...Array.from({ length: 12 }, (_, index) => `word${index}`))
    const accountFolder = join(folder, id)
    const elsewhere = await mkdtemp(join(tmpdir(), 'hikyaku-search-'))
    using account = new Database(join(accountFolder, 'account.db'), { durability: 'FULL', readOnly: true })
    using index = openIndexForWriting(elsewhere)
    const segments = () => index.prepare('SELECT letters FROM segment').all().length
    const input = { account, accountFolder, index }
    for (let behind = 11; behind >= 0; behind--) {
      const { untidy, ...output } =
        advance({ ...input, maxLetters: 1, busy: true }) ?? assert.fail('of another account')
      assert.deepEqual(output, { behind, waiting: 0, more: behind > 0 })
      assert.equal(untidy, behind <= 4, `with ${segments()} segments`)
    }
    assert.equal(segments(), 12)
    assert.equal(advance(input)?.more, true)
    assert.deepEqual(advance(input), { behind: 0, waiting: 0, more: false, untidy: false })
    assert.equal(segments(), 1)
    await rm(elsewhere, { recursive: true })
  }))

test('large letters in files of their own are indexed too', () =>
  withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const filler = `${'filler '.repeat(10)}\r\n`.repeat(3000)
    const head = 'Subject: Large\r\nContent-Type: text/plain\r\n\r\n'
    const emails = await add(
      accounts,
      memorySource(utf8(`${head}${filler}needle`)),
      memorySource(utf8(`${head}${filler}`)),
    )
    await accounts.indexed(id)
    assert.deepEqual(await says(accounts, body('nee'), emails), [match, noMatch])
    assert.deepEqual(await reads(accounts, body('needle'), emails), [match, noMatch])
  }))

test('a damaged index does not change an answer, and is built anew', () =>
  reopened(
    async accounts => {
      await add(accounts, 'abc', 'def')
      await accounts.indexed(id)
    },
    folder => {
      const bytes = readFileSync(join(folder, 'search.db'))
      // the blocks' bytes, wherever they lie; the tables stay whole, so only the checksum can tell
      for (let at = 4096; at < bytes.length; at++) if (bytes[at] === 1 && bytes[at - 1] === 4) bytes[at] = 5
      writeFileSync(join(folder, 'search.db'), bytes)
    },
    async accounts => {
      const emails = [1, 2] as EmailId[]
      assert.deepEqual(await says(accounts, body('abc'), emails), [undecided, undecided])
      assert.deepEqual(await reads(accounts, body('abc'), emails), [match, noMatch])
      await accounts.indexed(id)
      assert.deepEqual(await says(accounts, body('abc'), emails), [match, noMatch])
    },
  ))

test('an index that is as it was left is used at once', () =>
  reopened(
    async accounts => {
      await add(accounts, 'abc', 'def')
      await accounts.indexed(id)
    },
    () => undefined,
    async accounts => {
      assert.deepEqual(await says(accounts, body('abc'), [1, 2] as EmailId[]), [match, noMatch])
      await accounts.indexed(id)
      assert.deepEqual(await says(accounts, body('def'), [1, 2] as EmailId[]), [noMatch, match])
    },
  ))

for (const [what, change] of [
  ['rubbish', (folder: string) => writeFileSync(join(folder, 'search.db'), 'rubbish'.repeat(4000))],
  ['an index of another format', (folder: string) => execute(join(folder, 'search.db'), 'PRAGMA user_version = 99')],
  [
    'an index from before a restore',
    (folder: string) => execute(join(folder, 'account.db'), 'UPDATE counters SET epoch = epoch + 1'),
  ],
  [
    'an index of another history',
    (folder: string) => execute(join(folder, 'account.db'), 'UPDATE email SET checksum = checksum + 1'),
  ],
  ['no index', (folder: string) => rmIndex(folder)],
] as const)
  test(`${what} makes way for a new one`, () =>
    reopened(
      async accounts => {
        await add(accounts, 'abc', 'def')
        await accounts.indexed(id)
      },
      change,
      async accounts => {
        const emails = [1, 2] as EmailId[]
        assert.deepEqual(await says(accounts, body('abc'), emails), [undecided, undecided])
        await accounts.indexed(id)
        assert.deepEqual(await says(accounts, body('abc'), emails), [match, noMatch])
      },
    ))

function execute(path: string, sql: string): void {
  using database = new Database(path, { durability: 'FULL' })
  database.exec(sql)
}

function rmIndex(folder: string): void {
  writeFileSync(join(folder, 'search.db'), '')
}

test('a purged account leaves no index behind', () =>
  withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const emails = await add(accounts, 'abc')
    await accounts.indexed(id)
    await says(accounts, body('abc'), emails)
    await add(accounts, 'def')
    await accounts.purgeAccount(id)
    assert.equal(existsSync(join(folder, id)), false)
    await new Promise(resolve => setTimeout(resolve, 1500))
    assert.equal(existsSync(join(folder, id)), false)
  }))
