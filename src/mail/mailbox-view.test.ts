// Two sessions and a plain model: whatever happens to the mailbox, what a client is told adds up to what is there.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { type Account, deletedFlag, isRefusal, seenFlag, flaggedFlag } from './account.ts'
import type { MailboxView } from './account-view.ts'
import { accountId, letter, withAccounts } from './accounts.testbed.ts'
import type { OpenAccounts } from './accounts.ts'
import type { MailboxId, Uid } from './ids.ts'

type Step =
  | { readonly kind: 'append'; readonly system: number }
  | {
      readonly kind: 'flags'
      readonly mode: 'add' | 'remove' | 'replace'
      readonly system: number
      readonly pick: number
    }
  | { readonly kind: 'copy' | 'move'; readonly to: 0 | 1; readonly pick: number }
  | { readonly kind: 'expunge' }
  | { readonly kind: 'advance'; readonly session: 0 | 1; readonly expunges: boolean }

const system = fc.constantFrom(0, seenFlag, flaggedFlag, deletedFlag, seenFlag | deletedFlag)
const pick = fc.nat(255)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('append'), system }),
  fc.record({ kind: fc.constant('flags'), mode: fc.constantFrom('add', 'remove', 'replace'), system, pick }),
  fc.record({ kind: fc.constantFrom('copy', 'move'), to: fc.constantFrom(0, 1), pick }),
  fc.record({ kind: fc.constant('expunge') }),
  fc.record({ kind: fc.constant('advance'), session: fc.constantFrom(0, 1), expunges: fc.boolean() }),
)

/** Every other message, by the bits of `pick`. */
function picked(uids: readonly number[], pick: number): number[] {
  return uids.filter((_, index) => pick & (1 << (index % 8)))
}

type Message = { readonly email: { flags: number }; deleted: boolean }

/** Two mailboxes as plain maps. */
class Model {
  readonly boxes = [new Map<number, Message>(), new Map<number, Message>()] as const
  readonly uidNext = [1, 1]

  add(box: 0 | 1, email: { flags: number }, deleted: boolean): void {
    this.boxes[box].set(this.uidNext[box] ?? 0, { email, deleted })
    this.uidNext[box] = (this.uidNext[box] ?? 0) + 1
  }

  run(step: Step): void {
    const box = this.boxes[0]
    switch (step.kind) {
      case 'append':
        return this.add(0, { flags: step.system & ~deletedFlag }, (step.system & deletedFlag) > 0)
      case 'flags':
        for (const uid of picked([...box.keys()], step.pick)) {
          const message = box.get(uid)
          if (!message) continue
          const before = message.email.flags | (message.deleted ? deletedFlag : 0)
          const after = change(before, step.mode, step.system)
          message.email.flags = after & ~deletedFlag
          message.deleted = (after & deletedFlag) > 0
        }
        return
      case 'copy':
      case 'move':
        for (const uid of picked([...box.keys()], step.pick)) {
          const message = box.get(uid)
          if (!message) continue
          this.add(step.to, message.email, message.deleted)
          if (step.kind === 'move') box.delete(uid)
        }
        return
      case 'expunge':
        for (const [uid, message] of box) if (message.deleted) box.delete(uid)
        return
      case 'advance':
    }
  }

  flags(box: 0 | 1): readonly (readonly [number, number])[] {
    return [...this.boxes[box]].map(([uid, { email, deleted }]) => [uid, email.flags | (deleted ? deletedFlag : 0)])
  }
}

function change(flags: number, mode: 'add' | 'remove' | 'replace', by: number): number {
  if (mode === 'replace') return by
  return mode === 'add' ? flags | by : flags & ~by
}

/** What a client believes from what it has been told. */
class Client {
  readonly view: MailboxView
  readonly uids: number[] = []

  constructor(view: MailboxView) {
    this.view = view
  }

  advance(expunges: boolean): void {
    const news = this.view.advance({ expunges })
    if (!expunges) assert.equal(news.expunged.uids.length, 0)
    const lost = news.expunged.ranges
      .toReversed()
      .flatMap(({ start, end }) => this.uids.splice(start, end - start).reverse())
    assert.deepEqual(lost.reverse(), [...news.expunged.uids])
    const before = this.uids.length
    for (let index = before; index < before + news.added; index++) this.uids.push(this.view.uid(index))
    assert.equal(this.view.length, this.uids.length)
    this.uids.forEach((uid, index) => assert.equal(this.view.uid(index), uid))
    for (const { start, end } of news.changed) assert.ok(start >= 0 && start < end && end <= before)
    if (expunges) assert.equal(this.view.hasNews, false)
  }
}

