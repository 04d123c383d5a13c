// One letter has one draft, and none when it was discarded, whichever answers were lost on the way.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Invocation, JsonObject, UploadResponse } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault } from '../../jmap/fault.ts'
import type { Away, LocalDraft } from '../away.ts'
import type { LetterEntry, What } from '../offline/entry.ts'
import { heldDrafts } from '../offline/held-drafts.ts'
import { keptFilesOn } from '../offline/kept-files.ts'
import { memoryShelf } from '../offline/offline.testbed.ts'
import { clearReplaced } from '../offline/replaced.ts'
import { bringFile } from './bring-file.ts'
import { Composition, type CompositionParts } from './composition.ts'
import type { Attachment, Content } from './content.ts'

const content: Content = {
  identityId: 'I1',
  from: { name: null, email: 'hanako@home.test' },
  to: [],
  cc: [],
  bcc: [],
  subject: 'A walk',
  format: 'plain',
  html: '',
  text: '',
  attachments: [],
  inReplyTo: null,
  references: null,
  answered: undefined,
}

type Asked = 'create' | 'destroy'

/** A server of drafts. The next answer to `lost` does not arrive; with `isUnheard` neither does the request. */
function openBed() {
  const drafts = new Map<string, JsonObject>()
  const state: { lost: Asked | undefined; isUnheard: boolean } = { lost: undefined, isUnheard: false }
  let made = 0
  const set = ({ create, destroy }: JsonObject): object => {
    for (const id of (destroy ?? []) as string[]) drafts.delete(id)
    if (!create) return {}
    const id = `E${++made}`
    drafts.set(id, (create as { readonly letter: JsonObject }).letter)
    return { created: { letter: { id } } }
  }
  const query = ({ filter }: JsonObject): object => {
    const [, wanted = ''] = (filter as { readonly header: readonly string[] }).header
    const ids = [...drafts].filter(([, draft]) => JSON.stringify(draft).includes(wanted)).map(([id]) => id)
    return { ids }
  }
  const client = {
    batch: () => new Batch('A1'),
    send(batch: Batch) {
      const isLost = batch.calls.some(([, given]) => state.lost !== undefined && state.lost in given)
      if (isLost) state.lost = undefined
      const responses = () =>
        batch.calls.map(
          ([name, given, id]): Invocation => [
            name,
            (name === 'Email/set' ? set(given) : query(given)) as JsonObject,
            id,
          ],
        )
      if (!isLost) return Promise.resolve(new Answers(responses()))
      if (!state.isUnheard) responses()
      return Promise.reject(new Fault('unreachable'))
    },
  } as unknown as Client
  const parts: CompositionParts = {
    client,
    mailboxes: { role: (name: string) => ({ id: `M-${name}` }) } as unknown as CompositionParts['mailboxes'],
    sync: { emailState: '1', now: () => Promise.resolve() } as unknown as CompositionParts['sync'],
    body: () => undefined,
  }
  const composition = new Composition(parts, content)
  const write = (text: string): Promise<void> => {
    composition.change({ text })
    return composition.save()
  }
  return { drafts, state, client, parts, composition, write }
}

/** A browser that keeps things; each `page` is another one, as after a reload. */
function openShelfBed() {
  const bed = openBed()
  const shelf = memoryShelf()
  const added: LetterEntry[] = []
  const openAway = () => {
    const drafts = heldDrafts('A1', shelf)
    const add = (what: What) => {
      if ('content' in what) added.push(what)
      return Promise.resolve({ key: 'W1', over: Promise.resolve('done') })
    }
    const away = { ...drafts, files: keptFilesOn(shelf), add } as unknown as Away
    /** Its page has ended. A lock is free a moment later. */
    const leave = () => {
      drafts.release()
      return sleep(5)
    }
    return { away, isLeft: drafts.isLeft, leave }
  }
  const link = { isUp: true }
  const page = openAway()
  const withAway = ({ away }: { readonly away: Away }): CompositionParts => ({
    ...bed.parts,
    away: () => away,
    isLinked: () => link.isUp,
  })
  return { ...bed, shelf, added, link, page, openAway, withAway }
}

const file: Attachment = {
  key: 'f1',
  name: 'map.png',
  type: 'image/png',
  sizeBytes: 3,
  blobId: undefined,
  cid: 'in-text',
  progress: 0,
}
const never = new AbortController().signal

test('a file that is attached without a network waits with its letter; a page that comes later has both', async () => {
  const { shelf, link, page, withAway, openAway, drafts, added, client } = openShelfBed()
  const parts = withAway(page)
  const uploads: string[] = []
  const bringing = {
    client,
    away: () => page.away,
    isLinked: () => link.isUp,
    upload: async (_client: unknown, octets: Blob) => {
      uploads.push(await octets.text())
      return { blobId: 'B1' } as UploadResponse
    },
  }
  const one = new Composition(parts, content)
  one.change({ attachments: [file] })
  link.isUp = false
  assert.equal((await bringFile(bringing, one, { key: 'f1', file: new Blob(['png']), signal: never })).kind, 'kept')
  assert.equal(one.state.peek(), 'kept')
  // the page is gone, another one comes
  await page.leave()
  const later = openAway()
  const [draft] = await later.away.takeDrafts()
  assert.ok(draft)
  const again = Composition.kept(withAway(later), draft)
  assert.equal(again.content.peek().attachments[0]?.progress, 'waiting')
  link.isUp = true
  again.touch()
  await again.save()
  assert.equal(drafts.size, 1, 'as far as it is there')
  assert.deepEqual(await shelf.keys('files'), ['f1'], 'and the file stays here until the server has it')
  assert.equal((await shelf.all<LocalDraft>('drafts'))[0]?.draftId, again.draftId)
  // sent now, it goes by the journal, which brings the file first
  await again.send()
  assert.deepEqual([added.length, added[0]?.stage, added[0]?.draftId], [1, 'new', again.draftId])
  assert.deepEqual(await shelf.keys('drafts'), [])
  assert.deepEqual(await shelf.keys('files'), ['f1'])
})

