/** What Preferences/set makes of the preferences, from its patch object. RFC 8620 §5.3 */
import { invalid } from '../set.ts'
import { singleton } from '../singleton.ts'
import { isObject } from '../syntax/request.ts'
import type { JsonObject, JsonValue, SetError } from '../wire.ts'
import {
  isKeyword,
  isLabel,
  isSenderAddress,
  type KeptPreferences,
  maxLabels,
  maxPreferencesBytes,
  maxTrustedSenders,
} from './preferences.ts'

type Property = keyof KeptPreferences
type Members = Map<string, JsonValue>

/** Each property is a set of members by name. */
const properties: Readonly<
  Record<
    Property,
    {
      readonly max: number
      readonly isName: (name: string) => boolean
      readonly noName: string
      readonly isValue: (value: JsonValue) => boolean
      readonly noValue: string
    }
  >
> = {
  trustedSenders: {
    max: maxTrustedSenders,
    isName: isSenderAddress,
    noName: 'is no address in lower case',
    isValue: value => value === true,
    noValue: 'Each member is true; one that goes is null',
  },
  labels: {
    max: maxLabels,
    isName: isKeyword,
    noName: 'is no keyword in lower case',
    isValue: isLabel,
    noValue: 'Each member has a name that no other has, and one of the colors; one that goes is null',
  },
}
const names = Object.keys(properties) as readonly Property[]

/** The whole of a property (`trustedSenders`), or single members of it (`trustedSenders/aki@example.org`: true, or null to take it away). */
export function patchedPreferences(now: KeptPreferences, patch: JsonObject): KeptPreferences | SetError {
  const { id, ...changes } = patch
  if (id !== undefined && id !== singleton) return invalid('id', 'It stays as it is')
  // each property is copied once, however many of its members are named
  const changed = new Map<Property, Members>()
  for (const [path, value] of Object.entries(changes)) {
    const [name = ''] = path.split('/', 1)
    const property = names.find(one => one === name)
    if (!property) return invalid(name.slice(0, 100), 'It is none that can be set')
    if (path !== property && property in changes)
      return { type: 'invalidPatch', description: 'The whole and its members cannot be set together' }
    const members = changed.get(property) ?? new Map<string, JsonValue>(Object.entries(now[property]))
    const next = path === property ? wholeOf(property, value) : withMember(property, members, { path, value })
    if (!(next instanceof Map)) return next
    changed.set(property, next)
  }
  const parts = Array.from(changed, ([property, members]) => [property, Object.fromEntries(members)] as const)
  const kept: KeptPreferences = { ...now, ...Object.fromEntries(parts) }
  return problemOf(kept, now) ?? kept
}

function problemOf(kept: KeptPreferences, before: KeptPreferences): SetError | undefined {
  for (const property of names) {
    const [size, { max }] = [Object.keys(kept[property]).length, properties[property]]
    if (size > max && size > Object.keys(before[property]).length)
      return { type: 'overQuota', description: `At most ${max} of ${property}` }
  }
  const labels = Object.values(kept.labels).map(({ name }) => name)
  if (new Set(labels).size < labels.length) return invalid('labels', properties.labels.noValue)
  return Buffer.byteLength(JSON.stringify(kept)) > maxPreferencesBytes
    ? { type: 'tooLarge', description: `At most ${maxPreferencesBytes} octets` }
    : undefined
}

function wholeOf(property: Property, value: JsonValue): Members | SetError {
  const { isName, isValue, noValue } = properties[property]
  if (!isObject(value) || !Object.values(value).every(isValue)) return invalid(property, noValue)
  const wrong = Object.keys(value).find(name => !isName(name))
  return wrong === undefined ? new Map(Object.entries(value)) : noSuchName(property, wrong)
}

/** `members` becomes what it returns. */
function withMember(
  property: Property,
  members: Members,
  { path, value }: { readonly path: string; readonly value: JsonValue },
): Members | SetError {
  const { isName, isValue, noValue } = properties[property]
  const [member, ...deeper] = path.split('/').slice(1)
  if (member === undefined || deeper.length > 0)
    return { type: 'invalidPatch', description: `${path.slice(0, 100)} is no member` }
  if (value !== null && !isValue(value)) return invalid(property, noValue)
  // a pointer's escapes, RFC 6901 §3
  const name = member.replaceAll('~1', '/').replaceAll('~0', '~')
  if (!isName(name)) return noSuchName(property, name)
  if (value === null) members.delete(name)
  else members.set(name, value)
  return members
}

function noSuchName(property: Property, text: string): SetError {
  return invalid(property, `“${text.slice(0, 100)}” ${properties[property].noName}`)
}
