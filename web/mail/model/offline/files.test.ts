// Files attached without a network: kept here, sent with their letter, once, whichever answers are lost and whichever page is there.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Attachment } from '../compose/content.ts'
import type { What } from './entry.ts'
import { content, letter, openBed } from './journal.testbed.ts'
import { keptFilesOn, sweepFiles } from './kept-files.ts'
import { memoryShelf } from './offline.testbed.ts'

const waiting = (key: string): Attachment => ({
  key,
  name: `${key}.txt`,
  type: 'text/plain',
  sizeBytes: 3,
  blobId: undefined,
  cid: undefined,
  progress: 'waiting',
  isKept: true,
})

const withFiles = (...keys: readonly string[]): What =>
  letter({
    content: { ...content, format: 'plain', text: '', attachments: keys.map(waiting) },
    email: { sentAt: '2026-11-27T09:00:00Z' },
  })

async function openWith(...keys: readonly string[]) {
  const bed = openBed()
  for (const key of keys) assert.equal(await bed.files.keep(key, new Blob([key])), 'kept')
  await bed.journal.add(withFiles(...keys))
  const blobs = () => JSON.stringify([...bed.state.drafts.values()].at(-1)?.['bodyStructure']).match(/"B\d+"/g)
  return { ...bed, blobs }
}

test('files wait with their letter, and leave with it when the network is back', async () => {
  const bed = await openWith('one', 'two')
  bed.state.isAway = true
  await bed.journal.run()
  assert.deepEqual((await bed.shelf.keys('files')).toSorted(), ['one', 'two'])
  bed.state.isAway = false
  await bed.openJournal().run()
  assert.deepEqual(bed.state.uploads, ['one', 'two'])
  assert.deepEqual(bed.blobs(), ['"B1"', '"B2"'])
  assert.equal(bed.state.drafts.size, 1)
  assert.deepEqual(bed.state.submitted, ['E1'])
  assert.deepEqual(await bed.shelf.keys('files'), [])
})

test('a network that goes in between, at each step: each file is there, the letter leaves once', async () => {
  for (const lost of ['upload', 'Email/set', 'EmailSubmission/set']) {
    const bed = await openWith('one', 'two')
    let times = 0
    bed.state.swallow = names => names.includes(lost) && times++ === 0
    await bed.journal.run()
    assert.equal((await bed.shelf.keys('files')).length, 2, lost)
    await bed.openJournal().run()
    assert.equal(bed.state.drafts.size, 1, lost)
    assert.equal(bed.blobs()?.length, 2, lost)
    assert.deepEqual(bed.state.submitted, ['E1'], lost)
    assert.equal(bed.state.uploads.length, lost === 'upload' ? 3 : 2, lost)
    assert.deepEqual(await bed.shelf.keys('files'), [])
  }
})

test('an upload that is gone meanwhile is made once more, and no more than that', async () => {
  const bed = await openWith('one')
  bed.state.gone.add('B1')
  await bed.journal.run()
  assert.deepEqual(bed.blobs(), ['"B2"'])
  const other = await openWith('one')
  other.state.gone.add('B1').add('B2')
  await other.journal.run()
  assert.equal((await other.journal.read())[0]?.refused, 'blobNotFound')
  assert.deepEqual(await other.shelf.keys('files'), ['one'], 'it is taken back with its letter')
})

test('no more than the bound, also of those that are added at once; a browser that has no room says so', async () => {
  const shelf = memoryShelf()
  const files = keptFilesOn(shelf, 10)
  const six = new Blob(['123456'])
  assert.deepEqual(await Promise.all([files.keep('a', six), files.keep('b', six)]), ['kept', 'too-much'])
  await files.drop(['a'])
  assert.equal(await files.keep('b', six), 'kept')
  assert.equal(await (await files.get('b'))?.text(), '123456')
  const full = { ...shelf, change: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) }
  assert.equal(await keptFilesOn(full, 100).keep('c', six), 'no-room')
})

test('what no letter names any more is swept, but not what is a moment old', async () => {
  const bed = await openWith('named')
  const octets = new Blob(['x'])
  await bed.shelf.change([
    { in: 'files', key: 'old', value: { octets, madeAt: 0 } },
    { in: 'files', key: 'named', value: { octets, madeAt: 0 } },
    { in: 'files', key: 'new', value: { octets, madeAt: Date.now() } },
  ])
  await sweepFiles(bed.shelf)
  assert.deepEqual((await bed.shelf.keys('files')).toSorted(), ['named', 'new'])
})
