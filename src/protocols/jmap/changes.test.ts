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
async function followed(bed: JmapBed, type: string, since: string): Promise<readonly string[]> {
  const known = new Set<string>()
  for (let state = since, more = true; more; ) {
    const given = { sinceState: state, maxChanges: 2 }
    const changes = (await bed.call(`${type}/changes`, given)) as unknown as ChangesResponse
    for (const id of changes.created) known.add(id)
    for (const id of changes.updated) assert.ok(known.has(id), `${type} ${id} changed and was never created`)
    for (const id of changes.destroyed) known.delete(id)
    assert.ok(changes.created.length + changes.updated.length + changes.destroyed.length <= 2)
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
      maxChanges: 2,
    })) as unknown as ChangesResponse
    assert.deepEqual(first.created, made.slice(0, 2))
  }))
