import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { cpSync, existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { Database } from '../sqlite.ts'
import { AccountWriter } from './account-writer.ts'
import { append } from './append.ts'
import { changeFlags } from './change-flags.ts'
import { copy, expunge, move } from './copy.ts'
import { destroySome } from './doomed.ts'
import { deleteMailbox, renameMailbox } from './mailboxes.ts'
import { runsIn } from './message-runs.ts'
import { createAccount, databasePath } from './open-account.ts'
import { changed, flagBits } from './flags.ts'
import type { AccountNotice, FlagInput, KnownFlags, WriterOperations } from './operations.ts'
import { isDoomed } from './tables/doomed.ts'
import {
  readInternalDate,
  readPreview,
  readReadyEmail,
  readStoredEmail,
  readStoredFrom,
  readThreadEmails,
} from './tables/email.ts'
import { readPackedEmails } from './tables/packed-emails.ts'
import { readEmailIds, readLetterRow, readLetterRowsAfter } from '../search/letters.ts'
import { changeFlagsEach, expungeEach, transferEach } from './per-message.testbed.ts'

/** Cut so small that every cut is met */
const bulk = { rangeRows: 8, eachRows: 2, destroyedAtOnce: 2 }
const keywords = ['$A', '$B']
const mailboxes = 3

type Step =
  | { readonly kind: 'append'; readonly mailbox: number; readonly count: number }
  | ({ readonly kind: 'flags' } & WriterOperations['changeFlags']['input'] & {
        readonly back: number | undefined
        readonly knowing: 'nothing' | 'all' | 'something else' | 'what was'
      })
  | { readonly kind: 'copy' | 'move'; readonly from: number; readonly to: number; readonly uids: readonly number[] }
  | { readonly kind: 'expunge'; readonly mailbox: number; readonly uids: readonly number[] | undefined }
  | { readonly kind: 'rename' }
  | { readonly kind: 'destroy' }

const mailbox = fc.integer({ min: 1, max: mailboxes })
const uids = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 30 })), { minLength: 1, maxLength: 4 })
  .map(ranges => ranges.flatMap(([first, more]) => [first, first + more]))
const change = fc.record({
  mode: fc.constantFrom('add', 'remove', 'replace'),
  system: fc.constantFrom(0, 1, 4, 16, 17, 21),
  keywords: fc.subarray(keywords),
} as const)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('append' as const),
    mailbox,
    count: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({
    kind: fc.constant('flags' as const),
    mailbox,
    uids,
    change,
    unchangedSince: fc.constant(undefined),
    known: fc.constant(undefined),
    knowing: fc.constantFrom('nothing', 'all', 'something else', 'what was'),
    back: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constantFrom('copy' as const, 'move' as const), from: mailbox, to: mailbox, uids }),
  fc.record({ kind: fc.constant('expunge' as const), mailbox, uids: fc.option(uids, { nil: undefined }) }),
  fc.constant({ kind: 'rename' as const }),
  fc.constant({ kind: 'destroy' as const }),
)

class Side implements Disposable {
  readonly account: AccountWriter
  readonly database: Database
  constructor(folder: string, name: string) {
    const path = join(folder, name)
    const template = join(folder, 'template')
    if (!existsSync(template)) createAccount(template, name, { archive: 'Archive', trash: 'Trash' }, 1_000_000)
    cpSync(template, path, { recursive: true })
    this.database = new Database(databasePath(path), { durability: 'NORMAL' })
    this.account = new AccountWriter(name, path, this.database, bulk)
  }

  run<Output>(act: (account: AccountWriter) => Output): { readonly output: Output; readonly notice: unknown } {
    const output = this.database.write(() => this.account.operation(() => act(this.account)))
    this.account.unneededFiles.length = 0
    return { output: plain(output) as Output, notice: summed(this.account.takeNotice()) }
  }

  destroyAll(): void {
    while (!this.run(destroySome).output);
    this.account.hasDoomed = false
  }

