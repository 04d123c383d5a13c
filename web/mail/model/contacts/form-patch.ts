/**
 * What changes of a card when its form is saved. Whatever the form does not show stays as it is: other parts of a name, further notes, labels,
 * what came from a vCard.
 */
import { scriptOf } from '#formats/contacts/full-name.ts'
import type { AddressComponent, NameComponent, PostalAddress } from '#protocols/jmap/wire-contacts.ts'
import type { CardPatch } from './contacts.ts'
import {
  addressText,
  type ContactForm,
  type FormAddress,
  type FormCard,
  type FormLine,
  type LineType,
  type Typed,
  typeOf,
} from './form.ts'

/** What is different after the form was filled in: whole properties, null where nothing is left. */
export function formPatch(card: FormCard, before: ContactForm, after: ContactForm): CardPatch {
  const patch: Record<string, unknown> = {}
  const isNew = (...names: readonly (keyof ContactForm)[]) =>
    names.some(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  if (isNew('surname', 'given', 'surnameReading', 'givenReading')) patch['name'] = nameOf(card, after)
  if (isNew('nickname')) patch['nicknames'] = first(card.nicknames, 'n1', after.nickname, name => ({ name }))
  if (isNew('organization', 'unit')) patch['organizations'] = organizationsOf(card, after)
  if (isNew('title')) patch['titles'] = first(card.titles, 't1', after.title, name => ({ name }))
  if (isNew('emails')) patch['emails'] = lines(card.emails, after.emails, address => ({ address }))
  if (isNew('phones')) patch['phones'] = lines(card.phones, after.phones, number => ({ number }), before.phones)
  if (isNew('links'))
    patch['links'] = lines(card.links, after.links, uri => ({
      uri: /^[a-z][a-z0-9+.-]*:/i.test(uri) ? uri : `https://${uri}`,
    }))
  if (isNew('addresses')) patch['addresses'] = addressesOf(card, before, after)
  if (isNew('birthday')) patch['anniversaries'] = anniversariesOf(card, after.birthday)
  if (isNew('photo')) patch['media'] = mediaOf(card, after.photo)
  if (isNew('note')) patch['notes'] = first(card.notes, 'n1', after.note, note => ({ note }))
  return patch
}

/** Logos and sounds stay. */
function mediaOf({ media }: FormCard, photo: string): object | null {
  const others = Object.entries(media ?? {}).filter(([, { kind }]) => kind !== 'photo')
  const key = ['photo', ...others.map(([name]) => `${name}-photo`)].find(name => !others.some(([one]) => one === name))
  const all = [...others, ...(photo === '' ? [] : [[key ?? 'photo', { '@type': 'Media', kind: 'photo', uri: photo }]])]
  return all.length === 0 ? null : Object.fromEntries(all)
}

function nameOf({ name }: FormCard, form: ContactForm): object | null {
  const others = (name?.components ?? []).filter(
    ({ kind }) => kind !== 'surname' && kind !== 'given' && kind !== 'separator',
  )
  const part = (kind: string, value: string, reading: string): NameComponent[] =>
    value.trim() === '' && reading.trim() === ''
      ? []
      : [{ kind, value: value.trim() || reading.trim(), ...(reading.trim() !== '' && { phonetic: reading.trim() }) }]
  const surname = part('surname', form.surname, form.surnameReading)
  const given = part('given', form.given, form.givenReading)
  const before = others.filter(({ kind }) => kind === 'title')
  const after = others.filter(({ kind }) => kind === 'generation' || kind === 'credential')
  const middle = others.filter(one => !before.includes(one) && !after.includes(one))
  const isEastern = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(form.surname + form.given)
  const components = isEastern
    ? [...before, ...surname, ...middle, ...given, ...after]
    : [...before, ...given, ...middle, ...surname, ...after]
  if (components.length === 0) return null
  const readings = components.flatMap(({ phonetic }) => phonetic ?? []).join('')
  return {
    components,
    isOrdered: true,
    ...(readings !== '' &&
      (name?.phoneticSystem !== undefined
        ? { phoneticSystem: name.phoneticSystem }
        : { phoneticScript: scriptOf(readings) })),
  }
}

/** The first entry of a table has this text; the others stay. */
function first<Value extends object>(
  table: { readonly [id: string]: Value } | undefined,
  newKey: string,
  text: string,
  make: (text: string) => object,
): object | null {
  const [[key, value] = [freeKey(table, newKey), undefined], ...others] = Object.entries(table ?? {})
  const own = text.trim() === '' ? [] : [[key, { ...value, ...make(text.trim()) }] as const]
  return orNull(Object.fromEntries([...own, ...others]))
}

function organizationsOf({ organizations }: FormCard, { organization, unit }: ContactForm): object | null {
  const [[key, value] = ['o1', undefined], ...others] = Object.entries(organizations ?? {})
  const { name: _name, units = [], ...rest } = value ?? {}
  const named = [...(unit.trim() === '' ? [] : [{ ...units[0], name: unit.trim() }]), ...units.slice(1)]
  const own = {
    ...rest,
    ...(organization.trim() !== '' && { name: organization.trim() }),
    ...(named.length > 0 && { units: named }),
  }
  return orNull(Object.fromEntries([...('name' in own || 'units' in own ? [[key, own] as const] : []), ...others]))
}

/** `unchanged`: lines whose text stays as the card has it, though the form shows it otherwise (`tel:`) */
function lines<Value extends Typed>(
  table: { readonly [id: string]: Value } | undefined,
  given: readonly FormLine[],
  make: (value: string) => object,
  unchanged: readonly FormLine[] = [],
): object | null {
  const all = given
    .filter(({ value }) => value.trim() !== '')
    .map(line => {
      const before = table?.[line.key]
      const isSame = before !== undefined && unchanged.some(one => one.key === line.key && one.value === line.value)
      return [
        line.key,
        {
          ...(before && typed(before, line.type)),
          ...(!before && typed({}, line.type)),
          ...(isSame ? {} : make(line.value.trim())),
        },
      ] as const
    })
  return orNull(Object.fromEntries(all))
}

/** Whatever else it is stays: a private mobile phone is both. */
function typed<Value extends Typed>(value: Value, type: LineType): Value {
  if (typeOf(value) === type) return value
  const { contexts, features, ...rest } = value
  const without = (set: object | undefined, names: readonly string[]) =>
    Object.fromEntries(Object.entries(set ?? {}).filter(([name]) => !names.includes(name)))
  const isFeature = type === 'mobile' || type === 'fax'
  const nextContexts = {
    ...(isFeature ? contexts : without(contexts, ['private', 'work'])),
    ...((type === 'private' || type === 'work') && { [type]: true }),
  }
  const nextFeatures = { ...without(features, ['mobile', 'fax']), ...(isFeature && { [type]: true }) }
  return {
    ...rest,
    ...(Object.keys(nextContexts).length > 0 && { contexts: nextContexts }),
    ...(Object.keys(nextFeatures).length > 0 && { features: nextFeatures }),
  } as Value
}

function addressesOf({ addresses }: FormCard, before: ContactForm, after: ContactForm): object | null {
  const all = after.addresses
    .filter(one => addressText(one) !== '')
    .map(one => {
      const known = addresses?.[one.key]
      const was = before.addresses.find(({ key }) => key === one.key)
      const isSame = was !== undefined && addressText(was) === addressText(one)
      const {
        full: _full,
        components: _components,
        isOrdered: _isOrdered,
        defaultSeparator: _separator,
        ...rest
      } = known ?? {}
      return [one.key, typed(isSame && known ? known : { ...rest, ...componentsOf(one) }, one.type)] as const
    })
  return orNull(Object.fromEntries(all))
}

function componentsOf(one: FormAddress): Pick<PostalAddress, 'components'> {
  const part = (kind: string, value: string): AddressComponent[] =>
    value.trim() === '' ? [] : [{ kind, value: value.trim() }]
  const postcode = part('postcode', one.postcode.normalize('NFKC').replace(/^〒\s*/, ''))
  return {
    components: [
      ...postcode,
      ...part('region', one.region),
      ...part('locality', one.locality),
      ...part('name', one.street),
      ...part('building', one.building),
      ...part('country', one.country),
    ],
  }
}

function anniversariesOf({ anniversaries }: FormCard, birthday: string): object | null {
  const [, year, month, day] = /^(\d{4}|-)-(\d\d)-(\d\d)$/.exec(birthday) ?? []
  const all = Object.entries(anniversaries ?? {})
  const [key] = all.find(([, { kind }]) => kind === 'birth') ?? [freeKey(anniversaries, 'a1')]
  const others = all.filter(([id]) => id !== key)
  if (month === undefined) return orNull(Object.fromEntries(others))
  const date = { ...(year !== '-' && { year: Number(year) }), month: Number(month), day: Number(day) }
  return Object.fromEntries([...others, [key, { ...anniversaries?.[key], kind: 'birth', date }]])
}

function freeKey(table: object | undefined, wanted: string): string {
  let key = wanted
  for (let count = 2; table && key in table; count++) key = `${wanted[0] ?? 'x'}${count}`
  return key
}

function orNull(table: object): object | null {
  return Object.keys(table).length > 0 ? table : null
}
