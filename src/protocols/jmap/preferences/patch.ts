/** What Preferences/set makes of the preferences, from its patch object. RFC 8620 §5.3 */
import { invalid } from '../set.ts'
import { isObject } from '../syntax/request.ts'
import type { JsonObject, JsonValue, SetError } from '../wire.ts'
import {
  isSenderAddress,
  type KeptPreferences,
  maxPreferencesBytes,
  maxTrustedSenders,
  singleton,
} from './preferences.ts'

const property = 'trustedSenders'

/** The whole set (`trustedSenders`), or single members of it (`trustedSenders/aki@example.org`: true, or null to take it away). */
export function patchedPreferences(now: KeptPreferences, patch: JsonObject): KeptPreferences | SetError {
  const { id, ...changes } = patch
  if (id !== undefined && id !== singleton) return invalid('id', 'It stays as it is')
  if (property in changes && Object.keys(changes).length > 1)
    return { type: 'invalidPatch', description: 'The whole and its members cannot be set together' }
  let senders: ReadonlyMap<string, true> = new Map(Object.entries(now.trustedSenders))
  for (const [path, value] of Object.entries(changes)) {
    const next = path === property ? wholeOf(value) : withMember(senders, path, value)
    if (!(next instanceof Map)) return next as SetError
    senders = next
  }
  if (senders.size > maxTrustedSenders && senders.size > Object.keys(now.trustedSenders).length)
    return { type: 'overQuota', description: `At most ${maxTrustedSenders} senders` }
  const kept = { ...now, [property]: Object.fromEntries(senders) }
  return Buffer.byteLength(JSON.stringify(kept)) > maxPreferencesBytes
    ? { type: 'tooLarge', description: `At most ${maxPreferencesBytes} octets` }
    : kept
}

function wholeOf(value: JsonValue): ReadonlyMap<string, true> | SetError {
  if (!isObject(value) || !Object.values(value).every(one => one === true))
    return invalid(property, 'Each member is true')
  const wrong = Object.keys(value).find(address => !isSenderAddress(address))
  return wrong === undefined ? new Map(Object.keys(value).map(name => [name, true])) : notAnAddress(wrong)
}

function withMember(
  senders: ReadonlyMap<string, true>,
  path: string,
  value: JsonValue,
): ReadonlyMap<string, true> | SetError {
  const [name = '', member, ...deeper] = path.split('/')
  if (name !== property) return invalid(name.slice(0, 100), 'It is none that can be set')
  if (member === undefined || deeper.length > 0)
    return { type: 'invalidPatch', description: `${path.slice(0, 100)} is no member` }
  if (value !== true && value !== null) return invalid(property, 'Each member is true; one that goes is null')
  // a pointer's escapes, RFC 6901 §3
  const address = member.replaceAll('~1', '/').replaceAll('~0', '~')
  if (!isSenderAddress(address)) return notAnAddress(address)
  const next = new Map(senders)
  if (value) next.set(address, true)
  else next.delete(address)
  return next
}

function notAnAddress(text: string): SetError {
  return invalid(property, `“${text.slice(0, 100)}” is no address in lower case`)
}