  /** Everything that is kept, and that the memory says the same. */
  rows(): unknown {
    const all = (sql: string) => this.database.prepare(sql).all()
    const kept = {
      placements: all('SELECT * FROM placement ORDER BY mailbox, uid'),
      tombstones: all('SELECT * FROM tombstone ORDER BY mailbox, mod_seq, uid'),
      back: all('SELECT email, mod_seq FROM email_back WHERE mod_seq > 0 ORDER BY email'),
      mailboxes: all('SELECT * FROM mailbox ORDER BY id'),
      counters: all('SELECT * FROM counters'),
      emails: all('SELECT id, thread, size_bytes FROM email ORDER BY id'),
      bodies: all('SELECT email FROM body ORDER BY email'),
      // which keys of a dead thread stay depends on the order in which its emails went
      references: all('SELECT * FROM reference WHERE thread IN (SELECT thread FROM email) ORDER BY key'),
      doomed: all('SELECT * FROM doomed'),
    }
    const anew = new AccountWriter(this.account.id, this.account.folder, this.database)
    assert.deepEqual({ ...this.account.counters }, { ...anew.counters })
    assert.deepEqual([...this.account.mailboxes], [...anew.mailboxes])
    return kept
  }

  [Symbol.dispose](): void {
    this.database.close()
  }
}

function plain(output: unknown): unknown {
  if (output === undefined) return undefined
  return JSON.parse(JSON.stringify(output, (_, value) => (value instanceof Uint32Array ? [...value] : value)))
}

/** The last word on each message, however the events were cut and joined. */
function summed(notice: AccountNotice | undefined): unknown {
  if (!notice) return undefined
  const messages: Record<string, unknown> = {}
  for (const event of notice.events)
    for (const { first, count, modSeq, flags, email } of runsIn(event.runs))
      for (let index = 0; index < count; index++)
        messages[`${event.mailbox}/${first + index}/${event.kind}`] = [
          modSeq,
          event.kind === 'removed' ? undefined : flags,
          event.kind === 'added' ? email + index : undefined,
        ]
  return {
    ...notice,
    account: '',
    mailboxes: notice.mailboxes.toSorted((a, b) => a - b),
    rows: notice.rows.toSorted((a, b) => a.id - b.id),
    events: messages,
  }
}

let sent = 0
/** Two conversations in each batch. */
function letters(count: number, thread: number): WriterOperations['append']['input']['messages'] {
  return Array.from({ length: count }, (_, index) => {
    const text = `Subject: Talk ${thread}\r\nMessage-ID: <${++sent}@example.org>\r\nReferences: <${thread}.${index % 2}@example.org>\r\n\r\n${'x'.repeat(sent % 7)}`
    const bytes = Buffer.from(text)
    const kept = {
      kind: 'memory',
      bytes,
      sizeBytes: bytes.length,
      traceBytes: 0,
      receivedHash: hash('sha256', bytes, 'buffer'),
    } as const
    return { kept, flags: { mode: 'replace', system: sent % 3 === 0 ? 1 : 0, keywords: [] }, internalDate: 5 } as const
  })
}

/**
 * As the main thread tells it. What is wrong is noticed where it is changed: what stays as it is at the same modseq has to be known rightly.
 */
