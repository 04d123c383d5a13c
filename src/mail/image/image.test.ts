// The columns in memory, fed by notices, are those that a scan of the database shows, whatever happened and in which pieces it was told.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { deriveColumn } from '#store/account/derived-columns.ts'
import { readEmailColumns } from '#store/account/email-columns.ts'
import { Database } from '#store/sqlite.ts'
import { type Account, deletedFlag, draftFlag, type EmailColumns, type Mailbox, seenFlag } from '../account.ts'
import type { OpenAccounts } from '../accounts.ts'
import { accountId, delivery, letter, withAccounts } from '../accounts.testbed.ts'
import type { MailboxId } from '../ids.ts'
import { changeAtRandom, generator } from '../random-changes.testbed.ts'
import type { MailboxCount } from './count-mailboxes.ts'
import { EmailColumns as Columns } from './email-columns.ts'

test('random changes, looked at after each few', async () => {
  await withInbox(async ({ account, accounts, database }) => {
    const random = generator(20261128)
    for (let round = 0; round < 150; round++) {
      await Promise.all(Array.from({ length: 1 + Math.floor(random() * 4) }, () => changeAtRandom(account, random)))
      if (random() < 0.2)
        await accounts.deliver(delivery(account.id, { message: letter('Brought') }), AbortSignal.timeout(5000))
      if (random() < 0.6) await compare(account, database)
    }
    await compare(account, database)
    assert.ok((await account.emailColumns()).length > 5)
  })
})

test('a reader that comes while things change sees no less than what was there when it came', async () => {
  await withInbox(async ({ account, database, inbox }) => {
    const readers: Promise<void>[] = []
    let made = 0
    for (let round = 0; round < 60; round++) {
      await account.append(inbox.id, [newLetter(++made)])
      const least = made
      readers.push(account.emailColumns().then(columns => assert.ok(columns.length >= least)))
    }
    await Promise.all(readers)
    await compare(account, database)
  })
})

test('more changes than are kept: all is read again; older columns stay as they were', async () => {
  await withInbox(async ({ account, database, inbox }) => {
    for (let part = 0; part < 4; part++)
      await account.append(
        inbox.id,
        Array.from({ length: 800 }, (_, index) => newLetter(part * 800 + index)),
      )
    const before = await account.emailColumns()
    const copy = plain(before)
    for (const mode of ['add', 'remove', 'add'] as const) {
      const all = [{ first: 1 as never, last: 3200 as never }]
      await account.changeFlags(inbox.id, all, { mode, system: seenFlag, keywords: [] })
    }
    await compare(account, database)
    await account.append(inbox.id, [newLetter(3201), newLetter(2)])
    await account.changeFlags(inbox.id, [5 as never], { mode: 'add', system: deletedFlag, keywords: [] })
    await compare(account, database)
    assert.deepEqual(plain(before), copy)
  })
})

test('orders of texts and attachments follow what comes and goes', async () => {
  await withInbox(async ({ account, database, inbox }) => {
    const random = generator(5256)
    const subject = () =>
      `${random() < 0.3 ? 'Re: ' : ''}${String.fromCodePoint(0x61 + Math.floor(random() * 26))}é ${Math.floor(random() * 9)}`
    for (let round = 0; round < 40; round++) {
      const made = Array.from({ length: Math.floor(random() * 12) }, () => ({
        message: random() < 0.8 ? letter(subject()) : withFile(subject()),
        flags: { mode: 'add', system: 0, keywords: [] } as const,
        internalDate: Math.floor(random() * 1e6),
      }))
      if (made.length > 0) await account.append(inbox.id, made)
      const gone = [Math.ceil(random() * 200) as never]
      await account.changeFlags(inbox.id, gone, { mode: 'add', system: deletedFlag, keywords: [] })
      if (random() < 0.5) await account.expunge(inbox.id)
      const columns = await account.emailColumns()
      for (const name of ['from', 'to', 'subject', 'attached'] as const) {
        const values = await account.derivedColumn(columns, name)
        const fresh = deriveColumn(database, { name, ids: columns.ids, known: undefined })
        assert.deepEqual(
          name === 'attached' ? [...values] : orderOf(values),
          name === 'attached' ? [...fresh] : orderOf(fresh),
        )
      }
    }
  })
})

test('where too many come between two texts, the order is made anew', async () => {
  await withInbox(async ({ account, database, inbox }) => {
    const letters = ['a', 'z', ...Array.from({ length: 60 }, (_, index) => `b${'z'.repeat(60 - index)}`)]
    for (const one of letters) {
      await account.append(inbox.id, [{ ...newLetter(1), message: letter(one) }])
      const columns = await account.emailColumns()
      const values = await account.derivedColumn(columns, 'subject')
      assert.ok(values.every(value => Number.isSafeInteger(value) && value > 0))
      assert.deepEqual(
        orderOf(values),
        orderOf(deriveColumn(database, { name: 'subject', ids: columns.ids, known: undefined })),
      )
    }
  })
})

