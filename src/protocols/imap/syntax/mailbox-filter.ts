/** Sets of mailboxes by name or kind: filter-mailboxes of RFC 5465 §8, subtree-one of RFC 7377 §2.2. */
import type { Dialect } from './dialect.ts'
import { expectChar, expectList, expectName, expectSpace, tryChar } from './grammar.ts'
import { listLimit } from './limits.ts'
import { expectMailbox } from './parse-mailbox.ts'
import { printMailbox } from './print.ts'
import type { Reader } from './reader.ts'

const filterKinds = ['SELECTED', 'SELECTED-DELAYED', 'INBOXES', 'PERSONAL', 'SUBSCRIBED'] as const
export const filterTrees = ['SUBTREE', 'SUBTREE-ONE', 'MAILBOXES'] as const

export type MailboxFilter =
  | { readonly filter: (typeof filterKinds)[number] }
  | { readonly filter: (typeof filterTrees)[number]; readonly mailboxes: readonly string[] }

export function expectMailboxFilter(reader: Reader): MailboxFilter {
  const start = reader.position
  const name = expectName(reader)
  const kind = filterKinds.find(known => known === name)
  if (kind) return { filter: kind }
  const tree = filterTrees.find(known => known === name) ?? reader.fail('Unknown set of mailboxes', start)
  expectSpace(reader)
  const many = reader.peek() === 0x28
  return { filter: tree, mailboxes: many ? expectList(reader, expectMailbox) : [expectMailbox(reader)] }
}

/** `(mailboxes "folder1" subtree "folder2")` */
export function expectSearchedMailboxes(reader: Reader): readonly MailboxFilter[] {
  expectChar(reader, '(')
  const filters = [expectSearched(reader)]
  while (!tryChar(reader, ')')) {
    expectSpace(reader)
    if (filters.length === listLimit) reader.fail('The list is too long')
    filters.push(expectSearched(reader))
  }
  return filters
}

/** RFC 7377 §2.2 */
function expectSearched(reader: Reader): MailboxFilter {
  const start = reader.position
  const filter = expectMailboxFilter(reader)
  return filter.filter === 'SELECTED-DELAYED' ? reader.fail('A search has no delay', start) : filter
}

export function printMailboxFilter(filter: MailboxFilter, dialect: Dialect): string {
  if (!('mailboxes' in filter)) return filter.filter
  return `${filter.filter} (${filter.mailboxes.map(name => printMailbox(name, dialect)).join(' ')})`
}
