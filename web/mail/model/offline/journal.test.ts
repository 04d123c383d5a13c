import assert from 'node:assert/strict'
import test from 'node:test'
import type { Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault, MethodFault } from '../../jmap/fault.ts'
import type { Content } from '../compose/content.ts'
import { carryOut } from './carry-out.ts'
import type { Entry, What } from './entry.ts'
import { type Ending, Journal } from './journal.ts'
import { memoryShelf, sharedTabs } from './offline.testbed.ts'

const content = {
  identityId: 'I1',
  from: { name: null, email: 'hanako@home.test' },
  to: [{ name: null, email: 'taro@home.test' }],
  cc: [],
  bcc: [],
  subject: 'On the train',
  answered: undefined,
} as unknown as Content

function letter(given: Partial<Extract<What, { kind: 'send' }>> = {}): What {
  return {
    kind: 'send',
    at: undefined,
    content,
    email: { subject: 'On the train' },
    messageId: 'one@home.test',
    lostId: undefined,
    draftId: undefined,
    emailId: undefined,
    stage: 'new',
    ...given,
  }
}

/** A server that counts letters, whose answers are lost when `swallow` says so. */
function openServer() {
  const state = {
    isAway: false,
    swallow: (_names: readonly string[]) => false,
    drafts: new Map<string, JsonObject>(),
    submitted: [] as string[],
    asked: [] as string[],
    refuse: undefined as string | undefined,
    patched: [] as unknown[],
    state: 1,
    /** The network says a request of this method again, as browsers do */
    sayAgain: undefined as string | undefined,
  }
  const check = (given: Record<string, unknown>) => {
    const { ifInState } = given
    if (ifInState !== undefined && ifInState !== String(state.state)) throw new MethodFault({ type: 'stateMismatch' })
    state.state++
  }
  const methods = (name: string, given: Record<string, unknown>): object => {
    switch (name) {
      case 'Email/get':
        return { state: String(state.state), list: [] }
      case 'Email/set': {
        check(given)
        for (const id of (given['destroy'] ?? []) as string[]) state.drafts.delete(id)
        if (given['update']) state.patched.push(given['update'])
        const create = given['create'] as Record<string, JsonObject> | undefined
        if (!create) return {}
        if (state.refuse) return { notCreated: { letter: { type: state.refuse } } }
        const id = `E${state.drafts.size + 1}`
        state.drafts.set(id, create['letter'] ?? {})
        return { created: { letter: { id } } }
      }
      case 'Email/query':
        return { ids: [...state.drafts.keys()].slice(0, 1) }
      case 'EmailSubmission/set': {
        check(given)
        const create = given['create'] as { readonly letter: { readonly emailId: string } }
        state.submitted.push(create.letter.emailId)
        return { created: { letter: { id: 'S1' } } }
      }
      case 'EmailSubmission/query':
        return { ids: state.submitted }
      case 'EmailSubmission/get':
        return {
          state: String(state.state),
          list: state.submitted.map(emailId => ({ id: 'S1', emailId, undoStatus: 'final' })),
        }
      default:
        throw new Error(name)
    }
  }
  const client = {
    limits: { maxObjectsInSet: 500 },
    batch: () => new Batch('A1'),
    send(batch: Batch) {
      if (state.isAway) return Promise.reject(new Fault('unreachable'))
      const names = batch.calls.map(([name]) => name)
      state.asked.push(...names)
      const answer = () =>
        batch.calls.map(([name, given, id]): Invocation => {
          try {
            return [name, methods(name, given) as JsonObject, id]
          } catch (error) {
            if (error instanceof MethodFault) return ['error', { type: error.type }, id]
            throw error
          }
        })
      if (names.some(name => name === state.sayAgain)) answer()
      const responses = answer()
      if (state.swallow(names)) return Promise.reject(new Fault('unreachable'))
      return Promise.resolve(new Answers(responses))
    },
  } as unknown as Client
  return { state, client }
}

const mailboxes = { role: (name: string) => ({ id: `M-${name}` }) as never }

function openBed() {
  const server = openServer()
  const shelf = memoryShelf()
  const tab = sharedTabs()
  const endings: (readonly [Ending, string])[] = []
  const openJournal = () =>
    new Journal({
      shelf,
      tabs: tab(),
      carryOut: (entry, note) => carryOut({ client: server.client, mailboxes }, entry, note),
      onEnding: (_entry: Entry, ending, why) => endings.push([ending, why]),
    })
  return { ...server, shelf, journal: openJournal(), openJournal, endings }
}

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
