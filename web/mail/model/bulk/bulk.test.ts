import assert from 'node:assert/strict'
import test from 'node:test'
import type { Client } from '../../jmap/client.ts'
import { archive, email, inbox, openBed } from '../mail.testbed.ts'
import { movePatch } from '../moving.ts'
import { type Everything, everythingIn } from './everything.ts'
import { BulkRun } from './run.ts'

const query = { filter: { inMailbox: inbox }, mailbox: inbox }
const quiet = { signal: new AbortController().signal, onFound: () => undefined }

async function openedBed(count: number) {
  const bed = openBed(Array.from({ length: count }, (_, at) => email(at, at % 2 === 0 ? { threadId: 'T0' } : {})))
  await bed.sync.begin()
  return bed
}
type Bed = Awaited<ReturnType<typeof openedBed>>

function archiving(bed: Bed, { ids }: Everything): BulkRun {
  return new BulkRun(bed.client, ids, {
    kind: 'patch',
    patchOf: movePatch({ to: archive, here: inbox }, bed.mailboxes),
  })
}

const here = (bed: Bed, mailbox: string) => bed.server.emails.filter(row => row.mailboxIds[mailbox]).map(row => row.id)

/** Before each request of this method something happens. */
function disturbed(client: Client, method: string, act: (time: number) => void): Client {
  let times = 0
  return {
    ...client,
    send: (batch, options) => {
      if (batch.calls.some(([name]) => name === method)) act(times++)
      return client.send(batch, options)
    },
  }
}

test('all letters of a mailbox, those of one conversation too, and the whole way back', async () => {
  const bed = await openedBed(1_203)
  const before = bed.server.emails
  const all = await everythingIn(bed.client, query, quiet)
  assert.deepEqual([all.ids.size, all.total], [1_203, 1_203])
  const run = archiving(bed, all)
  await run.run()
  assert.deepEqual([run.state.value, run.seen.value, run.changed.value], ['done', 1_203, 1_203])
  assert.deepEqual([here(bed, inbox).length, here(bed, archive).length], [0, 1_203])
  const back = run.undo()
  await back?.run()
  assert.deepEqual(bed.server.emails, before)
  // pieces of what the server takes in one request, each with the next one's places
  assert.ok(bed.server.asked.filter(names => names.includes('Email/set')).length <= 6)
})

test('what comes while it is chosen, or after, is not among them', async () => {
  const bed = await openedBed(250)
  bed.server.maxQueryIds = 100
  const client = disturbed(bed.client, 'Email/query', time => {
    if (time === 0 || time > 5) return
    bed.server.emails = [email(900 + time), ...bed.server.emails]
    bed.server.touch()
  })
  const all = await everythingIn(client, query, quiet)
  assert.equal(all.ids.size, 250)
  assert.ok([...all.ids].every(id => Number(id.slice(1)) < 900))
  bed.server.emails = [email(990), ...bed.server.emails]
  await archiving(bed, all).run()
  const left = here(bed, inbox)
  assert.equal(left.length, 6)
  assert.ok(left.every(id => Number(id.slice(1)) >= 900))
})

test('stopped between two pieces: what was done is known, and goes back alone', async () => {
  const bed = await openedBed(1_203)
  const all = await everythingIn(bed.client, query, quiet)
  const run = archiving({ ...bed, client: disturbed(bed.client, 'Email/set', time => time === 1 && run.stop()) }, all)
  await run.run()
  assert.deepEqual([run.state.value, run.changed.value], ['stopped', 1_000])
  assert.equal(here(bed, archive).length, 1_000)
  const back = run.undo()
  assert.equal(back?.total, 1_000)
  await back.run()
  assert.equal(here(bed, inbox).length, 1_203)
})

test('the network goes away in the middle: what may have been done can be taken back', async () => {
  const bed = await openedBed(1_203)
  const all = await everythingIn(bed.client, query, quiet)
  const client = disturbed(bed.client, 'Email/set', time => {
    if (time === 1) bed.server.fault = { method: 'Email/set', error: new Error('no network') }
  })
  const run = archiving({ ...bed, client }, all)
  await run.run()
  assert.deepEqual([run.state.value, run.changed.value], ['failed', 500])
  const back = run.undo()
  await back?.run()
  assert.equal(here(bed, inbox).length, 1_203)
  assert.deepEqual(here(bed, archive), [])
})

test('what was elsewhere too, and read before, is so again', async () => {
  const bed = openBed([
    email(1, { mailboxIds: { [inbox]: true, M9: true }, keywords: { $seen: true } }),
    email(2, { keywords: { 'a/b~c': true } }),
  ])
  await bed.sync.begin()
  const before = bed.server.emails
  const all = await everythingIn(bed.client, query, quiet)
  const run = new BulkRun(bed.client, all.ids, {
    kind: 'patch',
    patchOf: () => ({ mailboxIds: { [inbox]: null, [archive]: true }, keywords: { $seen: true, 'a/b~c': null } }),
  })
  await run.run()
  assert.deepEqual(
    bed.server.emails.map(({ mailboxIds, keywords }) => [mailboxIds, keywords]),
    [
      [{ M9: true, [archive]: true }, { $seen: true }],
      [{ [archive]: true }, { $seen: true }],
    ],
  )
  await run.undo()?.run()
  assert.deepEqual(bed.server.emails, before)
})

test('deleted for ever: all of them, and no way back', async () => {
  const bed = await openedBed(7)
  const all = await everythingIn(bed.client, query, quiet)
  bed.server.emails = [email(99), ...bed.server.emails]
  const run = new BulkRun(bed.client, all.ids, { kind: 'destroy' })
  await run.run()
  assert.deepEqual([run.changed.value, run.undo(), here(bed, inbox)], [7, undefined, ['E99']])
})