function knownFlags(
  { account, database }: Side,
  mailbox: number,
  ranges: ArrayLike<number>,
  change: FlagInput,
  knowing: 'all' | 'something else' | 'what was',
): KnownFlags {
  const runs: number[] = []
  const bits = flagBits(account, change, false)
  const changes = (flags: number) => typeof bits === 'number' && changed(flags, change.mode, bits) !== flags
  for (let at = 0; at < ranges.length; at += 2) {
    let next = -1
    const statement = database.prepare(`SELECT uid, flags FROM placement WHERE mailbox = ? AND uid BETWEEN ? AND ?`)
    for (const { uid, flags } of statement.all(mailbox, ranges[at] ?? 0, ranges[at + 1] ?? 0) as Placed[]) {
      const told = knowing === 'something else' && uid % 5 === 0 && changes(flags ^ 1) ? flags ^ 1 : flags
      if (uid === next && told === runs.at(-1)) runs[runs.length - 2] = (runs.at(-2) ?? 0) + 1
      else runs.push(uid, 1, told)
      next = uid + 1
    }
  }
  const modSeq = account.mailbox(mailbox)?.highestModSeq ?? 0
  return { modSeq: knowing === 'what was' ? modSeq - 1 : modSeq, runs }
}
type Placed = { readonly uid: number; readonly flags: number }

function runBoth(fast: Side, slow: Side, one: Step, number: number): void {
  const both = <Output>(quick: (account: AccountWriter) => Output, plainly: (account: AccountWriter) => unknown) =>
    assert.deepEqual(fast.run(quick), slow.run(plainly), `step ${number}`)
  const nowMs = 1_000_000 + number
  switch (one.kind) {
    case 'append': {
      const input = {
        mailbox: one.mailbox,
        messages: letters(one.count, number),
        replaced: undefined,
        quotaBytes: undefined,
        nowMs,
        prompt: false,
      }
      return both(
        account => append(account, input),
        account => append(account, input),
      )
    }
    case 'flags': {
      const unchangedSince = one.back === undefined ? undefined : fast.account.counters.modSeq - one.back
      const known =
        one.knowing === 'nothing' ? undefined : knownFlags(fast, one.mailbox, one.uids, one.change, one.knowing)
      const input = { mailbox: one.mailbox, uids: one.uids, change: one.change, unchangedSince, known }
      return both(
        account => changeFlags(account, input),
        account => changeFlagsEach(account, input),
      )
    }
    case 'copy':
    case 'move': {
      const input = { from: one.from, to: one.to, uids: disjoint(one.uids), nowMs }
      return both(
        account => (one.kind === 'copy' ? copy(account, input) : move(account, input)),
        account => transferEach(account, input, one.kind === 'move'),
      )
    }
    case 'expunge': {
      const input = { mailbox: one.mailbox, uids: one.uids, nowMs }
      return both(
        account => expunge(account, input),
        account => expungeEach(account, input),
      )
    }
    case 'rename': {
      const from = slow.account.mailbox(1)?.uidNext ?? 1
      return both(
        account => renameMailbox(account, { name: 'INBOX', to: `Old ${number}`, nowMs }),
        account => renameEach(account, `Old ${number}`, from, nowMs),
      )
    }
    case 'destroy':
      return void fast.run(destroySome)
  }
}

/** As the inbox is renamed when it is empty, with a MOVE of all that was in it in the same operation. */
function renameEach(account: AccountWriter, to: string, uidNext: number, nowMs: number): unknown {
  const target = account.counters.nextMailbox
  const kept = account.mailbox(1)
  const aside = { from: 1, to: target, uids: [1, uidNext], nowMs }
  assert.ok(kept)
  const hidden = account.database.prepare('SELECT count(*) AS count FROM placement WHERE mailbox = 1').get()
  account.database.exec('UPDATE placement SET mailbox = -1 WHERE mailbox = 1')
  const result = renameMailbox(account, { name: 'INBOX', to, nowMs })
  account.database.exec('UPDATE placement SET mailbox = 1 WHERE mailbox = -1')
  if ((hidden as { count: number }).count > 0) transferEach(account, aside, true)
  return result
}

/** Named twice, a message is copied twice, but it cannot move twice. */
function disjoint(pairs: readonly number[]): readonly number[] {
  const named = new Set<number>()
  for (let index = 0; index < pairs.length; index += 2)
    for (let uid = pairs[index] ?? 0; uid <= (pairs[index + 1] ?? 0); uid++) named.add(uid)
  return [...named].sort((a, b) => a - b).flatMap(uid => [uid, uid])
}

