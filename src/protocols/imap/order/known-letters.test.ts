// SORT and THREAD from what is kept of a mailbox, against the same read anew, while letters come and go.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { deletedFlag, isRefusal, type Account, type Mailbox } from '#mail/account.ts'
import type { MailboxView } from '#mail/account-view.ts'
import type { Uid } from '#mail/ids.ts'
import { testAccount, withImap } from '../imap.testbed.ts'
import type { Peer } from '../peer.ts'
import { SelectedMailbox } from '../selected-mailbox.ts'
import type { SortCriterion } from '../syntax/request.ts'
import { lettersOf } from './known-letters.ts'
import { LetterColumns } from './letter-columns.ts'
import { readRows } from './rows.ts'
import { sortFound } from './sort-found.ts'
import { sortValues } from './sort-value.ts'

const programs: readonly (readonly SortCriterion[])[] = [
  [{ key: 'DATE', reverse: true }],
  [{ key: 'SUBJECT', reverse: false }],
  [
    { key: 'SUBJECT', reverse: true },
    { key: 'SIZE', reverse: false },
  ],
  [
    { key: 'FROM', reverse: false },
    { key: 'ARRIVAL', reverse: true },
  ],
]

function letterOf(number: number) {
  const head = [
    `From: sender${number % 7} <s${number % 7}@internet.test>`,
    `Subject: ${number % 3 === 0 ? 'Re: ' : ''}${['Lunch', 'lunch', '会議', ''][number % 4]}`,
    ...(number % 5 === 0 ? [] : [`Date: Mon, ${1 + (number % 28)} Nov 2026 02:00:00 +0900`]),
    ...(number % 11 === 0 ? [] : [`Message-ID: <${number}@internet.test>`]),
    ...(number % 2 === 0 ? [`References: <${number - 3}@internet.test> <${number - 1}@internet.test>`] : []),
    // too large to be read with many others
    ...(number % 17 === 0 ? [`X-Long: ${'x'.repeat(9000)}`] : []),
  ]
  return memorySource(utf8(`${head.join('\r\n')}\r\n\r\n${'body '.repeat(number % 9)}`))
}

const output = { isFull: false, room: async () => {}, write() {} }
const progress = { reach() {} }
const peer = { accounts: {}, output, progress, signal: new AbortController().signal } as unknown as Peer

function sessionOf(account: Account, mailbox: Mailbox, view: MailboxView) {
  const selected = new SelectedMailbox(account, mailbox, view, false, [])
  return { kind: 'selected', account, selected } as unknown as Parameters<typeof lettersOf>[1]
}

test('the same as read anew, for views of several ages', async () => {
  await withImap(async ({ accounts }) => {
    const account = await accounts.account(testAccount)
    const inbox = (await account.mailboxNamed('INBOX')) ?? assert.fail('no inbox')
    let number = 0
    const add = async (count: number) => {
      const flags = { mode: 'add', system: 0, keywords: [] } as const
      const messages = Array.from({ length: count }, () => {
        number += 1
        return { message: letterOf(number), flags, internalDate: (number * 7919) % 100_000 }
      })
      assert.ok(!isRefusal(await account.append(inbox.id, messages)))
    }
    const remove = async (uids: readonly number[]) => {
      const change = { mode: 'add', system: deletedFlag, keywords: [] } as const
      await account.changeFlags(inbox.id, uids as Uid[], change)
      await account.expunge(inbox.id, uids as Uid[])
    }
    const open = async () => (await account.open(inbox.id)) ?? assert.fail('no view')
    await add(60)
    const oldest = await open()
    await check(sessionOf(account, inbox, oldest))
    await add(10)
    await remove([3, 4, 5, 61])
    await check(sessionOf(account, inbox, oldest))
    using younger = await open()
    await check(sessionOf(account, inbox, younger))
    await check(sessionOf(account, inbox, oldest))
    await remove(Array.from({ length: 55 }, (_, at) => at + 1))
    using youngest = await open()
    await check(sessionOf(account, inbox, youngest))
    await add(200)
    youngest.advance({ expunges: true })
    const session = sessionOf(account, inbox, youngest)
    // two connections at once
    await Promise.all([check(session), check(sessionOf(account, inbox, youngest)), check(session)])
    oldest[Symbol.dispose]()
  })
})

