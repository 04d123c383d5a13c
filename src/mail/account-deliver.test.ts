import assert from 'node:assert/strict'
import test from 'node:test'
import { memorySource } from '#formats/message-source.ts'
import { isRefusal, type Placed } from './account.ts'
import type { LocalResult } from './delivery.ts'
import type { DeliveryId } from './ids.ts'
import { accountId, collect, delivery, type DeliveryOptions, letter, withAccounts } from './accounts.testbed.ts'

const signal = new AbortController().signal
const id = accountId(7)
const gone = (...ids: string[]) => ids as DeliveryId[]
const attempt = (number: string, more: DeliveryOptions['attempt'] = {}) => ({ id: number as DeliveryId, ...more })
const day = 24 * 3600 * 1000

type Step = DeliveryOptions & { readonly after?: number; readonly confirm?: string }

/** Each case: deliveries of one and the same letter, then how many letters there are and which answers were repeats. */
const cases: readonly {
  readonly name: string
  readonly steps: readonly Step[]
  readonly stored: number
  readonly repeated: readonly boolean[]
}[] = [
  {
    name: 'the same id again is the first result',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.1.1') }],
    stored: 1,
    repeated: [false, true],
  },
  {
    name: 'the same id for another recipient is another delivery',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.1.1'), recipient: 'hanako+x@home.test' }],
    stored: 2,
    repeated: [false, false],
  },
  {
    name: 'equal content under a new id, while the first attempt may still be answered, is another letter',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.1.2') }],
    stored: 2,
    repeated: [false, false],
  },
  {
    name: 'the peer of the first attempt vanished: a retry',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.1.2', { gone: gone('g.1.1') }) }],
    stored: 1,
    repeated: [false, true],
  },
  {
    name: 'the box of the first attempt was started anew: a retry',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.2.1', { boot: 2 }) }],
    stored: 1,
    repeated: [false, true],
  },
  {
    name: 'a newer boot of another box says nothing',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('h.2.1', { origin: 'h', boot: 2 }) }],
    stored: 2,
    repeated: [false, false],
  },
  {
    name: 'an older boot does not follow a newer one',
    steps: [{ attempt: attempt('g.2.1', { boot: 2 }) }, { attempt: attempt('g.1.9') }],
    stored: 2,
    repeated: [false, false],
  },
  {
    name: 'a confirmed row is never merged by content',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.2.1', { boot: 2 }), confirm: 'g.1.1' }],
    stored: 2,
    repeated: [false, false],
  },
  {
    name: 'a row confirmed when it was made is never merged',
    steps: [{ attempt: attempt('g.1.1', { confirmed: true }) }, { attempt: attempt('g.2.1', { boot: 2 }) }],
    stored: 2,
    repeated: [false, false],
  },
  {
    name: 'mail whose sender has its 250 is never merged',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.2.1', { boot: 2, confirmed: true }) }],
    stored: 2,
    repeated: [false, false],
  },
  {
    name: 'a repeat that is confirmed ends merging',
    steps: [
      { attempt: attempt('g.1.1') },
      { attempt: attempt('g.1.1', { confirmed: true }) },
      { attempt: attempt('g.2.1', { boot: 2 }) },
    ],
    stored: 2,
    repeated: [false, true, false],
  },
  {
    name: 'the row follows the newer attempt: both ids are answered',
    steps: [
      { attempt: attempt('g.1.1') },
      { attempt: attempt('g.2.1', { boot: 2 }) },
      { attempt: attempt('g.1.1') },
      { attempt: attempt('g.2.1', { boot: 2 }) },
    ],
    stored: 1,
    repeated: [false, true, true, true],
  },
  {
    name: 'after following, the newest attempt decides: it may still be answered',
    steps: [
      { attempt: attempt('g.1.1') },
      { attempt: attempt('g.2.1', { boot: 2 }) },
      { attempt: attempt('g.2.2', { boot: 2, gone: gone('g.1.1') }) },
    ],
    stored: 2,
    repeated: [false, true, false],
  },
  {
    name: 'after following, a vanished newest attempt is followed again',
    steps: [
      { attempt: attempt('g.1.1') },
      { attempt: attempt('g.2.1', { boot: 2 }) },
      { attempt: attempt('g.2.2', { boot: 2, gone: gone('g.2.1') }) },
    ],
    stored: 1,
    repeated: [false, true, true],
  },
  {
    name: 'a vanished attempt that arrives after its retry is dropped',
    steps: [{ attempt: attempt('g.2.1', { boot: 2, gone: gone('g.1.1') }) }, { attempt: attempt('g.1.1') }],
    stored: 1,
    repeated: [false, true],
  },
  {
    name: 'within five days',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.2.1', { boot: 2 }), after: 5 * day - 1000 }],
    stored: 1,
    repeated: [false, true],
  },
  {
    name: 'after five days nobody retries',
    steps: [{ attempt: attempt('g.1.1') }, { attempt: attempt('g.2.1', { boot: 2 }), after: 5 * day + 1000 }],
    stored: 2,
    repeated: [false, false],
  },
]

