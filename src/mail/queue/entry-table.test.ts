import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { EntryTable, type EntryFacts } from './entry-table.ts'
import { PackedRows } from './packed-rows.ts'
import { RowIndex } from './row-index.ts'
import { SharedValues } from './shared-values.ts'

const step = fc.record({ add: fc.boolean(), pick: fc.nat(2000), number: fc.nat(2000) })

test('rows keep what was written into them, whichever come and go, and are found by their number', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 300, maxLength: 1500 }), steps => {
      const rows = new PackedRows({ number: 'float', half: 'int', mark: 'octet' })
      const index = new RowIndex(row => rows.get('number', row))
      const model = new Map<number, number>()
      for (const { add, pick, number } of steps) {
        if (add && !model.has(number)) {
          const row = rows.take()
          assert.deepEqual([rows.get('number', row), rows.get('half', row), rows.get('mark', row)], [0, 0, 0])
          rows.set('number', row, number)
          rows.set('half', row, -number)
          rows.set('mark', row, number & 7)
          index.add(row)
          model.set(number, row)
        } else if (!add && model.size > 0) {
          const [gone, row] = [...model][pick % model.size] as [number, number]
          index.remove(gone)
          rows.give(row)
          model.delete(gone)
        }
        assert.equal(index.get(number), model.get(number))
      }
      assert.equal(rows.size, model.size)
      assert.deepEqual(new Set(rows.rows()), new Set(model.values()))
      for (const [number, row] of model) {
        assert.equal(index.get(number), row)
        const kept = [rows.get('number', row), rows.get('half', row), rows.get('mark', row)]
        assert.deepEqual(kept, [number, 0 - number, number & 7])
      }
    }),
    { numRuns: 60 },
  )
})

test('a value is shared until its last user has gone', () => {
  const shared = new SharedValues<{ readonly name: string }>()
  const first = { name: 'a' }
  const number = shared.take('a', first)
  assert.equal(shared.take('a', { name: 'a' }), number)
  assert.equal(shared.of(number), first)
  shared.give(number)
  assert.equal(shared.find('a'), number)
  shared.give(number)
  assert.equal(shared.find('a'), undefined)
  assert.equal(shared.size, 0)
  assert.throws(() => shared.of(number))
})

function facts(number: number, change: Partial<EntryFacts> = {}): EntryFacts {
  const times = { receivedAt: 1000 + number, expiresAt: 5000, delayedAt: 4000, releaseAt: undefined }
  return {
    number,
    ...times,
    held: false,
    submitter: 'a@home.test',
    flow: { key: 'a@home.test', bulk: false },
    ...change,
  }
}

const jobFacts = { destination: 'd.test', positions: [0], attempts: 0, dueAt: 0, delayTold: false }

test('an entry that has left is gone for whoever still looks at it, also when its row has a new user', () => {
  const table = new EntryTable()
  const other = table.add(facts(1))
  const entry = table.add(facts(2))
  const job = table.addJob(entry, { ...jobFacts, positions: [1, 2] })
  assert.deepEqual(job.positions, [1, 2])
  table.kept(job.row)
  table.kept(job.row)
  job.state = 'trying'
  assert.equal(entry.isTrying, true)
  table.remove(entry)
  table.remove(entry)
  const next = table.add(facts(3, { held: true }))
  assert.equal(next.row, entry.row)
  assert.deepEqual([entry.gone, entry.held, entry.expiresAt, entry.jobs.length], [true, false, Infinity, 0])
  assert.equal(job.entry.gone, true)
  entry.held = true
  assert.deepEqual([next.held, next.jobs.length, other.gone], [true, 0, false])
  table.dropped(job.row)
  table.dropped(job.row)
  assert.equal(table.jobs.size, 0)
  assert.equal(table.destinations.size, 0)
})

test('jobs stand in their entry in order, whichever of them ends first', () => {
  const table = new EntryTable()
  const entry = table.add(facts(7))
  const jobs = ['a', 'b', 'c'].map(destination => table.addJob(entry, { ...jobFacts, destination }))
  for (const { row } of jobs) table.kept(row)
  const names = () => entry.jobs.map(job => job.destination).join('')
  assert.equal(names(), 'abc')
  table.dropped(jobs[1]?.row as number)
  assert.equal(names(), 'ac')
  table.dropped(jobs[2]?.row as number)
  assert.equal(names(), 'a')
  table.dropped(jobs[0]?.row as number)
  assert.equal(names(), '')
  assert.equal(table.oldestAt, 1007)
  assert.deepEqual(table.from('a@home.test'), [7])
  assert.deepEqual(table.from('b@home.test'), [])
})
