import assert from 'node:assert/strict'
import test from 'node:test'
import type { MailboxCounters } from '#mail/account.ts'
import type { MailboxId, ModSeq, Uid } from '#mail/ids.ts'
import type { MailboxFilter } from '../syntax/mailbox-filter.ts'
import type { NotifyEvent } from '../syntax/request.ts'
import { Waiting } from './waiting.ts'
import { Watch } from './watch.ts'

const messages: readonly NotifyEvent[] = [{ event: 'MessageNew', items: [] }, { event: 'MessageExpunge' }]
const watching = (filter: MailboxFilter) => new Watch([{ filter, events: messages }])

const filters: readonly [filter: MailboxFilter, names: readonly string[]][] = [
  [{ filter: 'PERSONAL' }, ['INBOX', 'Lists', 'Lists/a', 'Lists/a/b', 'Listserver', 'é']],
  [{ filter: 'INBOXES' }, ['INBOX', 'é']],
  [{ filter: 'SUBSCRIBED' }, ['Lists/a']],
  [{ filter: 'SUBTREE', mailboxes: ['Lists'] }, ['Lists', 'Lists/a', 'Lists/a/b']],
  [{ filter: 'SUBTREE', mailboxes: ['Lists/a', 'inbox'] }, ['INBOX', 'Lists/a', 'Lists/a/b']],
  [{ filter: 'MAILBOXES', mailboxes: ['Lists', 'inBox', 'Lists/*', '%', 'e\u0301'] }, ['INBOX', 'Lists', 'é']],
  [{ filter: 'SELECTED' }, []],
]
const standing = (name: string) => ({ subscribed: name === 'Lists/a', delivered: name === 'INBOX' || name === 'é' })
for (const [filter, expected] of filters)
  test(`${filter.filter} ${'mailboxes' in filter ? filter.mailboxes.join(' ') : ''} names ${expected.length} mailboxes`, () => {
    const watch = watching(filter)
    const all = ['INBOX', 'Lists', 'Lists/a', 'Lists/a/b', 'Listserver', 'é']
    for (const round of [1, 2])
      assert.deepEqual(
        all.filter(name => watch.interestsIn(name, standing(name)).messages),
        expected,
        `round ${round}`,
      )
  })

test('groups for one mailbox count together, and NONE takes nothing away', () => {
  const watch = new Watch([
    { filter: { filter: 'MAILBOXES', mailboxes: ['INBOX'] }, events: messages },
    { filter: { filter: 'PERSONAL' }, events: [{ event: 'SubscriptionChange' }, { event: 'ServerMetadataChange' }] },
    { filter: { filter: 'SUBTREE', mailboxes: ['INBOX'] }, events: [] },
  ])
  assert.deepEqual(watch.interestsIn('INBOX', standing('INBOX')), {
    messages: true,
    flags: false,
    names: false,
    subscriptions: true,
    metadata: false,
  })
  assert.equal(watch.interestsIn('Other', standing('Other')).messages, false)
  assert.equal(watch.serverMetadata, true)
  assert.equal(watch.selected, undefined)
})

test('of the selected mailbox only its own group counts', () => {
  const items = [{ item: 'ENVELOPE' }] as const
  const events: NotifyEvent[] = [{ event: 'MessageNew', items }, { event: 'MessageExpunge' }]
  const personal: NotifyEvent[] = [...messages, { event: 'FlagChange' }]
  const { selected } = new Watch([
    { filter: { filter: 'PERSONAL' }, events: personal },
    { filter: { filter: 'SELECTED-DELAYED' }, events },
  ])
  assert.deepEqual(selected, { immediate: false, flags: false, items })
  assert.equal(new Watch([{ filter: { filter: 'PERSONAL' }, events: personal }]).selected, undefined)
})

test('what waits is joined: the last counters, the first name, each entry once', () => {
  const waiting = new Waiting()
  assert.ok(waiting.isEmpty)
  waiting.status(counters(1, 5), true, false)
  waiting.status(counters(1, 6), false, true)
  assert.deepEqual([...waiting.statuses.values()], [{ counters: counters(1, 6), messages: true, flags: true }])
  waiting.name('A')
  waiting.renamed('A', 'B')
  waiting.renamed('X', 'Y')
  waiting.renamed('Y', 'Z')
  assert.deepEqual(
    [...waiting.names],
    [
      ['A', undefined],
      ['B', 'A'],
      ['Z', 'X'],
    ],
  )
  waiting.metadataChanged('', ['/private/a', '/private/b'])
  waiting.metadataChanged('', ['/private/a'])
  assert.deepEqual([...(waiting.metadata.get('') ?? [])], ['/private/a', '/private/b'])
  assert.ok(!waiting.isTooMuch)
  for (let at = 0; at < 1000; at += 1) waiting.metadataChanged('M', [`/private/${at}`])
  assert.ok(waiting.isTooMuch)
})

function counters(id: number, messageCount: number): MailboxCounters {
  return {
    id: id as MailboxId,
    name: 'M',
    role: undefined,
    uidValidity: 1,
    uidNext: 9 as Uid,
    highestModSeq: 3 as ModSeq,
    messages: messageCount,
    unseen: 0,
    deleted: 0,
    sizeBytes: 0,
  }
}