test('a file that is taken out of its letter while it goes onto the shelf does not stay there', async () => {
  const { shelf, link, page, withAway, client } = openShelfBed()
  const bringing = {
    client,
    away: () => page.away,
    isLinked: () => link.isUp,
    upload: () => Promise.reject(new Error()),
  }
  const one = new Composition(withAway(page), content)
  one.change({ attachments: [file] })
  link.isUp = false
  const removed = new AbortController()
  const brought = bringFile(bringing, one, { key: 'f1', file: new Blob(['png']), signal: removed.signal })
  removed.abort()
  one.change({ attachments: [] })
  assert.deepEqual(await brought, { kind: 'given-up' })
  assert.deepEqual(await shelf.keys('files'), [])
})

test('a file that waited goes up by the page that has its letter open, and is kept no longer than that', async () => {
  const { shelf, link, page, withAway, client } = openShelfBed()
  const bringing = {
    client,
    away: () => page.away,
    isLinked: () => link.isUp,
    upload: () => Promise.resolve({ blobId: 'B1' } as UploadResponse),
  }
  const one = new Composition(withAway(page), content)
  one.change({ attachments: [file] })
  link.isUp = false
  const octets = new Blob(['png'])
  await bringFile(bringing, one, { key: 'f1', file: octets, signal: never })
  link.isUp = true
  assert.deepEqual(await bringFile(bringing, one, { key: 'f1', file: octets, signal: never }), {
    kind: 'up',
    blobId: 'B1',
  })
  await one.save()
  assert.deepEqual(await shelf.keys('drafts'), [])
  assert.deepEqual(await shelf.keys('files'), [])
})

test('a page that ends between a draft and the one before it: whoever comes next leaves one', async () => {
  for (const lost of ['create', 'destroy'] as const) {
    const { drafts, state, page, withAway, openAway, shelf, client } = openShelfBed()
    const one = new Composition(withAway(page), content)
    one.change({ text: 'one' })
    await one.save()
    // the server has heard of the new one, nobody of its answer; nothing could be kept of the letter itself
    Object.assign(state, { lost, isUnheard: lost === 'destroy' })
    one.change({ text: 'two' })
    await one.save().catch(() => undefined)
    await shelf.change([{ in: 'drafts', drop: (await shelf.keys('drafts'))[0] ?? '' }])
    assert.equal(drafts.size, 2, lost)
    await clearReplaced({ client, shelf, isLeft: openAway().isLeft })
    assert.equal(drafts.size, 2, 'its page is there still')
    await page.leave()
    await clearReplaced({ client, shelf, isLeft: openAway().isLeft })
    assert.deepEqual(
      [...drafts.values()].map(({ bodyValues }) => JSON.stringify(bodyValues).includes('two')),
      [true],
    )
    assert.deepEqual(await shelf.keys('replaced'), [])
  }
})

test('a letter that is kept here ends what the page before it has left', async () => {
  const { drafts, state, page, withAway, openAway } = openShelfBed()
  const one = new Composition(withAway(page), content)
  one.change({ text: 'one' })
  await one.save()
  Object.assign(state, { lost: 'create', isUnheard: false })
  one.change({ text: 'two' })
  await one.save()
  assert.deepEqual([one.state.peek(), drafts.size], ['kept', 2])
  await page.leave()
  const later = openAway()
  const [draft] = await later.away.takeDrafts()
  assert.ok(draft)
  const again = Composition.kept(withAway(later), draft)
  await again.save()
  assert.deepEqual([...drafts.keys()], [again.draftId])
})

test('each draft takes the place of the one before, also of one whose end the server did not hear of', async () => {
  const { drafts, state, composition, write } = openBed()
  await write('one')
  Object.assign(state, { lost: 'destroy', isUnheard: true })
  await assert.rejects(write('two'), Fault)
  assert.equal(composition.state.peek(), 'failed')
  assert.equal(drafts.size, 2)
  await write('three')
  assert.deepEqual([...drafts.keys()], [composition.draftId])
  await composition.discard()
  assert.equal(drafts.size, 0)
})

test('discarded, nothing stays: neither a draft that was replaced nor one that was made without our hearing of it', async () => {
  for (const [lost, isUnheard, left] of [
    ['destroy', true, 2],
    ['create', false, 2],
    ['create', true, 1],
  ] as const) {
    const { drafts, state, composition, write } = openBed()
    await write('one')
    Object.assign(state, { lost, isUnheard })
    await assert.rejects(write('two'), Fault)
    assert.equal(drafts.size, left)
    await composition.discard()
    assert.deepEqual([...drafts.keys()], [], `${lost} ${isUnheard}`)
  }
})

test('answers lost one after the other leave one draft', async () => {
  const { drafts, state, write } = openBed()
  for (const text of ['one', 'two', 'three']) {
    state.lost = 'create'
    await assert.rejects(write(text), Fault)
  }
  assert.equal(drafts.size, 3)
  await write('four')
  assert.equal(drafts.size, 1)
})

test('discarded while it is being saved, nothing stays', async () => {
  const { drafts, composition, write } = openBed()
  await write('one')
  const saving = write('two')
  await composition.discard()
  await saving
  assert.equal(drafts.size, 0)
})
