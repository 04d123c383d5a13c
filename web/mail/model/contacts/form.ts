/** A card as a form shows it. What changes of the card when it is saved: form-patch.ts. */
import type { ContactCard, PostalAddress } from '#protocols/jmap/wire-contacts.ts'
import { entries, isEastAsian, photoOf } from './facts.ts'

/** `mobile`, `fax` are of telephones */
export type LineType = 'private' | 'work' | 'mobile' | 'fax' | 'other'

export type FormLine = { readonly key: string; readonly value: string; readonly type: LineType }

export type FormAddress = {
  readonly key: string
  readonly type: LineType
  readonly postcode: string
  readonly region: string
  readonly locality: string
  readonly street: string
  readonly building: string
  readonly country: string
}

export type ContactForm = {
  readonly surname: string
  readonly given: string
  readonly surnameReading: string
  readonly givenReading: string
  readonly nickname: string
  readonly organization: string
  readonly unit: string
  readonly title: string
  readonly emails: readonly FormLine[]
  readonly phones: readonly FormLine[]
  readonly addresses: readonly FormAddress[]
  readonly links: readonly FormLine[]
  /** `1985-04-12`, `--04-12` without the year, or empty */
  readonly birthday: string
  readonly note: string
  /** A `data:` URI, `blob:` and the id of one that the server has, or empty */
  readonly photo: string
}

export const emptyForm: ContactForm = {
  surname: '',
  given: '',
  surnameReading: '',
  givenReading: '',
  nickname: '',
  organization: '',
  unit: '',
  title: '',
  emails: [],
  phones: [],
  addresses: [],
  links: [],
  birthday: '',
  note: '',
  photo: '',
}

/** One that is being made has nothing yet */
export type FormCard = Partial<ContactCard>

export function readForm(card: FormCard): ContactForm {
  const [organization] = entries(card.organizations)
  return {
    ...readName(card),
    nickname: entries(card.nicknames)[0]?.name ?? '',
    organization: organization?.name ?? '',
    unit: organization?.units?.[0]?.name ?? '',
    title: entries(card.titles)[0]?.name ?? '',
    emails: Object.entries(card.emails ?? {}).map(([key, one]) => ({ key, value: one.address, type: typeOf(one) })),
    phones: Object.entries(card.phones ?? {}).map(([key, one]) => ({
      key,
      value: one.number.replace(/^tel:/i, ''),
      type: typeOf(one),
    })),
    addresses: Object.entries(card.addresses ?? {}).map(([key, one]) => readAddress(key, one)),
    links: Object.entries(card.links ?? {}).map(([key, one]) => ({ key, value: one.uri, type: typeOf(one) })),
    birthday: readBirthday(card),
    note: entries(card.notes)[0]?.note ?? '',
    photo: readPhoto(card),
  }
}

export type Typed = {
  readonly contexts?: { readonly [name: string]: true }
  readonly features?: { readonly [name: string]: true }
}

export function typeOf({ contexts, features }: Typed): LineType {
  if (features?.['fax']) return 'fax'
  if (features?.['mobile']) return 'mobile'
  return contexts?.['work'] ? 'work' : contexts?.['private'] ? 'private' : 'other'
}

type FormName = Pick<ContactForm, 'surname' | 'given' | 'surnameReading' | 'givenReading'>

function readName({ name }: FormCard): FormName {
  const of = (kind: string, member: 'value' | 'phonetic') =>
    (name?.components ?? [])
      .filter(one => one.kind === kind)
      .flatMap(one => one[member] ?? [])
      .join(' ')
  const [surname, given] = [of('surname', 'value'), of('given', 'value')]
  const guessed = surname === '' && given === '' ? guessName(name?.full ?? '') : { surname, given }
  return { ...guessed, surnameReading: of('surname', 'phonetic'), givenReading: of('given', 'phonetic') }
}

/** `山田 花子`, `Jane Doe`: what a card said in one piece */
export function guessName(full: string): { readonly surname: string; readonly given: string } {
  const words = full
    .trim()
    .split(/[\s　]+/)
    .filter(word => word !== '')
  const isEastern = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(full)
  if (words.length <= 1)
    return isEastern ? { surname: words[0] ?? '', given: '' } : { surname: '', given: words[0] ?? '' }
  return isEastern
    ? { surname: words[0] ?? '', given: words.slice(1).join(' ') }
    : { surname: words.at(-1) ?? '', given: words.slice(0, -1).join(' ') }
}

function readAddress(key: string, address: PostalAddress): FormAddress {
  const of = (glue: string, ...kinds: readonly string[]) =>
    kinds
      .flatMap(kind => (address.components ?? []).filter(one => one.kind === kind).map(({ value }) => value))
      .join(glue)
  const glue = isEastAsian(address) ? '' : ' '
  const street = isEastAsian(address)
    ? of('', 'district', 'subdistrict', 'name', 'block', 'number')
    : of(' ', 'number', 'name', 'block', 'subdistrict', 'district')
  return {
    key,
    type: typeOf(address),
    postcode: of(' ', 'postcode'),
    region: of(glue, 'region'),
    locality: of(glue, 'locality'),
    street: street || ((address.components ?? []).length === 0 ? (address.full ?? '').replaceAll('\n', ' ') : ''),
    building: of(' ', 'building', 'apartment', 'floor', 'room', 'postOfficeBox'),
    country: of(' ', 'country'),
  }
}

function readPhoto(card: FormCard): string {
  const photo = photoOf(card)
  return photo?.blobId === undefined ? (photo?.uri ?? '') : `blob:${photo.blobId}`
}

function readBirthday({ anniversaries }: FormCard): string {
  const date = entries(anniversaries).find(({ kind }) => kind === 'birth')?.date
  if (!date) return ''
  if ('utc' in date) return date.utc.slice(0, 10)
  const two = (value: number | undefined) => String(value ?? 0).padStart(2, '0')
  if (date.month === undefined || date.day === undefined) return ''
  return `${date.year === undefined ? '-' : String(date.year).padStart(4, '0')}-${two(date.month)}-${two(date.day)}`
}

export function isEmpty(form: ContactForm): boolean {
  const { emails, phones, addresses, links, ...texts } = form
  const hasLine = [...emails, ...phones, ...links].some(({ value }) => value.trim() !== '')
  const hasAddress = addresses.some(one => addressText(one) !== '')
  return !hasLine && !hasAddress && Object.values(texts).every(text => text.trim() === '')
}

/** Empty where nothing is filled in */
export function addressText({ postcode, region, locality, street, building, country }: FormAddress): string {
  const all = [postcode, region, locality, street, building, country].map(one => one.trim())
  return all.every(one => one === '') ? '' : JSON.stringify(all)
}
