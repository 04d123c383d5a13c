import assert from 'node:assert/strict'
import test from 'node:test'
import { type Account, deletedFlag, flaggedFlag, isRefusal, type Mailbox, seenFlag } from './account.ts'
import { accountId, delivery, letter, withAccounts } from './accounts.testbed.ts'
import type { ModSeq, Uid } from './ids.ts'

const signal = new AbortController().signal
const id = accountId(3)
const plain = { mode: 'add', system: 0, keywords: [] } as const

async function withAccount(act: (account: Account) => Promise<void>, quotaBytes?: number): Promise<void> {
  await withAccounts(
    async accounts => {
      await accounts.createAccount(id, 'en')
      await act(await accounts.account(id))
    },
    { quotaOf: () => quotaBytes },
  )
}

async function named(account: Account, name: string): Promise<Mailbox> {
  const mailbox = await account.mailboxNamed(name)
  assert.ok(mailbox, name)
  return mailbox
}

async function put(account: Account, name: string, count: number): Promise<readonly Uid[]> {
  const messages = Array.from({ length: count }, () => ({ message: letter('x'), flags: plain, internalDate: 1 }))
  const placed = await account.append((await named(account, name)).id, messages)
  assert.ok(!isRefusal(placed))
  return placed.map(one => one.uid)
}

test('the list is read once for all that ask between two changes, and anew after each', () =>
  withAccount(async account => {
    const before = await account.mailboxes()
    const changes = [
      () => put(account, 'Archive', 1),
      () => account.subscribe('Archive', false),
      () => account.createMailbox('New'),
      () => account.deleteMailbox('New'),
    ]
    let last = before
    for (const change of changes) {
      await change()
      const [one, other] = await Promise.all([account.mailboxes(), account.as('other').mailboxes()])
      assert.equal(one, other)
      assert.notEqual(one, last)
      last = one
    }
    const told = (list: readonly Mailbox[]) => list.find(({ name }) => name === 'Archive')
    assert.deepEqual([told(before)?.messages, told(before)?.subscribed], [0, true])
    assert.deepEqual([told(last)?.messages, told(last)?.subscribed], [1, false])
  }))

/** Names that CREATE is asked for, and what comes of it. */
const names: readonly (readonly [name: string, outcome: string])[] = [
  ['Work', 'Work'],
  ['Work/2026/', 'Work/2026'],
  ['仕事/会議', '仕事/会議'],
  ['が', 'が'], // NFD か + ゛ becomes one letter
  ['inbox/Lists', 'INBOX/Lists'],
  ['Inbox', 'exists'],
  ['Sent', 'exists'],
  ['', 'bad-name'],
  ['/a', 'bad-name'],
  ['a//b', 'bad-name'],
  ['a*', 'bad-name'],
  ['a%b', 'bad-name'],
  ['a\r\nb', 'bad-name'],
  ['a\ud800', 'bad-name'],
  ['x'.repeat(1001), 'bad-name'],
  [Array.from({ length: 33 }, () => 'a').join('/'), 'bad-name'],
]

test('names of mailboxes', async () => {
  await withAccount(async account => {
    for (const [name, outcome] of names) {
      const made = await account.createMailbox(name)
      assert.equal(isRefusal(made) ? made.refused : made.name, outcome, JSON.stringify(name))
    }
    assert.ok(await account.mailboxNamed('仕事'), 'levels above are made too')
  })
})

test('one mailbox per role; a deleted one is made again when mail for it comes', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'ja')
    const account = await accounts.account(id)
    assert.deepEqual(await account.createMailbox('Spam', { role: 'junk' }), { refused: 'has-role' })
    const junk = await named(account, '迷惑メール')
    assert.deepEqual(await account.deleteMailbox('迷惑メール'), {})
    assert.deepEqual(await account.deleteMailbox('INBOX'), { refused: 'has-role' })
    await accounts.deliver(delivery(id, { mailbox: { role: 'junk' } }), signal)
    const again = await named(account, '迷惑メール')
    assert.equal(again.role, 'junk')
    assert.ok(again.uidValidity > junk.uidValidity, 'the same name never has the same UIDVALIDITY')
  })
})

