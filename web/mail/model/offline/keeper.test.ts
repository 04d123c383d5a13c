import assert from 'node:assert/strict'
import test from 'node:test'
import type { Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { MethodFault } from '../../jmap/fault.ts'
import { email, inbox } from '../mail.testbed.ts'
import type { EmailRow } from '../emails.ts'
import { answerFrom, type Kept } from './answer.ts'
import { afterAll } from './entry.ts'
import { keep, type KeptLetter, keeperBounds } from './keeper.ts'
import { memoryShelf } from './offline.testbed.ts'
import type { Shelf } from './shelf.ts'

type Given = {
  readonly ids?: string[]
  readonly limit?: number
  readonly properties?: string[]
  readonly sinceState?: string
}

/** Letters of one mailbox; `size` is that of each one's attachment. */
function openServer(emails: EmailRow[]) {
  const server = {
    emails,
    state: 1,
    changed: [] as string[],
    gone: [] as string[],
    knowsChanges: true,
    asked: [] as string[],
  }
  const methods = (name: string, given: Given): object => {
    server.asked.push(name)
    const found = server.emails.filter(({ id }) => given.ids?.includes(id))
    switch (name) {
      case 'Mailbox/get':
        return { state: '1', list: [{ id: inbox, role: 'inbox' }] }
      case 'Identity/get':
        return { list: [{ id: 'I1', email: 'hanako@home.test' }] }
      case 'Email/query':
        return { ids: server.emails.slice(0, given.limit).map(({ id }) => id) }
      case 'Email/changes':
        if (!server.knowsChanges) throw new MethodFault({ type: 'cannotCalculateChanges' })
        return {
          newState: String(server.state),
          hasMoreChanges: false,
          created: [],
          updated: server.changed,
          destroyed: server.gone,
        }
      case 'Email/get':
        return {
          state: String(server.state),
          list: given.properties?.includes('bodyValues') ? found.map(whole) : found,
        }
      default:
        throw new Error(name)
    }
  }
  const client = {
    limits: { maxObjectsInGet: 500 },
    batch: () => new Batch('A1'),
    downloadUrl: (id: string) => `/${id}`,
    send(batch: Batch) {
      const responses: Invocation[] = []
      for (const [name, given, id] of batch.calls) {
        const ids = '#ids' in given ? server.changed : (given['ids'] as unknown as string[])
        try {
          responses.push([name, methods(name, { ...given, ids } as Given) as JsonObject, id])
        } catch (error) {
          if (!(error instanceof MethodFault)) throw error
          responses.push(['error', { type: error.type }, id])
        }
      }
      return Promise.resolve(new Answers(responses))
    },
  } as unknown as Client
  return { server, client }
}

function whole(row: EmailRow): object {
  const part = { blobId: `B${row.id}`, size: row.size, type: 'image/png' }
  return { ...row, bodyValues: { 1: { value: 'text' } }, textBody: [], htmlBody: [], attachments: [part] }
}

async function keptOn(shelf: Shelf): Promise<Kept> {
  const rows = new Map((await shelf.all<EmailRow>('rows')).map(row => [row.id, row]))
  return {
    mailboxes: (await shelf.get('facts', 'mailboxes')) ?? { state: '', list: [] },
    identities: (await shelf.get('facts', 'identities')) ?? [],
    emailState: (await shelf.get<string>('facts', 'emailState')) ?? '',
    rows,
    letter: async id => (await shelf.get<KeptLetter>('letters', id))?.letter,
  }
}

function openBed(count: number) {
  const { server, client } = openServer(Array.from({ length: count }, (_, at) => email(at)))
  const shelf = memoryShelf()
  const bounds = { ...keeperBounds }
  const fetchBlob = () => Promise.resolve(new ArrayBuffer(1))
  const run = () => keep({ client, shelf, open: () => [], fetchBlob, bounds }, new AbortController().signal)
  return { server, shelf, bounds, run }
}

test('the last letters are kept whole, and follow what changes', async () => {
  const bed = openBed(3)
  await bed.run()
  assert.deepEqual((await bed.shelf.keys('letters')).toSorted(), ['E0', 'E1', 'E2'])
  assert.deepEqual((await bed.shelf.keys('blobs')).toSorted(), ['BE0', 'BE1', 'BE2'])
  bed.server.state = 2
  bed.server.changed = ['E1']
  bed.server.gone = ['E2']
  bed.server.emails = [email(9), email(0), email(1, { keywords: { $seen: true } })]
  bed.server.asked.length = 0
  await bed.run()
  const rows = await bed.shelf.all<EmailRow>('rows')
  assert.deepEqual(rows.find(({ id }) => id === 'E1')?.keywords, { $seen: true })
  assert.deepEqual(rows.map(({ id }) => id).toSorted(), ['E0', 'E1', 'E9'])
  assert.deepEqual((await bed.shelf.keys('letters')).toSorted(), ['E0', 'E1', 'E9'])
  assert.equal(await bed.shelf.get('facts', 'emailState'), '2')
})

test('when too much has changed rows are read anew', async () => {
  const bed = openBed(2)
  await bed.run()
  bed.server.knowsChanges = false
  bed.server.emails = [email(0, { keywords: { $flagged: true } }), email(1)]
  await bed.run()
  const [row] = (await bed.shelf.all<EmailRow>('rows')).filter(({ id }) => id === 'E0')
  assert.deepEqual(row?.keywords, { $flagged: true })
})

test('no more than the bounds', async () => {
  const bed = openBed(10)
  bed.bounds.inbox = 4
  await bed.run()
  assert.equal((await bed.shelf.keys('rows')).length, 4)
  bed.server.emails = [email(0, { size: 2_000_000 }), email(1)]
  await bed.shelf.change((await bed.shelf.keys('letters')).map(drop => ({ in: 'letters', drop })))
  await bed.run()
  assert.deepEqual(await bed.shelf.keys('blobs'), ['BE1'], 'one of two megabytes is not kept')
  const [{ bytes } = { bytes: 0 }] = await bed.shelf.all<KeptLetter>('letters')
  bed.bounds.totalBytes = bytes + 1
  await bed.run()
  assert.equal((await bed.shelf.keys('letters')).length, 1)
})

test('lists, conversations and letters are answered from here, with what waits done already', async () => {
  const bed = openBed(3)
  bed.server.emails = [email(0), email(1, { threadId: 'T0' }), email(2)]
  await bed.run()
  const kept = await keptOn(bed.shelf)
  const list: Invocation[] = [
    ['Email/query', { filter: { inMailbox: inbox }, collapseThreads: true, position: 0, limit: 50 }, 'a'],
    ['Email/get', { '#ids': { resultOf: 'a', name: 'Email/query', path: '/ids' }, properties: ['threadId'] }, 'b'],
    ['Thread/get', { '#ids': { resultOf: 'b', name: 'Email/get', path: '/list/*/threadId' } }, 'c'],
    [
      'Email/get',
      { '#ids': { resultOf: 'c', name: 'Thread/get', path: '/list/*/emailIds' }, properties: ['subject'] },
      'd',
    ],
  ]
  const answers = (await answerFrom(kept, list)) ?? []
  const listAt = (at: number) => (answers[at]?.[1]['list'] ?? []) as readonly object[]
  assert.deepEqual(answers[0]?.[1]['ids'], ['E0', 'E2'])
  assert.deepEqual(listAt(2)[0], { id: 'T0', emailIds: ['E1', 'E0'] })
  assert.equal(listAt(3).length, 3)
  const madeAt = 1
  const rows = afterAll(kept.rows, [
    { key: 'a', madeAt, what: { kind: 'patch', patches: [['E2', { mailboxIds: { [inbox]: null, M2: true } }]] } },
    { key: 'b', madeAt, what: { kind: 'destroy', ids: ['E0'] } },
  ])
  assert.deepEqual((await answerFrom({ ...kept, rows }, list))?.[0]?.[1]['ids'], ['E1'])
  for (const call of [
    ['Email/query', { filter: { text: 'x' } }, 'a'],
    ['Email/set', { destroy: ['E0'] }, 'a'],
    ['Email/changes', { sinceState: '1' }, 'a'],
    ['Email/get', { ids: ['E77'], properties: ['id'] }, 'a'],
  ] satisfies Invocation[])
    assert.equal(await answerFrom(kept, [call]), undefined, call[0])
})
