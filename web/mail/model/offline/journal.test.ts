import assert from 'node:assert/strict'
import test from 'node:test'
import { letter, openBed } from './journal.testbed.ts'

test('a letter waits, and leaves once when the network is back, whichever tabs are there', async () => {
  const bed = openBed()
  const other = bed.openJournal()
  bed.state.isAway = true
  const { over } = await bed.journal.add(letter({ draftId: 'E0' }))
  await bed.journal.run()
  assert.equal(bed.journal.waiting.value.length, 1)
  assert.equal((await other.read()).length, 1)
  bed.state.isAway = false
  await Promise.all([other.run(), bed.journal.run()])
  assert.equal(await over, 'done')
  assert.deepEqual(bed.state.submitted, ['E1'])
  assert.equal(bed.journal.waiting.value.length, 0)
  assert.equal(other.waiting.value.length, 0)
  assert.deepEqual(bed.endings, [['done', '']])
})

test('an answer that was lost is asked for: nothing leaves twice, whichever it was', async () => {
  for (const lost of ['Email/set', 'EmailSubmission/set']) {
    const bed = openBed()
    let times = 0
    bed.state.swallow = names => names.includes(lost) && times++ === 0
    await bed.journal.add(letter())
    await bed.journal.run()
    assert.equal(bed.journal.waiting.value.length, 1, lost)
    // another page, later
    await bed.openJournal().run()
    assert.equal(bed.state.drafts.size, 1, lost)
    assert.deepEqual(bed.state.submitted, ['E1'], lost)
    assert.equal((await bed.journal.read()).length, 0)
  }
})

test('a request that the browser says twice makes one letter', async () => {
  for (const method of ['Email/set', 'EmailSubmission/set']) {
    const bed = openBed()
    bed.state.sayAgain = method
    await bed.journal.add(letter())
    await bed.journal.run()
    assert.equal(bed.state.drafts.size, 1, method)
    assert.deepEqual(bed.state.submitted, ['E1'], method)
    assert.deepEqual(bed.endings, [['done', '']])
  }
})

test('what never arrived is said again', async () => {
  const bed = openBed()
  await bed.journal.add(letter({ stage: 'submitting', emailId: 'E7' }))
  await bed.journal.run()
  assert.deepEqual(bed.state.submitted, ['E7'])
  assert.deepEqual(bed.state.asked.slice(0, 2), ['EmailSubmission/query', 'EmailSubmission/get'])
})

test('in the order in which it was done, also when the clock goes back', async t => {
  const bed = openBed()
  t.mock.timers.enable({ apis: ['Date'], now: 5_000_000 })
  await bed.journal.add({ kind: 'patch', patches: [['E1', { keywords: { $flagged: true } }]] })
  t.mock.timers.setTime(4_000_000)
  await bed.journal.add({ kind: 'patch', patches: [['E1', { keywords: { $flagged: null } }]] })
  t.mock.timers.reset()
  await bed.journal.run()
  assert.deepEqual(bed.state.patched, [{ E1: { 'keywords/$flagged': true } }, { E1: { 'keywords/$flagged': null } }])
})

test('what is taken back does not happen; what is on its way cannot be', async () => {
  const bed = openBed()
  bed.state.isAway = true
  const { key, over } = await bed.journal.add(letter())
  assert.equal((await bed.journal.takeBack(key))?.key, key)
  assert.equal(await over, 'taken-back')
  bed.state.isAway = false
  await bed.journal.run()
  assert.deepEqual(bed.state.asked, [])
  assert.equal(await bed.journal.takeBack(key), undefined)
})

test('what the server refuses waits for its writer, and stops nothing', async () => {
  const bed = openBed()
  bed.state.refuse = 'overQuota'
  await bed.journal.add(letter())
  await bed.journal.add({ kind: 'destroy', ids: ['E9'] })
  await bed.journal.run()
  const [left, ...more] = await bed.journal.read()
  assert.equal(left?.refused, 'overQuota')
  assert.deepEqual(more, [])
  assert.deepEqual(bed.endings, [
    ['refused', 'overQuota'],
    ['done', ''],
  ])
  assert.equal((await bed.journal.takeBack(left?.key ?? ''))?.what.kind, 'send')
})