/** Numbers of groups of equals, in their order */
function orderOf(values: Float64Array): readonly number[] {
  const distinct = [...new Set(values)].sort((a, b) => a - b)
  return Array.from(values, value => distinct.indexOf(value))
}

function withFile(subject: string) {
  const file = 'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n'
  const head = `From: b@internet.test\r\nSubject: ${subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n`
  return memorySource(utf8(`${head}--b\r\n\r\ntext\r\n--b\r\n${file}--b--\r\n`))
}

test('threads far apart are counted as those side by side', () => {
  const threads = Float64Array.from([1, 5e9, 1, 7e12, 5e9])
  const { length } = threads
  const columns = new Columns(1 as never, {
    length,
    threads,
    ids: Float64Array.from([1, 2, 3, 4, 5]),
    received: new Float64Array(length),
    sent: new Float64Array(length),
    sizes: new Float64Array(length),
    flags: Uint32Array.from([seenFlag, seenFlag, 0, seenFlag, seenFlag]),
    starts: Uint32Array.from([0, 1, 2, 3, 4, 5]),
    mailboxes: Float64Array.from([1, 1, 2, 1, 2]),
  })
  assert.deepEqual([...columns.counts(undefined)], [...counted(columns, undefined)])
  assert.equal(columns.counts(undefined).get(1 as MailboxId)?.unreadThreads, 1)
  // what is unread in the trash alone makes nothing unread elsewhere
  assert.equal(columns.counts(2 as MailboxId).get(1 as MailboxId)?.unreadThreads, 0)
})

type Beginning = {
  readonly accounts: OpenAccounts
  readonly account: Account
  readonly inbox: Mailbox
  /** What is on disk, read beside the account */
  readonly database: Database
}

async function withInbox(act: (beginning: Beginning) => Promise<void>): Promise<void> {
  await withAccounts(async (accounts, folder) => {
    const id = accountId(1)
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const file = join(folder, id, 'account.db')
    using database = new Database(file, { durability: 'FULL', readOnly: true, busyTimeoutMs: 5000 })
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    await act({ accounts, account, inbox, database })
  })
}

function newLetter(number: number) {
  const flags = { mode: 'add', system: number % 3 === 0 ? seenFlag : 0, keywords: [] } as const
  return { message: letter(`Letter ${number % 40}`), flags, internalDate: 1_000_000 + number * 1000 }
}

async function compare(account: Account, database: Database): Promise<void> {
  const columns = await account.emailColumns()
  await account.read(reader => reader.state)
  const fresh = database.read(() => readEmailColumns(database))
  assert.deepEqual(plain(columns), plain(fresh))
  assert.equal(columns.modSeq, fresh.modSeq)
  const trash = (await account.mailboxes()).find(({ role }) => role === 'trash')?.id
  const sorted = (counts: ReadonlyMap<MailboxId, MailboxCount>) => [...counts].sort(([a], [b]) => a - b)
  assert.deepEqual(sorted((await account.mailboxCounts()).of), sorted(counted(columns, trash)))
}

type Plain = Pick<
  EmailColumns,
  'length' | 'ids' | 'threads' | 'received' | 'sent' | 'sizes' | 'flags' | 'starts' | 'mailboxes'
>

/** One row for each email; its mailboxes in no order */
function plain({ flags, ids, length, mailboxes, received, sent, sizes, starts, threads }: Plain): readonly object[] {
  return Array.from({ length }, (_, at) => ({
    id: ids[at],
    thread: threads[at],
    received: received[at],
    sent: sent[at],
    size: sizes[at],
    flags: flags[at],
    mailboxes: [...mailboxes.subarray(starts[at], starts[at + 1])].sort((a, b) => a - b),
  }))
}

/** The plain way, by the words of RFC 8621 §2 */
function counted(columns: EmailColumns, trash: MailboxId | undefined): ReadonlyMap<MailboxId, MailboxCount> {
  const emails = Array.from({ length: columns.length }, (_, at) => ({
    thread: columns.threads[at] ?? 0,
    unread: ((columns.flags[at] ?? 0) & (seenFlag | draftFlag)) === 0,
    in: [...columns.mailboxes.subarray(columns.starts[at], columns.starts[at + 1])],
  }))
  const counts = new Map<MailboxId, MailboxCount>()
  for (const mailbox of new Set(emails.flatMap(one => one.in))) {
    const inside = emails.filter(one => one.in.includes(mailbox))
    const threads = new Set(inside.map(({ thread }) => thread))
    const looked = emails
      .filter(({ unread }) => unread)
      .filter(one => one.in.some(at => (at === trash) === (mailbox === trash)))
    counts.set(mailbox as MailboxId, {
      emails: inside.length,
      unread: inside.filter(({ unread }) => unread).length,
      threads: threads.size,
      unreadThreads: [...threads].filter(thread => looked.some(one => one.thread === thread)).length,
    })
  }
  return counts
}
