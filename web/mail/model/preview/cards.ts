/** Address cards as what a person wants to know of them, read as the import of contacts reads them. Pure */
import { readVcards } from '#formats/contacts/read-vcard.ts'
import type { Anniversary, ContactCard } from '#protocols/jmap/wire-contacts.ts'
import { addressLines, displayName, emailsOf, entries, phonesOf } from '../contacts/facts.ts'
import { bounded, type Fact, type FactKind, type Summary } from './summaries.ts'

/** `dateOf`: a day in the page's language */
export function contactsSummary(text: string, dateOf: (date: Anniversary['date']) => string): Summary {
  const { cards } = readVcards(new TextEncoder().encode(text), { isUtf8: true })
  return bounded(
    cards.map(({ card }) => {
      const contact = card as unknown as ContactCard
      return { title: displayName(contact), facts: factsOf(contact, dateOf) }
    }),
  )
}

function factsOf(card: ContactCard, dateOf: (date: Anniversary['date']) => string): readonly Fact[] {
  const all = (kind: FactKind, values: readonly string[]) => values.map(value => ({ kind, value }))
  const organisations = entries(card.organizations).map(({ name, units = [] }) =>
    [name ?? '', ...units.map(unit => unit.name)].filter(one => one !== '').join(' '),
  )
  return [
    ...all('organisation', organisations),
    ...all(
      'role',
      entries(card.titles).map(({ name }) => name),
    ),
    ...all(
      'email',
      emailsOf(card).map(({ address }) => address),
    ),
    ...all(
      'phone',
      phonesOf(card).map(({ number }) => number.replace(/^tel:/i, '')),
    ),
    ...all(
      'address',
      entries(card.addresses).map(address => addressLines(address).join(' ')),
    ),
    ...all(
      'birthday',
      entries(card.anniversaries).flatMap(({ kind, date }) => (kind === 'birth' ? [dateOf(date)] : [])),
    ),
    ...all(
      'website',
      entries(card.links).map(({ uri }) => uri),
    ),
    ...all(
      'note',
      entries(card.notes).map(({ note }) => note),
    ),
  ]
}
