// What moves the state of which type (RFC 8620 §5.1): exactly what JMAP shows of it, in the transaction of the change.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Database, migrate } from '#store/sqlite.ts'
import { readCounters, typeModSeqs } from '#store/account/tables/counters.ts'
import { readKindStates } from '#store/account/tables/kind-state.ts'
import { type Account, deletedFlag, draftFlag, flaggedFlag, isRefusal, type Mailbox, seenFlag } from './account.ts'
import { accountId, letter, withAccounts } from './accounts.testbed.ts'
import type { EmailId, Uid } from './ids.ts'

const id = accountId(1)
const child = fileURLToPath(new URL('./account-states.child.ts', import.meta.url))
const migrations = fileURLToPath(new URL('../store/account/migrations/', import.meta.url))

type Bed = {
  readonly account: Account
  readonly inbox: Mailbox
  readonly archive: Mailbox
  /** Which types are others than before the act */
  moved(act: () => Promise<unknown>): Promise<string>
  append(flags?: number): Promise<Uid>
  mark(mailbox: Mailbox, uid: Uid, mode: 'add' | 'remove' | 'replace', system: number): Promise<unknown>
}

async function withBed(act: (bed: Bed) => Promise<void>): Promise<void> {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const [inbox, archive] = [await account.mailboxNamed('INBOX'), await account.mailboxNamed('Archive')]
    assert.ok(inbox && archive)
    const states = () => account.read(reader => ({ ...reader.state.types, objects: reader.kindState('k').modSeq }))
    await act({
      account,
      inbox,
      archive,
      async moved(change) {
        const before = await states()
        const done = await change()
        if (typeof done === 'object' && done !== null) assert.ok(!isRefusal(done), JSON.stringify(done))
        const after = await states()
        const names = Object.keys(before) as (keyof typeof before)[]
        for (const name of names) assert.ok(after[name] >= before[name])
        return names.filter(name => after[name] > before[name]).join(' ')
      },
      async append(system = 0) {
        const flags = { mode: 'add', system, keywords: [] } as const
        const placed = await account.append(inbox.id, [{ message: letter('One'), flags, internalDate: 1 }])
        assert.ok(!isRefusal(placed) && placed[0])
        return placed[0].uid
      },
      mark: (mailbox, uid, mode, system) => account.changeFlags(mailbox.id, [uid], { mode, system, keywords: [] }),
    })
  })
}

test('a letter is another state of all that it is seen in; what is said of it, of emails, and of mailboxes where it counts', () =>
  withBed(async ({ account, inbox, archive, moved, append, mark }) => {
    let uid = 0 as Uid
    assert.equal(await moved(async () => (uid = await append())), 'email thread mailbox used')
    assert.equal(await moved(() => mark(inbox, uid, 'add', flaggedFlag)), 'email')
    assert.equal(await moved(() => mark(inbox, uid, 'add', flaggedFlag)), '')
    assert.equal(await moved(() => mark(inbox, uid, 'add', seenFlag)), 'email mailbox')
    assert.equal(await moved(() => mark(inbox, uid, 'add', draftFlag)), 'email')
    assert.equal(await moved(() => mark(inbox, uid, 'remove', seenFlag)), 'email')
    assert.equal(await moved(() => mark(inbox, uid, 'remove', draftFlag)), 'email mailbox')
    assert.equal(await moved(() => account.copy(inbox.id, [uid], archive.id)), 'email mailbox')
    assert.equal(await moved(() => account.createMailbox('Plans')), 'mailbox')
    assert.equal(await moved(() => account.subscribe('Plans', true)), 'mailbox')
    assert.equal(await moved(() => account.subscribe('Plans', true)), '')
    assert.equal(await moved(() => account.subscribe('No such', true)), '')
    const plans = await account.mailboxNamed('Plans')
    assert.ok(plans)
    assert.equal(await moved(() => account.move(inbox.id, [uid], plans.id)), 'email mailbox')
    assert.equal(await moved(() => account.renameMailbox('Plans', 'Other')), 'mailbox')
    assert.equal(await moved(() => account.setObjects('k', [{ id: 'a', value: '1' }], { dropOldest: true })), 'objects')
    assert.equal(
      await moved(() => account.setMetadata(inbox.id, [{ name: '/private/x', value: Buffer.from('x') }])),
      '',
    )
    assert.equal(await moved(() => account.deleteMailbox('Other')), 'email mailbox')
    assert.equal(await moved(() => account.deleteMailbox('Archive')), 'email thread mailbox used')
    assert.equal(await moved(() => account.deleteMailbox('Trash')), 'mailbox')
  }))

