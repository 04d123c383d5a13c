// A hundred thousand different subjects are put in order in steps: nobody else waits for it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { describeMessage } from '#formats/message/describe.ts'
import { LetterColumns } from './letter-columns.ts'
import { stepItems } from './slices.ts'

const count = 5000

function add(columns: LetterColumns, uid: number, subject: string): void {
  const { envelope } = describeMessage(utf8(`Subject: ${subject}\r\n\r\n`))
  columns.add({ uid, internalDate: 0, sizeBytes: 1, envelope, references: undefined })
}

test('ranks are found in small steps, and subjects that come meanwhile have theirs the next time', () => {
  const columns = new LetterColumns()
  const subjects = Array.from({ length: count }, (_, at) => `Subject ${(at * 7919) % count}`)
  for (const [at, subject] of subjects.entries()) add(columns, at + 1, subject)
  const ranking = columns.subjectRanks()
  let steps = 0
  let step = ranking.next()
  for (; step.done !== true; step = ranking.next()) {
    steps++
    if (steps === 5) add(columns, count + 1, 'Another')
  }
  assert.ok(steps > count / stepItems, `${steps} steps`)
  const ranks = step.value
  assert.equal(ranks.length, count + 1)
  const order = Array.from(subjects.keys()).sort(
    (a, b) => (ranks[columns.subjects[a] ?? 0] ?? 0) - (ranks[columns.subjects[b] ?? 0] ?? 0),
  )
  assert.deepEqual(
    order.map(at => subjects[at]),
    subjects.toSorted(),
  )
  const more = columns.subjectRanks()
  let again = more.next()
  while (again.done !== true) again = more.next()
  assert.equal(again.value.length, count + 2)
  assert.equal(again.value[columns.subjects[count] ?? 0], 1, 'behind the empty subject alone')
})
