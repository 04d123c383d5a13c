// Small objects of JMAP in the writer: what is refused, what makes way, and what is remembered of those that are gone.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Database } from '../sqlite.ts'
import { AccountWriter } from './account-writer.ts'
import { setObjects, type SetObjectsInput } from './jmap-objects.ts'
import { maxObjectBytes, maxObjects, maxObjectsBytes } from './limits.ts'
import { createAccount, databasePath } from './open-account.ts'
import { pruneObjectsGone, readObjects, readObjectsGone } from './tables/jmap-object.ts'

type Set = (changes: SetObjectsInput['changes'], options?: Partial<SetObjectsInput>) => ReturnType<typeof setObjects>

async function withObjects(act: (set: Set, account: AccountWriter) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-objects-'))
  try {
    createAccount(folder, 'a', {}, 1_000_000)
    using database = new Database(databasePath(folder), { durability: 'NORMAL' })
    database.write(() => {
      const account = new AccountWriter('a', folder, database)
      const common = { kind: 'k', ifModSeq: undefined, dropOldest: false }
      act(
        (changes, options) => account.operation(() => setObjects(account, { ...common, changes, ...options })),
        account,
      )
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

const ids = (account: AccountWriter, kind = 'k') => readObjects(account.database, kind).map(({ id }) => id)

test('each change is made or refused for itself; one that stays keeps when it was made', () =>
  withObjects((set, account) => {
    const first = set([
      { id: 'a', value: '1' },
      { id: 'none', value: undefined },
      { id: 'long', value: 'x'.repeat(maxObjectBytes + 1) },
    ])
    assert.ok('results' in first)
    assert.deepEqual(first.results, [
      {},
      { refused: 'no-such-object' },
      { refused: 'value-too-large', limitBytes: maxObjectBytes },
    ])
    assert.deepEqual([first.before, first.after], [0, account.counters.modSeq])
    const second = set([
      { id: 'a', value: '2', before: '1' },
      { id: 'a', value: '3', before: '1' },
      { id: 'a', value: '4', before: null },
      { id: 'b', value: '1', before: null },
    ])
    assert.ok('results' in second)
    assert.deepEqual(second.results, [{}, { refused: 'changed' }, { refused: 'changed' }, {}])
    const [a] = readObjects(account.database, 'k')
    assert.deepEqual({ ...a }, { id: 'a', createdModSeq: first.after, modSeq: second.after, value: '2' })
    assert.deepEqual(set([{ id: 'c', value: '1' }], { ifModSeq: first.after }), { refused: 'state-mismatch' })
    assert.deepEqual(ids(account), ['a', 'b'])
    assert.deepEqual(ids(account, 'other'), [])
  }))

test('what is gone is known until it is pruned, and not while it is there again', () =>
  withObjects((set, account) => {
    set([{ id: 'a', value: '1' }])
    const gone = set([{ id: 'a', value: undefined }])
    assert.ok('after' in gone)
    const [known] = readObjectsGone(account.database, 'k', gone.before)
    assert.deepEqual({ ...known }, { id: 'a', modSeq: gone.after })
    assert.deepEqual(readObjectsGone(account.database, 'k', gone.after), [])
    set([{ id: 'a', value: '2' }])
    assert.deepEqual(readObjectsGone(account.database, 'k', 0), [])
    set([{ id: 'a', value: undefined }])
    pruneObjectsGone(account.database, account.counters.modSeq)
    assert.deepEqual(readObjectsGone(account.database, 'k', 0), [])
  }))

test('when there are too many, or too long ones together, new ones are refused or the oldest make way', () =>
  withObjects((set, account) => {
    for (let number = 0; number < maxObjects; number++) set([{ id: `n${String(number).padStart(4, '0')}`, value: '1' }])
    const before = account.counters.modSeq
    assert.ok(before > maxObjects)
    const results = [{ refused: 'too-many-entries' }]
    assert.deepEqual(set([{ id: 'more', value: '1' }]), { before, after: before, results })
    set([{ id: 'more', value: '1' }], { dropOldest: true })
    assert.equal(ids(account).length, maxObjects)
    assert.ok(!ids(account).includes('n0000'))
    for (let number = 0; number < 40; number++)
      set([{ id: `l${number}`, value: 'x'.repeat(maxObjectBytes) }], { dropOldest: true })
    assert.equal(ids(account).length, maxObjectsBytes / maxObjectBytes)
    assert.deepEqual(
      readObjectsGone(account.database, 'k', 0).length,
      maxObjects + 1 + 40 - maxObjectsBytes / maxObjectBytes,
    )
  }))
