import assert from 'node:assert/strict'
import test from 'node:test'
import type { Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { MethodFault } from '../../jmap/fault.ts'
import { email, inbox } from '../mail.testbed.ts'
import type { EmailRow } from '../emails.ts'
import { answerFrom } from './answer.ts'
import { afterAll } from './entry.ts'
import { keep, type KeptLetter, keeperBounds } from './keeper.ts'
import { keepSmall } from './keep-small.ts'
import { keptOn } from './kept.ts'
import { memoryShelf } from './offline.testbed.ts'

type Given = {
  readonly ids?: string[]
  readonly limit?: number
  readonly position?: number
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
    cards: [] as string[],
    cardState: '1',
    /** How many cards were read */
    at: 0,
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
      case 'Preferences/get':
        return { state: '1', list: [{ id: 'singleton', labels: { work: { name: 'Work', color: 'blue' } } }] }
      case 'AddressBook/get':
        return { state: '1', list: [{ id: 'B1' }] }
      case 'ContactCard/query':
        return { ids: server.cards.slice(given.position, Number(given.position) + Number(given.limit)) }
      case 'ContactCard/get': {
        const all = given.ids?.length === 0 ? [] : server.cards.slice(server.at, server.at + 500)
        if (given.ids?.length !== 0) server.at += 500
        return { state: server.cardState, list: all.map(id => ({ id, uid: id })) }
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
        const changed = name === 'ContactCard/get' ? undefined : server.changed
        const ids = '#ids' in given ? changed : (given['ids'] as unknown as string[])
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
  const bodyValues = { 1: { value: '<style>p { color: red }</style><p>A hot <b>bath</b></p>' } }
  const body = [{ partId: '1', type: 'text/html' }]
  return { ...row, bodyValues, textBody: body, htmlBody: body, attachments: [part] }
}

function openBed(count: number) {
  const { server, client } = openServer(Array.from({ length: count }, (_, at) => email(at)))
  const shelf = memoryShelf()
  const bounds = { ...keeperBounds }
  const fetchBlob = () => Promise.resolve(new ArrayBuffer(1))
  const run = () => keep({ client, shelf, open: () => [], fetchBlob, bounds }, new AbortController().signal)
  const runSmall = () => keepSmall({ client, shelf }, new AbortController().signal)
  return { server, shelf, bounds, run, runSmall }
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
  const kept = await keptOn(bed.shelf, [])
  assert.ok(kept)
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
    ['Email/query', { filter: { attachmentName: 'x' } }, 'a'],
    ['Email/query', { filter: { inMailbox: 'M77' } }, 'a'],
    ['Email/set', { destroy: ['E0'] }, 'a'],
    ['Email/changes', { sinceState: '1' }, 'a'],
    ['Email/get', { ids: ['E77'], properties: ['id'] }, 'a'],
  ] satisfies Invocation[])
    assert.equal(await answerFrom(kept, [call]), undefined, call[0])
})

test('contacts and preferences are kept, read anew when they have changed, and answered', async () => {
  const bed = openBed(1)
  bed.server.cards = Array.from({ length: 700 }, (_, at) => `C${at}`)
  await bed.run()
  await bed.runSmall()
  const kept = await keptOn(bed.shelf, [])
  assert.ok(kept)
  assert.equal((await kept.contacts())?.cards.length, 700)
  const ids = { resultOf: 'q', name: 'ContactCard/query', path: '/ids' }
  const calls = (position: number): Invocation[] => [
    ['AddressBook/get', { ids: null }, 'b'],
    ['ContactCard/query', { position, limit: 500 }, 'q'],
    ['ContactCard/get', { '#ids': ids }, 'g'],
    ['ContactCard/changes', { sinceState: '1', maxChanges: 9 }, 'c'],
    ['Preferences/get', { ids: null, properties: ['labels'] }, 'p'],
  ]
  const answers = (await answerFrom(kept, calls(500))) ?? []
  assert.deepEqual(answers[0]?.[1]['list'], [{ id: 'B1' }])
  assert.equal((answers[2]?.[1]['list'] as unknown[] | undefined)?.length, 200)
  assert.deepEqual([answers[3]?.[1]['newState'], answers[3]?.[1]['hasMoreChanges']], ['1', false])
  assert.match(JSON.stringify(answers[4]?.[1]['list']), /"Work"/)
  assert.equal(await answerFrom(kept, [['ContactCard/changes', { sinceState: '0' }, 'c']]), undefined)
  assert.equal(await answerFrom(kept, [['ContactCard/set', { destroy: ['C1'] }, 's']]), undefined)
  // nothing new: nothing is read
  bed.server.asked.length = 0
  await bed.runSmall()
  assert.ok(!bed.server.asked.includes('ContactCard/query'))
  Object.assign(bed.server, { cardState: '2', cards: ['C9'], at: 0 })
  await bed.runSmall()
  assert.deepEqual((await kept.contacts())?.cards, [{ id: 'C9', uid: 'C9' }])
})

test('a search without a network looks through subjects, people, previews and bodies that are kept', async () => {
  const bed = openBed(0)
  const inArchive = { mailboxIds: { M2: true } } as const
  bed.server.emails = [
    email(0, { subject: '週末の山登り', preview: '温泉' }),
    email(1, { keywords: { $seen: true }, ...inArchive }),
    email(2, { from: [{ name: 'ﾊﾅｺ', email: 'hanako@home.test' }] }),
  ]
  await bed.run()
  const kept = await keptOn(bed.shelf, [])
  assert.ok(kept)
  const find = async (filter: object): Promise<unknown> =>
    (await answerFrom(kept, [['Email/query', { filter: filter as JsonObject }, 'a']]))?.[0]?.[1]['ids']
  for (const [filter, ids] of [
    [{ text: '山登' }, ['E0']],
    [{ text: '"山登"' }, ['E0']],
    [{ text: "'の山'" }, ['E0']],
    [{ text: '温泉 週末' }, ['E0']],
    [{ text: '"温泉 週末"' }, []],
    [{ text: '温泉' }, ['E0']],
    [{ text: 'はなこ' }, ['E2']],
    [{ from: 'S1@X.example' }, ['E1']],
    [{ body: 'hot BATH' }, ['E0', 'E1', 'E2']],
    [{ body: 'color: red' }, []],
    [{ operator: 'AND', conditions: [{ text: 'subject' }, { inMailboxOtherThan: ['M2'] }] }, ['E2']],
    [{ operator: 'NOT', conditions: [{ subject: 'subject' }, { hasKeyword: '$seen' }] }, ['E0']],
    [{ operator: 'OR', conditions: [{ subject: '山' }, { hasKeyword: '$seen' }] }, ['E0', 'E1']],
    [{ before: '2026-11-26T23:59:00Z' }, ['E2']],
    [{ operator: 'OR', conditions: [{ subject: '山' }, { header: ['X-A'] }] }, undefined],
  ] as const)
    assert.deepEqual(await find(filter), ids, JSON.stringify(filter))
})
