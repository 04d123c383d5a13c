/** NOTIFY. RFC 5465 §8 */
import { expectChar, expectList, expectName, expectSpace, tryChar, trySpace, tryWord } from './grammar.ts'
import { listLimit } from './limits.ts'
import { expectMailboxFilter, type MailboxFilter } from './mailbox-filter.ts'
import { expectFetchItem } from './parse-fetch.ts'
import type { Reader } from './reader.ts'
import { messageEvents, notifyEvents, type NotifyEvent, type NotifyGroup, type NotifyRequest } from './request.ts'

export function parseNotify(reader: Reader): NotifyRequest {
  expectSpace(reader)
  if (tryWord(reader, 'NONE')) return { name: 'NOTIFY', set: undefined }
  if (!tryWord(reader, 'SET')) reader.fail('Expected SET or NONE')
  expectSpace(reader)
  const status = tryWord(reader, 'STATUS')
  if (status) expectSpace(reader)
  const groups: NotifyGroup[] = []
  do groups.push(expectGroup(reader, groups))
  while (trySpace(reader) && !reader.atEnd)
  return { name: 'NOTIFY', set: { status, groups } }
}

function expectGroup(reader: Reader, before: readonly NotifyGroup[]): NotifyGroup {
  const start = reader.position
  if (before.length === listLimit) reader.fail('Too many groups')
  expectChar(reader, '(')
  const filter = expectMailboxFilter(reader)
  // RFC 7377 §2.2 has it for searches
  if (filter.filter === 'SUBTREE-ONE') reader.fail('Unknown set of mailboxes', start + 1)
  const ofSelected = isOfSelected(filter)
  // §6.1
  if (ofSelected && before.some(group => isOfSelected(group.filter)))
    reader.fail('The selected mailbox can be named once', start)
  expectSpace(reader)
  const events = tryWord(reader, 'NONE') ? [] : expectEvents(reader, ofSelected)
  expectChar(reader, ')')
  return { filter, events }
}

function isOfSelected({ filter }: MailboxFilter): boolean {
  return filter === 'SELECTED' || filter === 'SELECTED-DELAYED'
}

/** The list is written out here: MessageNew may be followed by a list of its own. */
function expectEvents(reader: Reader, ofSelected: boolean): readonly NotifyEvent[] {
  const events: NotifyEvent[] = []
  expectChar(reader, '(')
  for (;;) {
    const event = expectEvent(reader, ofSelected)
    events.push(event)
    if (events.length > listLimit) reader.fail('The list is too long')
    if (tryChar(reader, ')')) return events
    expectSpace(reader)
    if (event.event !== 'MessageNew' || reader.peek() !== 0x28) continue
    if (!ofSelected) reader.fail('Items are fetched for the selected mailbox only')
    events[events.length - 1] = { event: event.event, items: expectList(reader, expectFetchItem) }
    if (tryChar(reader, ')')) return events
    expectSpace(reader)
  }
}

/** An event that is not known is no error of syntax: §3.1, it is answered by BADEVENT. */
function expectEvent(reader: Reader, ofSelected: boolean): NotifyEvent {
  const start = reader.position
  const name = expectName(reader)
  const event = notifyEvents.find(known => known.toUpperCase() === name)
  if (event === undefined) return { event: 'unknown', name }
  if (ofSelected && !messageEvents.some(known => known === event)) reader.fail('This is no event of messages', start)
  return event === 'MessageNew' ? { event, items: [] } : { event }
}