for (const { name, steps, stored, repeated } of cases)
  test(`exactly once: ${name}`, async () => {
    let nowMs = 1_800_000_000_000
    const clock = { now: () => nowMs, monotonic: () => performance.now() }
    await withAccounts(
      async accounts => {
        await accounts.createAccount(id, 'en')
        const message = letter('Same')
        const results: LocalResult[] = []
        for (const { after = 0, confirm, ...step } of steps) {
          nowMs += after
          if (confirm) accounts.confirm(id, 'hanako@home.test', [confirm as DeliveryId])
          results.push(await accounts.deliver(delivery(id, { message, ...step }), signal))
        }
        const inbox = await (await accounts.account(id)).mailboxNamed('INBOX')
        assert.equal(inbox?.messages, stored)
        assert.deepEqual(
          results.map(result => result.repeated),
          repeated,
        )
        const first = results[0]
        for (const result of results)
          if (result.repeated) assert.deepEqual({ ...result, repeated: false }, { ...first, repeated: false })
      },
      { clock, writerThreads: 1 },
    )
  })

test('a box that counts from the beginning again: another letter under a known id is stored, and remembered', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const attempts = ['first', 'second', 'second'].map(text => ({
      attempt: attempt('g.1.1'),
      message: letter(text, text, `${text}@example.org`),
    }))
    const results: LocalResult[] = []
    for (const one of attempts) results.push(await accounts.deliver(delivery(id, one), signal))
    assert.deepEqual(
      results.map(result => result.repeated),
      [false, false, true],
    )
    const inbox = await (await accounts.account(id)).mailboxNamed('INBOX')
    assert.equal(inbox?.messages, 2)
  })
})

test('over quota is said before anything is kept, by id again, and the hold is always taken', async () => {
  await withAccounts(
    async accounts => {
      await accounts.createAccount(id, 'en')
      const message = letter('Big', 'x'.repeat(2000))
      const refused = { attempt: attempt('g.1.1'), message }
      assert.deepEqual(await accounts.deliver(delivery(id, refused), signal), { status: 'over-quota', repeated: false })
      assert.deepEqual(await accounts.deliver(delivery(id, refused), signal), { status: 'over-quota', repeated: true })
      assert.equal(await accounts.hasRoom(id, 2000), false)
      assert.equal(await accounts.hasRoom(id, 900), true)
      const held = await accounts.deliver(delivery(id, { ...refused, overQuota: 'accept' }), signal)
      assert.equal(held.status, 'stored')
      assert.equal(held.repeated, false)
      const again = await accounts.deliver(delivery(id, { ...refused, overQuota: 'accept' }), signal)
      assert.equal(again.repeated, true)
      const quota = await (await accounts.account(id)).quota()
      assert.deepEqual(quota, { usedBytes: message.sizeBytes, limitBytes: 1000, messages: 1 })
    },
    { quotaOf: () => 1000 },
  )
})

