/** The texts of a card that a condition looks at (RFC 9610 §3.3.1), folded as searches compare them. */
import { fold } from '../search/fold.ts'
import { isObject, type Json, type JsonObject, member } from './json.ts'

export const textFields = [
  'text',
  'name',
  'name/given',
  'name/surname',
  'name/surname2',
  'nickname',
  'organization',
  'email',
  'phone',
  'onlineService',
  'address',
  'note',
] as const
export type TextField = (typeof textFields)[number]

/** Lines, so that no word is found across two of them */
export function foldedTexts(card: JsonObject, field: TextField): string {
  return fold(textsOf(card, field).join('\n'))
}

function textsOf(card: JsonObject, field: TextField): readonly string[] {
  switch (field) {
    case 'text':
      return [...textFields.slice(1).flatMap(one => (one.includes('/') ? [] : textsOf(card, one))), ...otherTexts(card)]
    case 'name':
      return nameTexts(member(card, 'name'))
    case 'name/given':
    case 'name/surname':
    case 'name/surname2':
      return componentsOf(member(card, 'name'))
        .filter(one => member(one, 'kind') === field.slice('name/'.length))
        .flatMap(one => textMembers(one, ['value', 'phonetic']))
    case 'nickname':
      return each(card, 'nicknames', ['name'])
    case 'organization':
      return [
        ...each(card, 'organizations', ['name']),
        ...values(card, 'organizations').flatMap(one =>
          items(member(one, 'units')).flatMap(unit => textMembers(unit, ['name'])),
        ),
      ]
    case 'email':
      return each(card, 'emails', ['address', 'label'])
    case 'phone':
      return each(card, 'phones', ['number', 'label']).flatMap(one => [one, digitsOf(one)])
    case 'onlineService':
      return each(card, 'onlineServices', ['service', 'uri', 'user', 'label'])
    case 'address':
      return values(card, 'addresses').flatMap(nameTexts)
    case 'note':
      return each(card, 'notes', ['note'])
    default:
      return field satisfies never
  }
}

/** 090-1234-5678, (03) 1234 5678 and +81 90 … are looked for with other punctuation, or with none. */
export function digitsOf(text: string): string {
  return text.replaceAll(/[^0-9]/g, '')
}

/** Each part for itself, how it is read, the whole as it is given, and the parts in their order, with blanks and without. */
function nameTexts(name: Json | undefined): readonly string[] {
  const components = componentsOf(name)
  const parts = (what: string) => components.flatMap(one => textMembers(one, [what]))
  const written = parts('value')
  const read = parts('phonetic')
  const joined = [written, read].flatMap(one => (one.length > 1 ? [one.join(' '), one.join('')] : []))
  const sorted = member(name, 'sortAs')
  return [
    ...textMembers(name, ['full']),
    ...written,
    ...read,
    ...joined,
    ...(isObject(sorted) ? textMembers(sorted, Object.keys(sorted)) : []),
  ]
}

function otherTexts(card: JsonObject): readonly string[] {
  const keywords = member(card, 'keywords')
  return [
    ...each(card, 'titles', ['name']),
    ...each(card, 'personalInfo', ['value']),
    ...each(card, 'links', ['uri', 'label']),
    ...(isObject(keywords) ? Object.keys(keywords) : []),
  ]
}

export function componentsOf(name: Json | undefined): readonly Json[] {
  return items(member(name, 'components'))
}

function each(card: JsonObject, property: string, names: readonly string[]): readonly string[] {
  return values(card, property).flatMap(one => textMembers(one, names))
}

function values(card: JsonObject, property: string): readonly Json[] {
  const value = member(card, property)
  return isObject(value) ? Object.values(value) : []
}

function items(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function textMembers(value: Json | undefined, names: readonly string[]): readonly string[] {
  return names.map(name => member(value, name)).filter(one => typeof one === 'string')
}
