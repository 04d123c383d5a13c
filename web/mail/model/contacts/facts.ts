/** What a card says, as people ask for it. */
import type { JsonRecord } from '#formats/contacts/card.ts'
import { fullName, nameReading } from '#formats/contacts/full-name.ts'
import type { ContactCard, PostalAddress } from '#protocols/jmap/wire-contacts.ts'
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { isSeen, plainName, plainSigns } from '../plain-signs.ts'

type Preferred = { readonly pref?: number }

export function isGroup({ kind }: Pick<ContactCard, 'kind'>): boolean {
  return kind === 'group'
}

/** What to call them; empty where a card says nothing at all. */
export function displayName(card: ContactCard): string {
  const names = [
    fullName(card.name as JsonRecord | undefined),
    entries(card.nicknames)[0]?.name,
    entries(card.organizations)[0]?.name,
    emailsOf(card)[0]?.address,
    entries(card.phones)[0]?.number,
  ]
  return plainSigns(names.find(name => name !== undefined && isSeen(name)) ?? '')
}

export function readingOf({ name }: ContactCard): string {
  return nameReading(name as JsonRecord | undefined)
}

/** The preferred one first */
export function emailsOf({ emails }: ContactCard) {
  return preferred(entries(emails))
}

export function phonesOf({ phones }: ContactCard) {
  return preferred(entries(phones))
}

/** As a letter goes to them; undefined: no address is known. */
export function addressOf(card: ContactCard): EmailAddress | undefined {
  const [first] = emailsOf(card)
  return first && { name: displayName(card) === first.address ? null : displayName(card), email: first.address }
}

/** `株式会社みどり 営業部`, and what they do there */
export function workOf(card: ContactCard): string {
  const [organization] = entries(card.organizations)
  const units = (organization?.units ?? []).map(({ name }) => name)
  const titles = entries(card.titles).map(({ name }) => name)
  return [organization?.name ?? '', ...units, ...titles]
    .filter(one => one !== '')
    .map(plainName)
    .join(' ')
}

/** The photo's blob, or its own address where that is data */
export function photoOf(
  card: Pick<ContactCard, 'media'>,
): { readonly blobId?: string; readonly uri?: string } | undefined {
  return entries(card.media).find(
    ({ kind, blobId, uri }) =>
      kind === 'photo' && (blobId !== undefined || /^data:image\/(?:jpeg|png|gif|webp);/.test(uri ?? '')),
  )
}

/** Lines of an envelope: 〒 first and from the large to the small in Japan and its neighbours, the other way round elsewhere. */
export function addressLines(address: PostalAddress): readonly string[] {
  return linesOf(address).map(plainName)
}

function linesOf(address: PostalAddress): readonly string[] {
  const part = (...kinds: readonly string[]) =>
    kinds.flatMap(kind => (address.components ?? []).filter(one => one.kind === kind).map(({ value }) => value))
  if ((address.components ?? []).length === 0)
    return (address.full ?? '').split('\n').filter(line => line.trim() !== '')
  const [postcode] = part('postcode')
  const inside = part('building', 'apartment', 'floor', 'room', 'postOfficeBox')
  if (isEastAsian(address)) {
    const mark = postcode === undefined ? '' : `〒${postcode.replace(/^〒\s*/, '')}`
    const street = part('region', 'locality', 'district', 'subdistrict', 'name', 'block', 'number', 'direction').join(
      '',
    )
    return [mark, street, inside.join(' '), part('country').join('')].filter(line => line !== '')
  }
  const street = part('number', 'name', 'block', 'direction').join(' ')
  const city = [part('subdistrict', 'district', 'locality').join(', '), part('region').join(' ')]
    .filter(one => one !== '')
    .join(', ')
  return [
    street,
    inside.join(', '),
    [city, postcode ?? ''].filter(one => one !== '').join(' '),
    part('country').join(''),
  ].filter(line => line !== '')
}

export function isEastAsian({ components = [], countryCode }: PostalAddress): boolean {
  if (countryCode !== undefined) return /^(?:JP|CN|TW|KR)$/i.test(countryCode)
  return components.some(
    ({ kind, value }) => kind !== 'country' && /[\p{sc=Han}\p{sc=Hangul}\p{sc=Katakana}\p{sc=Hiragana}]/u.test(value),
  )
}

export function entries<Value>(table: { readonly [id: string]: Value } | undefined): readonly Value[] {
  return Object.values(table ?? {})
}

function preferred<Value extends Preferred>(all: readonly Value[]): readonly Value[] {
  return all.toSorted((a, b) => (a.pref ?? 101) - (b.pref ?? 101))
}
