// Whoever opens a mailbox is told of every commit after it, however many others open theirs in the same moment, and when a writer is replaced.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { AccountNotice, LoadedView } from '#store/account/operations.ts'
import type { AccountStore } from '#store/account/store.ts'
import { warmMailboxes } from './account-limits.ts'
import { MailboxHeads } from './mailbox-heads.ts'

const account = 'a'

/** Messages with UIDs from 1 and these flags, as of this modseq. */
function loaded(modSeq: number, ...flags: readonly number[]): LoadedView {
  return {
    uidValidity: 1,
    uidNext: flags.length + 1,
    modSeq,
    length: flags.length,
    uids: Uint32Array.from(flags, (_, at) => at + 1),
    flags: Uint32Array.from(flags),
    modSeqs: Float64Array.from(flags, () => modSeq),
    emailIds: Float64Array.from(flags, (_, at) => at + 1),
  }
}

function changed(mailbox: number, modSeq: number, uid: number, flags: number): AccountNotice {
  const runs = [uid, 1, modSeq, flags, 0]
  return {
    account,
    modSeq,
    usedBytes: 0,
    mailboxes: [mailbox],
    rows: [],
    mailboxList: false,
    names: [],
    metadata: [],
    types: { email: 0, thread: 0, mailbox: 0, used: 0 },
    objects: [],
    delivered: false,
    outbox: false,
    imapEvents: undefined,
    events: [{ kind: 'changed', mailbox, runs, by: undefined }],
  }
}

/** Reads of mailboxes are answered when the test says so, all of them in one turn. */
function heldStore() {
  const waiting: ((view: LoadedView) => void)[] = []
  const store = {
    settle: () => Promise.resolve(),
    scan: () => new Promise<LoadedView>(resolve => waiting.push(resolve)),
  } as unknown as AccountStore
  async function answer(view: LoadedView): Promise<void> {
    await setImmediate()
    for (const resolve of waiting.splice(0)) resolve(view)
    await setImmediate()
  }
  return { heads: new MailboxHeads(store), answer }
}

test('more mailboxes than are kept warm are opened in one moment: none of them is forgotten before it is looked at', async () => {
  const { heads, answer } = heldStore()
  const count = warmMailboxes + 10
  const opening = Array.from({ length: count }, (_, at) => heads.open(account, at + 1))
  await answer(loaded(1, 0))
  const views = await Promise.all(opening)
  for (let mailbox = 1; mailbox <= count; mailbox++) heads.apply(changed(mailbox, 2, 1, 8))
  assert.equal(views.filter(view => view?.hasNews).length, count)
})

test('a mailbox that is read while its writer is replaced is read again: the reading may be older than a notice that was lost', async () => {
  const { heads, answer } = heldStore()
  const opening = heads.open(account, 1)
  await setImmediate()
  const reloading = heads.reload(() => true)
  await answer(loaded(1, 0))
  await answer(loaded(2, 8))
  const view = await opening
  await reloading
  view?.advance({ expunges: true })
  assert.equal(view?.flags(0), 8)
})

test('what was lost with a writer is told, also where its successor has told something later before it was read', async () => {
  const { heads, answer } = heldStore()
  const opening = heads.open(account, 1)
  await answer(loaded(1, 0, 0))
  const view = await opening
  // modseq 2 was lost; 3 comes while the reading of 2 is on its way
  const reloading = heads.reload(() => true)
  await setImmediate()
  heads.apply(changed(1, 3, 2, 4))
  await answer(loaded(2, 8, 0))
  await reloading
  const news = view?.advance({ expunges: true })
  assert.deepEqual([view?.flags(0), view?.flags(1)], [8, 4])
  assert.deepEqual(news?.changed, [{ start: 0, end: 2 }])
})