test('marked \\Deleted it is gone, and what happens to it then is nobody’s news; it comes back as what was not there', () =>
  withBed(async ({ account, inbox, archive, moved, append, mark }) => {
    const uid = await append()
    const { emailId, since } = await account.read(reader => ({ emailId: 1 as EmailId, since: reader.state.modSeq }))
    assert.equal(await moved(() => mark(inbox, uid, 'add', deletedFlag)), 'email thread mailbox')
    assert.equal(await moved(() => mark(inbox, uid, 'add', flaggedFlag)), '')
    assert.equal(await moved(() => account.copy(inbox.id, [uid], archive.id)), '')
    const hidden = await account.read(reader => reader.state.modSeq)
    assert.equal(await moved(() => mark(archive, 1 as Uid, 'remove', deletedFlag)), 'email thread mailbox')
    const kinds = async (from: number) => ({
      email: (await account.emailChanges(from, 10)).changes.map(({ id: one, kind }) => [Number(one), kind]),
      thread: (await account.threadChanges(from, 10)).changes.map(({ kind }) => kind),
    })
    // to whoever had it, it is another (its keywords are); to whoever has heard that it was gone, new
    assert.deepEqual(await kinds(since), { email: [[emailId, 'updated']], thread: ['updated'] })
    assert.deepEqual((await kinds(hidden)).email, [[emailId, 'created']])
    assert.equal(await moved(() => account.expunge(inbox.id)), '')
    assert.equal(await moved(() => mark(archive, 1 as Uid, 'replace', deletedFlag)), 'email thread mailbox')
    const gone = await account.read(reader => reader.state.modSeq)
    assert.equal(await moved(() => account.expunge(archive.id)), 'used')
    assert.deepEqual((await kinds(gone)).email, [])
    assert.deepEqual((await kinds(gone - 1)).email, [[emailId, 'destroyed']])
    assert.equal(await moved(() => append(deletedFlag)), 'used')
    assert.equal(await moved(() => account.expunge(inbox.id)), 'used')
  }))

test('one of two places: marked, the email stays in its thread; without the other one it leaves it', () =>
  withBed(async ({ account, inbox, moved, append, mark }) => {
    const uid = await append()
    const made = await account.createMailbox('Plans')
    assert.ok(!isRefusal(made))
    await account.copy(inbox.id, [uid], made.id)
    assert.equal(await moved(() => mark(inbox, uid, 'add', deletedFlag)), 'email mailbox')
    const before = await account.read(reader => reader.state.modSeq)
    assert.equal(await moved(() => account.deleteMailbox('Plans')), 'email thread mailbox')
    assert.deepEqual(
      (await account.emailChanges(before, 5)).changes.map(({ kind }) => kind),
      ['destroyed'],
    )
    const hidden = await account.read(reader => reader.state.modSeq)
    assert.equal(await moved(() => mark(inbox, uid, 'remove', deletedFlag)), 'email thread mailbox')
    const since = async (from: number) => (await account.emailChanges(from, 5)).changes.map(({ kind }) => kind)
    assert.deepEqual([await since(before), await since(hidden)], [['updated'], ['created']])
  }))