async function runOne(account: Account, boxes: readonly [MailboxId, MailboxId], step: Step, uids: readonly number[]) {
  switch (step.kind) {
    case 'append': {
      const flags = { mode: 'add', system: step.system, keywords: [] } as const
      return await account.append(boxes[0], [{ message: letter('x'), flags, internalDate: 1 }])
    }
    case 'flags': {
      const chosen = picked(uids, step.pick) as Uid[]
      return await account.changeFlags(boxes[0], chosen, { mode: step.mode, system: step.system, keywords: [] })
    }
    case 'copy':
    case 'move':
      return await account[step.kind](boxes[0], picked(uids, step.pick) as Uid[], boxes[step.to])
    case 'expunge':
      return await account.expunge(boxes[0])
    case 'advance':
      return {}
  }
}

async function play(accounts: OpenAccounts, number: number, steps: readonly Step[]): Promise<void> {
  const id = accountId(number)
  await accounts.createAccount(id, 'en')
  const account = await accounts.account(id)
  const inbox = await account.mailboxNamed('INBOX')
  const archive = await account.mailboxNamed('Archive')
  assert.ok(inbox && archive)
  using first = await account.open(inbox.id)
  using second = await account.open(inbox.id)
  assert.ok(first && second)
  const clients = [new Client(first), new Client(second)] as const
  const model = new Model()
  for (const step of steps) {
    const uids = [...model.boxes[0].keys()]
    if (step.kind === 'advance') clients[step.session].advance(step.expunges)
    else {
      const result = await runOne(account, [inbox.id, archive.id], step, uids)
      assert.ok(!isRefusal(result as object))
      model.run(step)
    }
  }
  const expected = model.flags(0)
  for (const client of clients) {
    client.advance(true)
    assert.deepEqual(contents(client.view), expected)
  }
  for (const [box, mailbox] of [inbox, archive].entries()) {
    using fresh = await account.open(mailbox.id)
    assert.ok(fresh)
    assert.deepEqual(contents(fresh), model.flags(box as 0 | 1))
    const now = await account.mailboxNamed(mailbox.name)
    const flags = model.flags(box as 0 | 1).map(([, bits]) => bits)
    assert.equal(now?.messages, flags.length)
    assert.equal(now?.unseen, flags.filter(bits => !(bits & seenFlag)).length)
    assert.equal(now?.deleted, flags.filter(bits => bits & deletedFlag).length)
  }
  const emails = new Set([...model.boxes[0].values(), ...model.boxes[1].values()].map(message => message.email))
  assert.equal((await account.quota()).messages, emails.size)
}

function contents(view: MailboxView): readonly (readonly [number, number])[] {
  return Array.from({ length: view.length }, (_, index) => [view.uid(index), view.flags(index)])
}

test('views of two sessions follow the mailbox under random operations', async () => {
  await withAccounts(async accounts => {
    let number = 100
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), steps => play(accounts, number++, steps)),
      { numRuns: 60 },
    )
  })
})

test('flags of two placements of one email, replaced at once, are shown as they are kept', async () => {
  // The second placement was told twice under one modseq, and the first word stayed: a message looked deleted that was not.
  await withAccounts(accounts =>
    play(accounts, 99, [
      { kind: 'append', system: deletedFlag },
      { kind: 'copy', to: 0, pick: 1 },
      { kind: 'flags', mode: 'replace', system: seenFlag, pick: 255 },
      { kind: 'advance', session: 0, expunges: false },
    ]),
  )
})

test('more changes than are noted one by one are found by comparing', async () => {
  await withAccounts(async accounts => {
    const id = accountId(1)
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    const message = letter('Many')
    const many = Array.from({ length: 6000 }, () => ({ message, flags, internalDate: 1 }))
    assert.ok(!isRefusal(await account.append(inbox.id, many)))
    using view = await account.open(inbox.id)
    assert.ok(view)
    const uids = Array.from({ length: view.length }, (_, index) => view.uid(index))
    await account.changeFlags(inbox.id, uids, { mode: 'add', system: deletedFlag, keywords: [] })
    await account.append(inbox.id, [{ message, flags, internalDate: 1 }])
    const held = view.advance({ expunges: false })
    assert.deepEqual([held.changed, held.added], [[{ start: 0, end: 6000 }], 1])
    await account.expunge(inbox.id, uids.slice(10))
    assert.equal(view.advance({ expunges: false }).expunged.uids.length, 0)
    const modSeq = view.modSeq
    const news = view.advance({ expunges: true })
    assert.deepEqual(news.expunged.ranges, [{ start: 10, end: 6000 }])
    assert.deepEqual([...news.expunged.uids], uids.slice(10))
    assert.ok(view.modSeq > modSeq, 'while removals wait, the modseq must not promise that they are known')
    assert.equal(view.length, 11)
  })
})
