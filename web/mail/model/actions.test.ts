import assert from 'node:assert/strict'
import test from 'node:test'
import { archive, email, inbox, openBed } from './mail.testbed.ts'

const unread = (bed: ReturnType<typeof openBed>) =>
  bed.mailboxes.all.value.map(({ unreadThreads, totalThreads }) => [unreadThreads, totalThreads])

async function openedBed(count = 3) {
  const bed = openBed(Array.from({ length: count }, (_, at) => email(at)))
  await bed.sync.begin()
  await bed.list.want(0, 10)
  return bed
}

test('what is archived leaves at once, and stays away when the server has done it', async () => {
  const bed = await openedBed()
  const { promise, resolve } = Promise.withResolvers<void>()
  bed.server.gate = promise
  const done = bed.actions.archive(['T1'])
  assert.deepEqual(bed.list.ids.value, ['E0', 'E2'])
  assert.deepEqual(unread(bed), [
    [2, 2],
    [1, 1],
  ])
  resolve()
  await done
  assert.deepEqual(bed.list.ids.value, ['E0', 'E2'])
  assert.deepEqual(unread(bed), [
    [2, 2],
    [1, 1],
  ])
  assert.deepEqual(
    bed.server.emails.map(({ mailboxIds }) => Object.keys(mailboxIds)),
    [[inbox], [archive], [inbox]],
  )
  bed.notices.dismiss()
})

test('what the server refuses comes back to its place, and is said', async () => {
  const bed = await openedBed()
  bed.server.fault = { method: 'Email/set', error: new Error('no network') }
  const done = bed.actions.archive(['T1'])
  assert.deepEqual(bed.list.ids.value, ['E0', 'E2'])
  await done
  assert.deepEqual(bed.list.ids.value, ['E0', 'E1', 'E2'])
  assert.deepEqual(unread(bed), [
    [3, 3],
    [0, 0],
  ])
  assert.equal(bed.notices.current.value?.about.kind, 'failed')
  bed.notices.dismiss()
})

test('undone before the server has answered, and after', async () => {
  for (const waits of [false, true]) {
    const bed = await openedBed()
    const done = bed.actions.archive(['T0', 'T2'])
    if (waits) await done
    bed.notices.undo()
    assert.deepEqual(bed.emails.get('E0')?.mailboxIds, { [inbox]: true })
    await done
    while (bed.server.asked.filter(names => names.includes('Email/set')).length < 2) await new Promise(setImmediate)
    await bed.sync.now()
    assert.deepEqual(bed.list.ids.value, ['E0', 'E1', 'E2'], String(waits))
    assert.deepEqual(unread(bed), [
      [3, 3],
      [0, 0],
    ])
    bed.notices.dismiss()
    assert.ok(bed.server.emails.every(({ mailboxIds }) => Object.keys(mailboxIds).join() === inbox))
  }
})

test('news that comes while an action is under way does not bring back what has left', async () => {
  const bed = await openedBed()
  const { promise, resolve } = Promise.withResolvers<void>()
  bed.server.gate = promise
  const done = bed.actions.archive(['T1'])
  bed.server.emails = [email(9), ...bed.server.emails]
  bed.server.touch()
  bed.server.gate = Promise.resolve()
  await bed.sync.now()
  assert.deepEqual(bed.list.ids.value, ['E9', 'E0', 'E2'])
  resolve()
  await done
  assert.deepEqual(bed.list.ids.value, ['E9', 'E0', 'E2'])
  bed.notices.dismiss()
})

test('of a conversation only what is here moves; reading it reads all of it', async () => {
  const bed = openBed([
    email(1, { threadId: 'T1' }),
    email(2, { threadId: 'T1', mailboxIds: { M3: true }, keywords: { $seen: true } }),
  ])
  await bed.sync.begin()
  await bed.list.want(0, 10)
  await bed.actions.read(['T1'], true)
  assert.deepEqual(unread(bed), [
    [0, 1],
    [0, 0],
  ])
  await bed.actions.star(['T1'], true)
  assert.deepEqual(
    bed.server.emails.map(({ keywords }) => keywords['$flagged']),
    [true, undefined],
  )
  await bed.actions.archive(['T1'])
  assert.deepEqual(
    bed.server.emails.map(({ mailboxIds }) => Object.keys(mailboxIds)),
    [[archive], ['M3']],
  )
  assert.deepEqual(bed.list.ids.value, [])
  bed.notices.dismiss()
})