test('rename keeps messages, UIDs and UIDVALIDITY and takes children along', async () => {
  await withAccount(async account => {
    await account.createMailbox('a/b/c')
    await put(account, 'a/b', 3)
    const before = await named(account, 'a/b')
    assert.deepEqual(await account.renameMailbox('a', 'a/x'), {
      refused: 'bad-name',
      why: 'A mailbox cannot move below itself',
    })
    assert.deepEqual(await account.renameMailbox('nothing', 'b'), { refused: 'no-such-mailbox' })
    assert.deepEqual(await account.renameMailbox('a', 'Sent'), { refused: 'exists' })
    assert.deepEqual(await account.renameMailbox('a', 'z/a'), {})
    const after = await named(account, 'z/a/b')
    assert.deepEqual([after.id, after.uidValidity, after.messages], [before.id, before.uidValidity, 3])
    assert.ok(await account.mailboxNamed('z/a/b/c'))
    assert.equal(await account.mailboxNamed('a'), undefined)
    const again = await account.createMailbox('a/b')
    assert.ok(!isRefusal(again) && again.uidValidity > before.uidValidity)
  })
})

test('renaming the inbox empties it into the new mailbox', async () => {
  await withAccount(async account => {
    await account.createMailbox('INBOX/child')
    await put(account, 'INBOX', 2)
    assert.deepEqual(await account.renameMailbox('INBOX', 'Old/2026'), {})
    assert.equal((await named(account, 'Old/2026')).messages, 2)
    const inbox = await named(account, 'INBOX')
    assert.deepEqual([inbox.messages, inbox.uidNext], [0, 3])
    assert.ok(await account.mailboxNamed('INBOX/child'))
  })
})

test('a deleted mailbox takes its emails along, not those that lie elsewhere too, and tells its views', async () => {
  await withAccount(async account => {
    await account.createMailbox('a/b')
    await account.createMailbox('a')
    const uids = await put(account, 'a', 3)
    const [a, archive] = [await named(account, 'a'), await named(account, 'Archive')]
    await account.copy(a.id, uids.slice(0, 1), archive.id)
    using view = await account.open(a.id)
    assert.deepEqual(await account.deleteMailbox('a'), {})
    assert.equal(view?.advance({ expunges: true }).mailboxGone, true)
    assert.equal(await account.open(a.id), undefined)
    assert.ok(await account.mailboxNamed('a/b'), 'children stay')
    assert.equal((await account.quota()).messages, 1)
  })
})

test('copies share the email: keywords show in each, \\Deleted in one, quota counts once', async () => {
  await withAccount(async account => {
    const [uid] = await put(account, 'INBOX', 1)
    assert.ok(uid)
    const [inbox, archive] = [await named(account, 'INBOX'), await named(account, 'Archive')]
    const used = (await account.quota()).usedBytes
    const copied = await account.copy(inbox.id, [uid, 77 as Uid], archive.id)
    assert.deepEqual(copied, { uidValidity: archive.uidValidity, from: [uid, uid], to: [1, 1] })
    await account.copy(inbox.id, [uid], inbox.id)
    assert.deepEqual(await account.quota(), { usedBytes: used, limitBytes: undefined, messages: 1 })
    const change = { mode: 'add', system: flaggedFlag | deletedFlag, keywords: ['$Work'] } as const
    const done = await account.changeFlags(archive.id, [1 as Uid], change)
    assert.ok(!isRefusal(done))
    using inArchive = await account.open(archive.id)
    using inInbox = await account.open(inbox.id)
    assert.equal(inArchive?.flags(0), flaggedFlag | deletedFlag | 32)
    assert.deepEqual([inInbox?.flags(0), inInbox?.flags(1)], [flaggedFlag | 32, flaggedFlag | 32])
    assert.equal(inInbox?.modSeqOf(0), done.modSeq, 'each placement has the new modseq')
    assert.deepEqual((await account.expunge(archive.id)).expunged, [1, 1])
    assert.equal((await account.quota()).messages, 1)
    await account.changeFlags(inbox.id, [uid, 2 as Uid], { mode: 'add', system: deletedFlag, keywords: [] })
    await account.expunge(inbox.id)
    assert.deepEqual(await account.quota(), { usedBytes: 0, limitBytes: undefined, messages: 0 })
  })
})