test('a few of many are read alone, or taken from what is kept', async () => {
  await withImap(async ({ accounts }) => {
    const account = await accounts.account(testAccount)
    const inbox = (await account.mailboxNamed('INBOX')) ?? assert.fail('no inbox')
    const add = async (count: number) => {
      const flags = { mode: 'add', system: 0, keywords: [] } as const
      const messages = Array.from({ length: count }, (_, at) => ({ message: letterOf(at), flags, internalDate: at }))
      assert.ok(!isRefusal(await account.append(inbox.id, messages)))
    }
    await add(100)
    using view = (await account.open(inbox.id)) ?? assert.fail('no view')
    const session = sessionOf(account, inbox, view)
    const asking = { ...peer, accounts: {} } as Peer
    const read: number[] = []
    const { emailParts } = account
    account.emailParts = (ids, names) => {
      read.push(ids.length)
      return emailParts.call(account, ids, names)
    }
    const askedFor = async (found: readonly number[]) => {
      read.length = 0
      await lettersOf(found, session, asking, { threads: false })
      return read.reduce((sum, count) => sum + count, 0)
    }
    const all = Array.from({ length: 100 }, (_, index) => index)
    assert.equal(await askedFor(all.slice(0, 9)), 9)
    assert.equal(await askedFor(all), 100)
    assert.equal(await askedFor(all.slice(0, 9)), 0)
    await add(50)
    view.advance({ expunges: true })
    // more has come than is asked for
    assert.equal(await askedFor(all.slice(0, 9)), 9)
    assert.equal(await askedFor([...all, 149]), 50)
    assert.equal(await askedFor([3, 149]), 0)
  })
})

async function check(session: Parameters<typeof lettersOf>[1]): Promise<void> {
  const { view } = session.selected
  const all = Array.from({ length: view.length }, (_, index) => index)
  const few = all.filter(index => index % 9 === 0)
  for (const found of [all, few])
    for (const program of programs)
      assert.deepEqual(await sortFound(found, program, session, peer), await sortedAnew(found, program, session))
  for (const found of [all, few]) assert.deepEqual(await threaded(found, session), await threadedAnew(found, session))
}

async function sortedAnew(
  found: readonly number[],
  program: readonly SortCriterion[],
  session: Parameters<typeof lettersOf>[1],
): Promise<readonly number[]> {
  const rows: { readonly index: number; readonly values: readonly (string | number)[] }[] = []
  const keys = program.map(({ key }) => key)
  await readRows(found, session, peer, (row, index) => rows.push({ index, values: sortValues(keys, row) }))
  return rows
    .sort((a, b) => {
      for (const [at, { reverse }] of program.entries()) {
        const [left, right] = [a.values[at] ?? '', b.values[at] ?? '']
        if (left !== right) return left < right === reverse ? 1 : -1
      }
      return a.index - b.index
    })
    .map(({ index }) => index)
}

type Thread = readonly [date: number, subject: number, id: number, references: readonly number[]]

async function threaded(found: readonly number[], session: Parameters<typeof lettersOf>[1]): Promise<unknown> {
  const { columns, slots } = await lettersOf(found, session, peer, { threads: true })
  return alike(columns, [...slots])
}

/** Numbers of ids and subjects depend on who came first: told by the first position that has them. */
function alike(columns: LetterColumns, slots: readonly number[]): unknown {
  const names = new Map<string, number>()
  const nameOf = (kind: string, number: number) => {
    const key = `${kind} ${number}`
    if (!names.has(key)) names.set(key, names.size)
    return names.get(key) ?? -1
  }
  return slots
    .filter(slot => columns.found[slot] === 1)
    .map<Thread>(slot => [
      columns.dates[slot] ?? 0,
      nameOf('subject', columns.subjects[slot] ?? 0),
      nameOf('id', columns.ids[slot] ?? 0),
      [...columns.referencesOf(slot)].map(number => nameOf('id', number)),
    ])
}

async function threadedAnew(found: readonly number[], session: Parameters<typeof lettersOf>[1]): Promise<unknown> {
  const { account, selected } = session
  const columns = new LetterColumns()
  for (const index of found) {
    const id = selected.view.emailId(index)
    const [row] = await account.emails([id])
    const [references] = await account.references(Float64Array.of(id))
    if (row) columns.add({ ...row, uid: selected.view.uid(index), references: references ?? [] })
    else columns.add({ uid: selected.view.uid(index) })
  }
  return alike(columns, Array.from(found.keys()))
}
