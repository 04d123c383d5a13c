/** Whom a letter may go to, by a part of a name, a reading or an address: groups too. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { folded } from '../compose/known-people.ts'
import type { Suggestion } from '../compose/suggestion.ts'
import type { Contacts } from './contacts.ts'
import { addressOf, displayName, emailsOf, readingOf } from './facts.ts'

export function suggestContacts(
  contacts: Contacts,
  part: string,
  taken: ReadonlySet<string>,
  limit: number,
): readonly Suggestion[] {
  const wanted = folded(part)
  if (wanted === '') return []
  const groups = contacts.groups.peek().flatMap((group): Found[] => {
    const name = displayName(group)
    const addresses = contacts.membersOf(group).flatMap(card => addressOf(card) ?? [])
    return addresses.length === 0 ? [] : found({ kind: 'group', name, addresses }, name, wanted)
  })
  const people = contacts.people.peek().flatMap((card): Found[] => {
    const name = displayName(card)
    return emailsOf(card).flatMap(({ address }) =>
      taken.has(address.toLowerCase())
        ? []
        : found({ kind: 'person', address: addressed(name, address) }, `${name} ${readingOf(card)} ${address}`, wanted),
    )
  })
  return [...groups, ...people]
    .toSorted((a, b) => b.rank - a.rank)
    .slice(0, limit)
    .map(({ suggestion }) => suggestion)
}

type Found = { readonly suggestion: Suggestion; readonly rank: number }

function found(suggestion: Suggestion, text: string, wanted: string): Found[] {
  const where = folded(text)
  if (!where.includes(wanted)) return []
  return [{ suggestion, rank: where.startsWith(wanted) ? 2 : where.includes(` ${wanted}`) ? 1 : 0 }]
}

function addressed(name: string, email: string): EmailAddress {
  return { name: name === '' || name === email ? null : name, email }
}
