// Changes told bit by bit: what is told as changed has been told as created before (RFC 8620 §5.2), whenever it changed.
import assert from 'node:assert/strict'
import test from 'node:test'
import { memorySource } from '#formats/message-source.ts'
import { flaggedFlag } from '#mail/account.ts'
import { type JmapBed, withJmap } from './jmap.testbed.ts'
import type { ChangesResponse } from './wire.ts'

async function stateOf(bed: JmapBed, type: string): Promise<string> {
  return (await bed.call(`${type}/get`, { ids: [] }))['state'] as string
}

/** Two changes at a time, to the end; what is known afterwards */
async function followed(
  bed: JmapBed,
  type: string,
  since: string,
  { maxChanges = 2, between = () => Promise.resolve() }: { maxChanges?: number; between?: () => Promise<void> } = {},
): Promise<readonly string[]> {
  const known = new Set<string>()
  for (let state = since, more = true; more; ) {
    if (state !== since) await between()
    const given = { sinceState: state, maxChanges }
    const changes = (await bed.call(`${type}/changes`, given)) as unknown as ChangesResponse
    for (const id of changes.created) known.add(id)
    for (const id of changes.updated) assert.ok(known.has(id), `${type} ${id} changed and was never created`)
    for (const id of changes.destroyed) known.delete(id)
    assert.ok(changes.created.length + changes.updated.length + changes.destroyed.length <= maxChanges)
    state = changes.newState
    more = changes.hasMoreChanges
  }
  return [...known].toSorted()
}

test('cards and books that changed after they came', () =>
  withJmap(async bed => {
    const [cards, books] = [await stateOf(bed, 'ContactCard'), await stateOf(bed, 'AddressBook')]
    for (let n = 0; n < 5; n++) {
      const card = { version: '1.0', addressBookIds: { B1: true } }
      await bed.call('ContactCard/set', { create: { c: card } })
      await bed.call('AddressBook/set', { create: { b: { name: 'x' } } })
    }
    await bed.call('ContactCard/set', { update: { C1: { name: { full: 'a' } }, C3: { name: { full: 'b' } } } })
    await bed.call('ContactCard/set', { destroy: ['C2'] })
    await bed.call('AddressBook/set', { update: { B2: { name: 'y' }, B4: { name: 'y' } } })
    assert.deepEqual(await followed(bed, 'ContactCard', cards), ['C1', 'C3', 'C4', 'C5'])
    assert.deepEqual(await followed(bed, 'AddressBook', books), ['B2', 'B3', 'B4', 'B5', 'B6'])
  }))

test('mailboxes and emails that changed after they came', () =>
  withJmap(async bed => {
    const account = await bed.accounts.account(bed.account)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const [mailboxes, emails] = [await stateOf(bed, 'Mailbox'), await stateOf(bed, 'Email')]
    const made: string[] = []
    for (let n = 0; n < 5; n++) {
      const message = memorySource(Buffer.from(`Subject: ${n}\r\n\r\nx\r\n`))
      const flags = { mode: 'replace', system: 0, keywords: [] } as const
      await account.append(inbox.id, [{ message, flags, internalDate: 0 }])
      const { created } = await bed.call('Mailbox/set', { create: { m: { name: `m${n}` } } })
      made.push((created as { m: { id: string } }).m.id)
    }
    const flagged = { mode: 'add', system: flaggedFlag, keywords: [] } as const
    await account.changeFlags(inbox.id, [1 as never], flagged)
    await account.changeFlags(inbox.id, [3 as never], flagged)
    await bed.call('Mailbox/set', { update: { [made[0] ?? '']: { name: 'other' } } })
    assert.deepEqual(await followed(bed, 'Email', emails), ['E1', 'E2', 'E3', 'E4', 'E5'])
    // the inbox was there before
    const known = made.toSorted()
    const changes = (await bed.call('Mailbox/changes', { sinceState: mailboxes })) as unknown as ChangesResponse
    assert.deepEqual(changes.created.toSorted(), known)
    const first = (await bed.call('Mailbox/changes', {
      sinceState: mailboxes,
      maxChanges: 3,
    })) as unknown as ChangesResponse
    assert.deepEqual([first.created, first.updated], [made.slice(0, 2), [`M${inbox.id}`]])
  }))

const plain = { mode: 'replace', system: 0, keywords: [] } as const

function messages(subjects: readonly string[], header = '') {
  return subjects.map(subject => {
    const message = memorySource(Buffer.from(`Subject: ${subject}\r\n${header}\r\nx\r\n`))
    return { message, flags: plain, internalDate: 0 }
  })
}