test('unchangedSince leaves newer messages alone and names them', async () => {
  await withAccount(async account => {
    const uids = await put(account, 'INBOX', 3)
    const inbox = await named(account, 'INBOX')
    const since = inbox.highestModSeq
    await account.changeFlags(inbox.id, uids.slice(1, 2), { mode: 'add', system: seenFlag, keywords: [] })
    const change = { mode: 'replace', system: flaggedFlag, keywords: [] } as const
    const result = await account.changeFlags(inbox.id, uids, change, { unchangedSince: since })
    assert.ok(!isRefusal(result))
    assert.deepEqual([result.changed, result.failed], [[1, 1, 3, 3], [2]])
    const same = await account.changeFlags(inbox.id, uids, { mode: 'add', system: 0, keywords: [] })
    assert.ok(!isRefusal(same) && same.modSeq === result.modSeq, 'no change, no modseq')
  })
})

// The younger of two copies of one email was changed too: a change through the older one hid that it was newer
test('unchangedSince judges two copies of one email in a mailbox each by itself', async () => {
  await withAccount(async account => {
    const [uid] = await put(account, 'INBOX', 1)
    assert.ok(uid)
    const inbox = await named(account, 'INBOX')
    await account.copy(inbox.id, [uid], inbox.id)
    const since = (await named(account, 'INBOX')).highestModSeq
    const younger = 2 as Uid
    await account.changeFlags(inbox.id, [younger], { mode: 'add', system: deletedFlag, keywords: [] })
    const change = { mode: 'add', system: flaggedFlag, keywords: [] } as const
    const result = await account.changeFlags(inbox.id, [uid, younger], change, { unchangedSince: since })
    assert.ok(!isRefusal(result))
    assert.deepEqual([result.changed, result.failed], [[1, 1], [2]])
    const remove = { mode: 'remove', system: deletedFlag, keywords: [] } as const
    const again = await account.changeFlags(inbox.id, [uid, younger], remove, { unchangedSince: since })
    assert.ok(!isRefusal(again))
    assert.deepEqual(again.failed, [1, 2])
    using view = await account.open(inbox.id)
    assert.equal(view?.flags(1), flaggedFlag | deletedFlag, 'the older one shares its keywords, and no more')
  })
})

test('removed messages are remembered by modseq', async () => {
  await withAccount(async account => {
    const uids = await put(account, 'INBOX', 4)
    const inbox = await named(account, 'INBOX')
    await account.changeFlags(inbox.id, uids.slice(0, 2), { mode: 'add', system: deletedFlag, keywords: [] })
    const before = (await named(account, 'INBOX')).highestModSeq
    await account.expunge(inbox.id, uids.slice(0, 1))
    await account.move(inbox.id, uids.slice(2, 3), (await named(account, 'Trash')).id)
    assert.deepEqual(await account.expungedSince(inbox.id, before), { uids: [1, 3], complete: true })
    const now = (await named(account, 'INBOX')).highestModSeq
    assert.deepEqual(await account.expungedSince(inbox.id, now), { uids: [], complete: true })
    assert.deepEqual(await account.expungedSince(inbox.id, 0 as ModSeq), { uids: [1, 3], complete: true })
  })
})

