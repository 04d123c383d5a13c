// SEARCH says the same before there is an index, with one, and with one that is behind.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { benchLetter, type Vocabulary } from '#formats/search/letters.testbed.ts'
import { deletedFlag, isRefusal } from '#mail/account.ts'
import type { MailboxId, Uid } from '#mail/ids.ts'
import { testAccount, type Testbed, withImap } from '../imap.testbed.ts'
import type { SearchKey } from '../syntax/request.ts'
import { SelectedMailbox } from '../selected-mailbox.ts'
import type { Peer } from '../peer.ts'
import { searchMailbox } from './search.ts'

const bytes = (text: string) => utf8(text)
const keys: readonly SearchKey[] = [
  { key: 'TEXT', text: bytes('zyxquark') },
  { key: 'TEXT', text: bytes('') },
  { key: 'SUBJECT', text: bytes('0000012') },
  { key: 'FROM', text: bytes('sender01') },
  { key: 'BODY', text: bytes('会議') },
  { key: 'BODY', text: bytes('e') },
  { key: 'HEADER', field: 'In-Reply-To', text: bytes('') },
  { key: 'HEADER', field: 'Received', text: bytes('client017') },
  { key: 'NOT', of: { key: 'BODY', text: bytes('日') } },
  { key: 'SINCE', day: 20 },
  {
    key: 'AND',
    of: [
      { key: 'BEFORE', day: 20 },
      { key: 'SENTSINCE', day: 20_200 },
      { key: 'NOT', of: { key: 'SENTON', day: 20_300 } },
    ],
  },
  {
    key: 'OR',
    of: [
      { key: 'SUBJECT', text: bytes('re: topic') },
      { key: 'TO', text: bytes('nobody') },
    ],
  },
  { key: 'AND', of: [{ key: 'LARGER', sizeBytes: 900 }, { key: 'BODY', text: bytes('株式会社') }, { key: 'SEEN' }] },
  {
    key: 'OR',
    of: [
      { key: 'SMALLER', sizeBytes: 900 },
      { key: 'BODY', text: bytes('tomorrow') },
    ],
  },
  {
    key: 'NOT',
    of: {
      key: 'AND',
      of: [
        { key: 'SEQUENCE', set: [{ first: 3, last: 9 }] },
        { key: 'TEXT', text: bytes('bench') },
      ],
    },
  },
]

test('the index changes no answer, neither complete nor behind nor absent', () =>
  withImap(async bed => {
    const inbox = await fill(bed, 0, 40)
    const plain = await answers(bed, inbox)
    assert.ok(plain.every(found => found.length < 41) && plain.some(found => found.length > 0))
    await bed.accounts.indexed(testAccount)
    assert.deepEqual(await answers(bed, inbox), plain)
    await fill(bed, 40, 12)
    const behind = await answers(bed, inbox)
    await bed.accounts.indexed(testAccount)
    assert.deepEqual(await answers(bed, inbox), behind)
    for (const [index, found] of behind.entries())
      assert.deepEqual(
        found.filter(at => at < 40),
        plain[index],
      )
  }))

test('a letter that was expunged meanwhile is in no answer that had to look at it', () =>
  withImap(async bed => {
    const inbox = await fill(bed, 0, 6)
    const account = await bed.accounts.account(testAccount)
    const view = await account.open(inbox)
    assert.ok(view)
    await account.changeFlags(inbox, [2 as Uid], { mode: 'add', system: deletedFlag, keywords: [] })
    await account.expunge(inbox)
    const key: SearchKey = { key: 'NOT', of: { key: 'BODY', text: bytes('nosuchword') } }
    assert.deepEqual(await answer(bed, inbox, key, view), [0, 2, 3, 4, 5])
    view[Symbol.dispose]()
  }))

async function fill({ accounts }: Testbed, from: number, count: number): Promise<MailboxId> {
  const account = await accounts.account(testAccount)
  const inbox = (await account.mailboxNamed('INBOX'))?.id ?? assert.fail('no inbox')
  const placed = await account.append(
    inbox,
    Array.from({ length: count }, (_, index) => ({
      message: memorySource(
        benchLetter(from + index, (['japanese', 'bench'] as Vocabulary[])[index % 2], 800 + index * 20),
      ),
      flags: { mode: 'add', system: index % 3 === 0 ? 1 : 0, keywords: [] },
      internalDate: (from + index) * 86_400_000,
    })),
  )
  if (isRefusal(placed)) assert.fail(placed.refused)
  return inbox
}

async function answers(bed: Testbed, inbox: MailboxId): Promise<readonly (readonly number[])[]> {
  const found: (readonly number[])[] = []
  for (const key of keys) found.push(await answer(bed, inbox, key))
  return found
}

async function answer(
  bed: Testbed,
  inbox: MailboxId,
  key: SearchKey,
  shown?: Awaited<ReturnType<typeof openView>>,
): Promise<readonly number[]> {
  const account = await bed.accounts.account(testAccount)
  const view = shown ?? (await openView(bed, inbox))
  const mailbox = (await account.mailboxes()).find(({ id }) => id === inbox) ?? assert.fail('no mailbox')
  const selected = new SelectedMailbox(account, mailbox, view, false, [])
  const session = { kind: 'selected', account, selected } as unknown as Parameters<typeof searchMailbox>[1]
  const peer = {
    output: { isFull: false },
    signal: new AbortController().signal,
    progress: { reach() {} },
  } as unknown as Peer
  const request = { charset: 'UTF-8', key } as unknown as Parameters<typeof searchMailbox>[0]
  const found = await searchMailbox(request, session, peer)
  if (!shown) view[Symbol.dispose]()
  return found
}

async function openView({ accounts }: Testbed, inbox: MailboxId) {
  return (await (await accounts.account(testAccount)).open(inbox)) ?? assert.fail('no view')
}