test('what a change was for is compared with its own type; a later state of the account is good as well', () =>
  withBed(async ({ account, append, inbox }) => {
    await append()
    const { modSeq, types } = await account.read(reader => reader.state)
    await account.createMailbox('Plans')
    const destroy = [{ kind: 'destroy', email: 1 as EmailId }] as const
    const rename = [{ kind: 'update', mailbox: inbox.id, properties: { sortOrder: 3 } }] as const
    assert.deepEqual(await account.setEmails(destroy, { ifModSeq: types.email - 1 }), { refused: 'state-mismatch' })
    assert.deepEqual(await account.setMailboxes(rename, { ifModSeq: modSeq }), { refused: 'state-mismatch' })
    const done = await account.setEmails(destroy, { ifModSeq: modSeq })
    assert.ok(!('refused' in done) && done.before === types.email && done.after > modSeq)
    const mailboxes = await account.read(reader => reader.state.types.mailbox)
    assert.ok(!('refused' in (await account.setMailboxes(rename, { ifModSeq: mailboxes }))))
  }))

test('a state of before is one of every type: the account’s modseq of then', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-states-'))
  try {
    const older = join(folder, 'older')
    await mkdir(older)
    for (const name of await readdir(migrations))
      if (name.endsWith('.sql') && name < '0013') await cp(join(migrations, name), join(older, name))
    using database = new Database(join(folder, 'account.db'), { durability: 'NORMAL' })
    migrate(database, older)
    database.exec(`INSERT INTO counters VALUES (1, 1, 40, 1, 1, 1, 0, 0, 0, 0, '{}');
      INSERT INTO jmap_object VALUES ('Identity', 'a', 5, 17, '{}'); INSERT INTO jmap_object_gone VALUES ('Identity', 'b', 21)`)
    migrate(database, migrations)
    assert.deepEqual(typeModSeqs(readCounters(database)), { email: 40, thread: 40, mailbox: 40, used: 40 })
    assert.deepEqual(
      readKindStates(database).map(row => ({ ...row })),
      [{ kind: 'Identity', modSeq: 21, mark: '', markModSeq: 0 }],
    )
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('killed in the middle: no change without its number, no number without its change', {
  timeout: 60_000,
}, async () => {
  for (const seed of [3, 4, 5]) {
    const folder = await mkdtemp(join(tmpdir(), 'hikyaku-states-'))
    try {
      const said = await changeAndDie(folder, seed)
      using database = new Database(join(folder, id, 'account.db'), { durability: 'NORMAL' })
      const counters = readCounters(database)
      const kept: Record<string, number> = { ...typeModSeqs(counters), kind: highest(database, 'kind_state') }
      for (const [name, modSeq] of Object.entries(said))
        assert.ok((kept[name] ?? 0) >= modSeq, `${name} of seed ${seed}`)
      const emails = Math.max(
        highest(database, 'placement WHERE flags & 16 = 0'),
        highest(database, 'tombstone WHERE hidden_mod_seq IS NULL'),
      )
      assert.ok((kept['email'] ?? 0) >= emails && emails > 1)
      assert.ok(Object.values(kept).every(modSeq => modSeq <= (counters?.modSeq ?? 0)))
      assert.equal(kept['kind'], highest(database, `jmap_object WHERE kind = 'k'`))
      const { changed } = database.prepare('SELECT max(changed_mod_seq) AS changed FROM mailbox').get() as {
        changed: number
      }
      assert.ok((kept['mailbox'] ?? 0) >= changed)
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    }
  }
})

function highest(database: Database, rows: string): number {
  return Number(database.prepare(`SELECT coalesce(max(mod_seq), 0) AS highest FROM ${rows}`).get()?.['highest'])
}

/** What the child said last */
async function changeAndDie(folder: string, seed: number): Promise<Readonly<Record<string, number>>> {
  const run = spawn(process.execPath, [child, folder, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  run.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  while (output.split('\n').length < 80) await sleep(5)
  run.kill('SIGKILL')
  await once(run, 'close')
  const said = output.split('\n').at(-2)
  assert.ok(said)
  return JSON.parse(said) as Record<string, number>
}
