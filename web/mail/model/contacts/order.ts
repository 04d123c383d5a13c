/** Contacts in the order of their readings, under あかさたな and A to Z; and those in whom some words are found. */
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import { folded } from '../compose/known-people.ts'
import { displayName, emailsOf, entries, phonesOf, readingOf, workOf } from './facts.ts'

/** `あ` … `わ`, `A` … `Z`; `漢` of whom nobody knows how they are read; `#` of all others */
export type Heading = string

export type Listed = {
  readonly card: ContactCard
  readonly name: string
  readonly heading: Heading
  /** What a search looks through */
  readonly text: string
  readonly digits: string
}

const rows = 'あかさたなはまやらわ'
const firsts = 'ぁかさたなはまやらわ'
const collator = new Intl.Collator('ja', { numeric: true })

export function listed(card: ContactCard): Listed & { readonly key: string } {
  const name = displayName(card)
  const key = sortKey(card, name)
  const others = [
    ...emailsOf(card).map(({ address }) => address),
    ...entries(card.nicknames).map(one => one.name),
    ...entries(card.notes).map(({ note }) => note),
    ...entries(card.addresses).flatMap(({ full, components = [] }) => [
      full ?? '',
      ...components.map(({ value }) => value),
    ]),
    ...Object.keys(card.keywords ?? {}),
  ]
  const text = folded([name, readingOf(card), workOf(card), ...others].join(' '))
  const digits = phonesOf(card)
    .map(({ number }) => number.replaceAll(/\D/g, ''))
    .join(' ')
  return { card, name, key, heading: headingOf(key), text, digits }
}

/** The people of Japan first, or those of the alphabet, as the page's language is. */
export function ordered(cards: readonly ContactCard[], language: 'ja' | 'en'): readonly Listed[] {
  return cards
    .map(listed)
    .toSorted(
      (a, b) =>
        rank(a.heading, language) - rank(b.heading, language) ||
        collator.compare(a.key, b.key) ||
        collator.compare(a.name, b.name),
    )
}

/** All of the words, anywhere; digits in telephone numbers however they are written. */
export function matching(all: readonly Listed[], words: string): readonly Listed[] {
  const wanted = folded(words)
    .split(' ')
    .filter(word => word !== '')
  if (wanted.length === 0) return all
  const digits = words.normalize('NFKC').replaceAll(/[\s()+.-]/g, '')
  const isNumber = /^\d{3,}$/.test(digits)
  // 090… and +81 90… are one
  const number = digits.replace(/^0/, '')
  return all.filter(one => wanted.every(word => one.text.includes(word)) || (isNumber && one.digits.includes(number)))
}

/** The reading where there is one, else what it is sorted as, else the family name before the given one. */
function sortKey(card: ContactCard, name: string): string {
  const components = card.name?.components ?? []
  const by = (member: 'phonetic' | 'value') =>
    ['surname', 'given']
      .flatMap(kind => components.filter(one => one.kind === kind).map(one => one[member] ?? ''))
      .join(' ')
      .trim()
  const sortAs = card.name?.sortAs
  const given = [sortAs?.['surname'], sortAs?.['given']].filter(one => one !== undefined).join(' ')
  return folded(by('phonetic') || given || by('value') || name)
}

export function headingOf(key: string): Heading {
  const [first = ''] = key.normalize('NFD')
  if (/[ぁ-ゖ]/.test(first)) return rows[rowOf(first)] ?? '#'
  const letter = first.toUpperCase()
  if (/^[A-Z]$/.test(letter)) return letter
  return /\p{sc=Han}/u.test(first) ? '漢' : '#'
}

function rowOf(kana: string): number {
  let row = 0
  while (row + 1 < firsts.length && kana >= (firsts[row + 1] ?? '')) row++
  return row
}

function rank(heading: Heading, language: 'ja' | 'en'): number {
  const kana = rows.indexOf(heading)
  if (kana >= 0) return (language === 'ja' ? 0 : 100) + kana
  if (/^[A-Z]$/.test(heading)) return 50 + heading.charCodeAt(0) - 65
  return heading === '漢' ? (language === 'ja' ? 90 : 120) : 130
}
