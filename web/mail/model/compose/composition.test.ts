// One letter has one draft, and none when it was discarded, whichever answers were lost on the way.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault } from '../../jmap/fault.ts'
import { Composition, type CompositionParts } from './composition.ts'
import type { Content } from './content.ts'

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
  return { drafts, state, composition, write }
}

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