test('what one operation did is told in parts, also while more happens, and misses nothing', () =>
  withJmap(async bed => {
    const account = await bed.accounts.account(bed.account)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const since = { Email: await stateOf(bed, 'Email'), Thread: await stateOf(bed, 'Thread') }
    await account.append(inbox.id, messages(['1', '2', '3', '4', '5', '6', '7']))
    const numbers = (kind: string, ...ids: readonly number[]) => ids.map(id => `${kind}${id}`)
    for (const maxChanges of [1, 2, 3, 100]) {
      assert.deepEqual(await followed(bed, 'Email', since.Email, { maxChanges }), numbers('E', 1, 2, 3, 4, 5, 6, 7))
      assert.deepEqual(await followed(bed, 'Thread', since.Thread, { maxChanges }), numbers('T', 1, 2, 3, 4, 5, 6, 7))
    }
    // each part behind a change: one that was told, one that was not, one that goes
    const steps = [
      () => bed.call('Email/set', { update: { E1: { 'keywords/$flagged': true }, E6: { 'keywords/$flagged': true } } }),
      () => bed.call('Email/set', { destroy: ['E2', 'E7'] }),
      () => account.append(inbox.id, messages(['8', '9'])),
    ]
    const between = async () => void (await steps.shift()?.())
    assert.deepEqual(
      await followed(bed, 'Email', since.Email, { maxChanges: 2, between }),
      numbers('E', 1, 3, 4, 5, 6, 8, 9),
    )
    assert.deepEqual(steps, [])
    const threads = await followed(bed, 'Thread', since.Thread, { maxChanges: 1 })
    assert.deepEqual(threads, numbers('T', 1, 3, 4, 5, 6, 8, 9))
    // a place is a state of nothing: it is no ifInState, and nobody makes one up
    const part = await bed.call('Email/changes', { sinceState: since.Email, maxChanges: 1 })
    assert.match(JSON.stringify(part['newState']), /^"\d+\.\d+\.\d+"$/)
    const [set] = await bed.calls([
      'Email/set',
      { accountId: bed.accountId, ifInState: part['newState'], destroy: ['E1'] },
    ])
    assert.deepEqual([set?.[0], set?.[1]['type']], ['error', 'stateMismatch'])
    const [epoch] = since.Email.split('.')
    for (const sinceState of [
      `${epoch}.0.1`,
      `${epoch}.99999.1`,
      `${epoch}.1.`,
      `${epoch}.1.1.99999`,
      `9${epoch}.1.1`,
    ]) {
      const [answer] = await bed.calls(['Email/changes', { accountId: bed.accountId, sinceState }])
      assert.deepEqual([answer?.[0], answer?.[1]['type']], ['error', 'cannotCalculateChanges'], sinceState)
    }
  }))

test('mailboxes that one operation made or changed are told in parts', () =>
  withJmap(async bed => {
    const since = await stateOf(bed, 'Mailbox')
    const create = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map(name => [name, { name }]))
    const { created } = await bed.call('Mailbox/set', { create })
    const ids = Object.values(created as Record<string, { id: string }>).map(({ id }) => id)
    for (const maxChanges of [1, 2, 100])
      assert.deepEqual(await followed(bed, 'Mailbox', since, { maxChanges }), ids.toSorted())
    // counts that nobody remembers: every mailbox may have others, each is told once
    const account = await bed.accounts.account(bed.account)
    const known = (await bed.call('Mailbox/get', { properties: ['id'] }))['list'] as readonly { id: string }[]
    const before = await stateOf(bed, 'Mailbox')
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    for (let n = 0; n < 20; n++) {
      await account.append(inbox.id, messages([`${n}`]))
      await bed.call('Mailbox/get', { ids: [] })
      await bed.call('Mailbox/changes', { sinceState: await stateOf(bed, 'Mailbox') })
    }
    const updated: string[] = []
    for (let state = before, more = true; more; ) {
      const given = { sinceState: state, maxChanges: 3 }
      const changes = (await bed.call('Mailbox/changes', given)) as unknown as ChangesResponse
      updated.push(...changes.updated)
      ;({ newState: state, hasMoreChanges: more } = changes)
      assert.ok(updated.length <= 2 * known.length, 'it ends')
    }
    assert.ok(updated.includes(`M${inbox.id}`))
  }))

test('a thread is told as created before it is told as changed, also one that has lost its first email', () =>
  withJmap(async bed => {
    const account = await bed.accounts.account(bed.account)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const add = async (subject: string, id: string, answers?: string) => {
      const header = `Message-ID: <${id}@home.test>\r\n${answers ? `In-Reply-To: <${answers}@home.test>\r\n` : ''}`
      await account.append(inbox.id, messages([subject], header))
    }
    await add('Old', 'old')
    const since = await stateOf(bed, 'Thread')
    await add('A', 'a')
    await add('B', 'b')
    await add('C', 'c')
    await add('A', 'a2', 'a')
    await add('B', 'b2', 'b')
    await bed.call('Email/set', { destroy: ['E3'] })
    for (const maxChanges of [1, 2, 100]) {
      const threads = await followed(bed, 'Thread', since, { maxChanges })
      assert.deepEqual(threads, ['T2', 'T3', 'T4'], String(maxChanges))
    }
  }))