test('effects outside the account wait in its outbox until they are in the queue', async () => {
  const told: string[] = []
  await withAccounts(
    async accounts => {
      await accounts.createAccount(id, 'en')
      const item = {
        id: 'g.1.1/0',
        kind: 'redirect' as const,
        envelope: '{}',
        message: memorySource(Buffer.from('Subject: x\r\n\r\n')),
      }
      const message = letter('Test')
      await accounts.deliver(delivery(id, { message, attempt: attempt('g.1.1'), outbox: [item] }), signal)
      await accounts.deliver(delivery(id, { message, attempt: attempt('g.1.1'), outbox: [item] }), signal)
      assert.deepEqual(told, [id])
      assert.deepEqual(await Array.fromAsync(accounts.accountsWithOutbox()), [id])
      const [waiting, ...more] = await accounts.outbox(id, 10)
      assert.deepEqual(more, [])
      assert.ok(waiting)
      const { created, message: kept, ...rest } = waiting
      assert.ok(created > 0)
      const { message: wanted, ...facts } = item
      assert.deepEqual(rest, facts)
      assert.deepEqual(Buffer.from(await collect(kept)), Buffer.from(await collect(wanted)))
      await accounts.outboxDone(id, ['g.1.1/0'])
      assert.deepEqual(await accounts.outbox(id, 10), [])
    },
    { onOutbox: account => told.push(account) },
  )
})

test('a client that files its own copy of a sent message replaces the one the server filed, and the other way round', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const sent = await account.mailboxNamed('Sent')
    assert.ok(sent)
    const file = (messageId: string) =>
      accounts.deliver(
        delivery(id, { mailbox: { role: 'sent' }, message: letter('Out', 'Mine\r\n', messageId) }),
        signal,
      )
    const flags = { mode: 'add', system: 1, keywords: [] } as const
    const append = (messageId: string) =>
      account.append(sent.id, [{ message: letter('Out', 'Mine, with Bcc\r\n', messageId), flags, internalDate: 5 }])
    await file('a@home.test')
    await append('a@home.test')
    assert.equal((await account.mailboxNamed('Sent'))?.messages, 1)
    await append('b@home.test')
    assert.equal((await file('b@home.test')).status, 'stored')
    assert.equal((await account.mailboxNamed('Sent'))?.messages, 2)
    await append('b@home.test')
    assert.equal((await account.mailboxNamed('Sent'))?.messages, 3, 'what clients file is their own business')
  })
})

test('a draft that is moved to the sent ones stands for the copy that the server filed or will file; other letters do not', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const [sent, drafts, archive] = await Promise.all(
      ['Sent', 'Drafts', 'Archive'].map(name => account.mailboxNamed(name)),
    )
    assert.ok(sent && drafts && archive)
    const file = (messageId: string) =>
      accounts.deliver(
        delivery(id, { mailbox: { role: 'sent' }, message: letter('Out', 'Mine\r\n', messageId) }),
        signal,
      )
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    const moved = async (from: typeof sent, messageId: string, before: () => Promise<unknown>) => {
      const message = letter('Out', 'Mine, with Bcc\r\n', messageId)
      const [placed] = (await account.append(from.id, [{ message, flags, internalDate: 5 }])) as readonly Placed[]
      assert.ok(placed)
      await before()
      const mailboxes = { add: [sent.id], remove: [from.id] }
      await account.setEmails([{ kind: 'update', email: placed.emailId, mailboxes, flags: [] }])
    }
    const inSent = async () => (await account.mailboxNamed('Sent'))?.messages
    await moved(drafts, 'a@home.test', () => file('a@home.test'))
    assert.equal(await inSent(), 1)
    await moved(drafts, 'b@home.test', () => Promise.resolve())
    await file('b@home.test')
    assert.equal(await inSent(), 2)
    await moved(archive, 'c@home.test', () => file('c@home.test'))
    assert.equal(await inSent(), 4)
  })
})

test('a sent copy that the server filed is replaced once, whoever takes it out', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const message = letter('Out', 'Mine\r\n', 'c@home.test')
    const filed = await accounts.deliver(delivery(id, { mailbox: { role: 'sent' }, message }), signal)
    const sent = await account.mailboxNamed('Sent')
    assert.ok(sent && filed.status === 'stored')
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    const own = { message: letter('Out', 'Mine, with Bcc\r\n', 'c@home.test'), flags, internalDate: 5 }
    assert.ok(!isRefusal(await account.replace(sent.id, own, { mailbox: sent.id, uid: filed.uid })))
    assert.equal((await account.mailboxNamed('Sent'))?.messages, 1)
    assert.equal((await account.quota()).messages, 1)
  })
})
