import assert from 'node:assert/strict'
import test from 'node:test'
import { email, openBed } from './mail.testbed.ts'

const many = (count: number) => Array.from({ length: count }, (_, at) => email(at))

test('of a long list only what is looked at is asked for', async () => {
  const bed = openBed(many(3_000))
  await bed.list.want(0, 20)
  assert.equal(bed.list.total.value, 3_000)
  assert.equal(bed.server.asked.length, 1)
  await bed.list.want(2_010, 2_060)
  assert.deepEqual(bed.list.ids.value.slice(2_010, 2_012), ['E2010', 'E2011'])
  assert.deepEqual(
    [bed.list.ids.value[100], bed.list.ids.value[1_999], bed.list.ids.value[2_075]],
    [undefined, undefined, undefined],
  )
  assert.equal(bed.server.asked.length, 2, 'what is wanted together is asked for together')
  await bed.list.want(2_000, 2_075)
  assert.equal(bed.server.asked.length, 2)
  await bed.list.want(2_400, 2_600)
  assert.deepEqual([bed.list.ids.value[2_599], bed.server.asked.length], ['E2599', 4])
})

test('where the reader has gone on, what was passed is not asked for', async () => {
  const bed = openBed(many(3_000))
  await bed.list.want(0, 20)
  const all = Promise.all(Array.from({ length: 40 }, (_, at) => bed.list.want(at * 70, at * 70 + 20)))
  await all
  assert.ok(bed.server.asked.length <= 5, `${bed.server.asked.length} requests`)
  assert.equal(bed.list.ids.value[2_735], 'E2735')
})

test('a letter that comes stands at its place, with its row', async () => {
  const bed = openBed(many(120))
  await bed.sync.begin()
  await bed.list.want(0, 120)
  bed.server.emails = [email(900), ...bed.server.emails.filter(({ id }) => id !== 'E60')]
  bed.server.touch()
  await bed.sync.now()
  assert.deepEqual(bed.list.ids.value.slice(0, 2), ['E900', 'E0'])
  assert.equal(bed.list.ids.value.includes('E60'), false)
  assert.equal(bed.list.total.value, 120)
  assert.equal(bed.emails.get('E900')?.subject, 'Subject 900')
  assert.equal(bed.emails.get('E60'), undefined)
  assert.deepEqual(bed.sync.arrived.value, ['E900'])
})

test('when changes cannot be told, all is read again and nothing stands twice', async () => {
  const bed = openBed(many(200))
  await bed.sync.begin()
  await bed.list.want(0, 120)
  bed.server.fault = { method: 'Email/queryChanges', error: new Error('away') }
  await assert.rejects(bed.sync.now())
  bed.server.emails = many(200).filter((_, at) => at % 2 === 0)
  bed.server.touch()
  const ask = bed.list.askChanges.bind(bed.list)
  bed.list.askChanges = calls => {
    const call = ask(calls)
    // a state that the server has forgotten
    if (call) Object.assign(calls.calls.at(-1)?.[1] ?? {}, { sinceQueryState: '-1' })
    return call
  }
  await bed.sync.now()
  await bed.list.want(0, 100)
  assert.deepEqual(
    bed.list.ids.value,
    bed.server.emails.map(({ id }) => id),
  )
})

test('long conversations are fetched in pieces', async () => {
  const bed = openBed(Array.from({ length: 1_200 }, (_, at) => email(at, { threadId: `T${at % 3}` })))
  await bed.list.want(0, 10)
  assert.deepEqual(bed.list.ids.value, ['E0', 'E1', 'E2'])
  assert.equal(bed.emails.emailsOf('T1').length, 400)
})

test('a failure is told, and can be tried again', async () => {
  const bed = openBed(many(10))
  bed.server.fault = { method: 'Email/query', error: new Error('away') }
  await assert.rejects(bed.list.want(0, 10))
  assert.equal(bed.list.state.value, 'failed')
  await bed.list.reload()
  assert.deepEqual([bed.list.state.value, bed.list.total.value], ['ready', 10])
})