test('bulk operations leave, answer and tell exactly what they would message by message', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-bulk-'))
  let round = 0
  try {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), steps => {
        using fast = new Side(folder, `f${++round}`)
        using slow = new Side(folder, `s${round}`)
        for (const side of [fast, slow]) side.run(account => keywords.forEach(name => account.addKeyword(name)))
        const first: Step = { kind: 'append', mailbox: 1, count: 30 }
        for (const [number, one] of [first, ...steps].entries()) runBoth(fast, slow, one, number)
        fast.destroyAll()
        assert.deepEqual(fast.rows(), slow.rows())
      }),
      { numRuns: 40 },
    )
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('a mailbox that is deleted takes its emails with it, but not those that lie elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-bulk-'))
  try {
    using side = new Side(folder, 'a')
    side.run(account =>
      append(account, {
        mailbox: 2,
        messages: letters(20, 1),
        replaced: undefined,
        quotaBytes: undefined,
        prompt: false,
        nowMs: 1,
      }),
    )
    side.run(account => copy(account, { from: 2, uids: [3, 4, 11, 11], to: 1, nowMs: 1 }))
    side.run(account => deleteMailbox(account, { name: 'Archive', nowMs: 2 }))
    assert.equal(side.account.counters.emails, 3)
    assert.equal(side.account.counters.placements, 3)
    side.destroyAll()
    const emails = side.database.prepare('SELECT id FROM email ORDER BY id').all()
    assert.deepEqual(
      emails.map(({ id }) => id),
      [3, 4, 11],
    )
    const sum = side.database.prepare('SELECT sum(size_bytes) AS sum FROM email').get()
    assert.equal(side.account.counters.usedBytes, sum?.['sum'])
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('what is doomed is there for no reader, and what came with it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-bulk-'))
  try {
    using side = new Side(folder, 'a')
    const { database } = side
    const input = {
      mailbox: 2,
      messages: letters(20, 1),
      replaced: undefined,
      quotaBytes: undefined,
      prompt: false,
      nowMs: 1,
    }
    side.run(account => append(account, input))
    side.run(account => copy(account, { from: 2, uids: [3, 4, 11, 11, 20, 20], to: 1, nowMs: 1 }))
    side.run(account => deleteMailbox(account, { name: 'Archive', nowMs: 2 }))
    assert.equal(database.prepare('SELECT count(*) AS count FROM email').get()?.['count'], 20)
    for (let round = 0; round < 2; round++) {
      const present = [3, 4, 11, 20]
      const ids = Array.from({ length: 22 }, (_, index) => index)
      for (const read of [readReadyEmail, readStoredEmail, readInternalDate, readPreview, readLetterRow])
        assert.deepEqual(
          ids.filter(id => read(database, id) !== undefined),
          present,
          read.name,
        )
      assert.deepEqual(
        readLetterRowsAfter(database, 0, 100).map(({ id }) => id),
        present,
      )
      assert.deepEqual(
        readLetterRowsAfter(database, 4, 1).map(({ id }) => id),
        [11],
      )
      assert.deepEqual([...readEmailIds(database, 4, 11)], [4, 11])
      assert.deepEqual(
        readStoredFrom(database, 0, 100).map(({ id }) => id),
        present,
      )
      const packed = readPackedEmails(database, ids, ['envelope', 'message', 'threadId'])
      assert.deepEqual(
        ids.filter(id => packed.found[id]),
        present,
      )
      assert.deepEqual(
        ids.filter(id => (packed.parts.message?.ends[id] ?? 0) > 0),
        present,
      )
      const thread = readReadyEmail(database, 3)?.threadId ?? 0
      assert.deepEqual(readThreadEmails(database, thread, 0, 100), [3, 11])
      assert.deepEqual(ids.filter(id => isDoomed(database, id)).length, round === 0 ? 16 : 0)
      side.destroyAll()
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})