test('26 keywords, without regard to case; a 27th is refused, in a delivery left out', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const [uid] = await put(account, 'INBOX', 1)
    assert.ok(uid)
    const inbox = await named(account, 'INBOX')
    const keywords = Array.from({ length: 26 }, (_, index) => `word${index}`)
    const add = (...names: string[]) => account.changeFlags(inbox.id, [uid], { ...plain, keywords: names })
    assert.ok(!isRefusal(await add(...keywords)))
    assert.ok(!isRefusal(await add('WORD3')))
    assert.deepEqual(await add('another'), { refused: 'too-many-keywords' })
    assert.equal(((await add('bad name')) as { refused: string }).refused, 'bad-name')
    const flags = { ...plain, keywords: ['word25', 'another', 'bad name'] }
    await accounts.deliver(delivery(id, { flags }), signal)
    using view = await account.open(inbox.id)
    assert.deepEqual([view?.flags(0), view?.flags(1)], [0x7fff_ffe0, 0x4000_0000])
    assert.deepEqual(await account.keywordNames(), keywords)
  })
})

test('an append over quota keeps nothing', async () => {
  await withAccount(async account => {
    const inbox = await named(account, 'INBOX')
    const message = letter('x', 'y'.repeat(600))
    const one = { message, flags: plain, internalDate: 1 }
    assert.deepEqual(await account.append(inbox.id, [one, one]), { refused: 'over-quota' })
    assert.ok(!isRefusal(await account.append(inbox.id, [one])))
    assert.equal((await account.quota()).usedBytes, message.sizeBytes)
  }, 1000)
})

test('a replaced message makes room, unless it lies elsewhere too', async () => {
  await withAccount(async account => {
    const [inbox, trash] = [await named(account, 'INBOX'), await named(account, 'Trash')]
    const one = { message: letter('x', 'y'.repeat(600)), flags: plain, internalDate: 1 }
    const placed = await account.append(inbox.id, [one])
    assert.ok(!isRefusal(placed))
    const [first = { uid: 0 as Uid }] = placed
    const second = await account.replace(trash.id, one, { mailbox: inbox.id, uid: first.uid })
    assert.ok(!isRefusal(second))
    assert.deepEqual([(await named(account, 'INBOX')).messages, (await named(account, 'Trash')).messages], [0, 1])
    const gone = await account.replace(trash.id, one, { mailbox: inbox.id, uid: first.uid })
    assert.deepEqual(gone, { refused: 'no-such-message' })
    assert.ok(!isRefusal(await account.copy(trash.id, [second.uid], inbox.id)))
    const shared = await account.replace(trash.id, one, { mailbox: trash.id, uid: second.uid })
    assert.deepEqual(shared, { refused: 'over-quota' })
    assert.equal((await account.quota()).usedBytes, one.message.sizeBytes)
  }, 1000)
})

test('subscriptions are names, whether there is a mailbox or not', async () => {
  await withAccount(async account => {
    await account.subscribe('Later', true)
    await account.subscribe('inbox', false)
    assert.deepEqual(await account.subscriptions(), ['Archive', 'Drafts', 'Junk', 'Later', 'Sent', 'Trash'])
    const made = await account.createMailbox('Later')
    assert.ok(!isRefusal(made))
    assert.equal((await named(account, 'Later')).subscribed, true)
  })
})

test('replies to a message join its thread, another subject does not', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const put = async (subject: string, references: string) => {
      const message = letter(`${subject}\r\nReferences: ${references}`)
      const result = await accounts.deliver(delivery(id, { message }), signal)
      assert.ok(result.status === 'stored')
      return (await account.emails([result.emailId]))[0]?.threadId
    }
    const first = await put('Trip', '<start@example.org>')
    assert.equal(await put('Re: [list] trip', '<start@example.org>'), first)
    assert.notEqual(await put('Other', '<start@example.org>'), first)
    assert.notEqual(await put('Trip', '<else@example.org>'), first)
  })
})
