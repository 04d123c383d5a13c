/**
 * Arguments of methods, checked before anything else happens. A shape names every argument; what it does not name, what has the wrong
 * type and what is missing is `invalidArguments` with the place in its description (RFC 8620 §3.6.2).
 */
import type { JsonObject } from '../wire.ts'
import { isId } from './id.ts'
import type { Json } from './json.ts'
import { isArray, isObject } from './request.ts'

export class ArgumentFault extends Error {}

/** Gives the value with its type, or throws ArgumentFault. `at`: where it stands, for the description */
export type Check<Value> = (value: Json | undefined, at: string) => Value

type Checked<Shape> = { readonly [Name in keyof Shape]: Shape[Name] extends Check<infer Value> ? Value : never }

export function checkArguments<Shape extends Readonly<Record<string, Check<unknown>>>>(
  given: JsonObject,
  shape: Shape,
): Checked<Shape> {
  return object(shape)(given, '')
}

export function object<Shape extends Readonly<Record<string, Check<unknown>>>>(shape: Shape): Check<Checked<Shape>> {
  return (value, at) => {
    if (!isObject(value)) throw wrong(at, 'an object')
    for (const name of Object.keys(value))
      if (!Object.hasOwn(shape, name)) throw new ArgumentFault(`${place(at, name)} is not known here`)
    const entries = Object.entries(shape).map(([name, check]) => [name, check(value[name], place(at, name))])
    return Object.fromEntries(entries) as Checked<Shape>
  }
}

export const text: Check<string> = (value, at) => {
  if (typeof value !== 'string') throw wrong(at, 'a string')
  return value
}

export const flag: Check<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw wrong(at, 'true or false')
  return value
}

export const id: Check<string> = (value, at) => {
  if (typeof value !== 'string' || !isId(value)) throw wrong(at, 'an id')
  return value
}

/** Also `#` and a creation id, which whoever uses it resolves (RFC 8620 §5.3). */
export const idOrCreated: Check<string> = (value, at) => {
  if (typeof value !== 'string' || !isId(value.startsWith('#') ? value.slice(1) : value)) throw wrong(at, 'an id')
  return value
}

export const integer: Check<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(at, 'an integer')
  return value
}

export const unsigned: Check<number> = (value, at) => {
  const whole = integer(value, at)
  if (whole < 0) throw wrong(at, 'an integer of 0 or more')
  return whole
}

const utcDate = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d*[1-9])?Z$/

/** RFC 8620 §1.4; milliseconds since 1970 */
export const utc: Check<number> = (value, at) => {
  const written = typeof value === 'string' && utcDate.test(value) ? value : ''
  const time = Date.parse(written)
  // a day that the month has not is turned into one of the next month
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== written.slice(0, 19))
    throw wrong(at, 'a date like 2026-11-27T09:30:00Z')
  return time
}

export const anyObject: Check<JsonObject> = (value, at) => {
  if (!isObject(value)) throw wrong(at, 'an object')
  return value
}

export function oneOf<const Words extends readonly string[]>(words: Words): Check<Words[number]> {
  return (value, at) => {
    const found = words.find(word => word === value)
    if (found === undefined) throw wrong(at, `one of ${words.join(', ')}`)
    return found
  }
}

export function list<Value>(check: Check<Value>): Check<readonly Value[]> {
  return (value, at) => {
    if (!isArray(value)) throw wrong(at, 'an array')
    return value.map((item, index) => check(item, `${at}[${index}]`))
  }
}

/** Any names, values alike. */
export function record<Value>(check: Check<Value>, name: Check<string> = text): Check<ReadonlyMap<string, Value>> {
  return (value, at) => {
    if (!isObject(value)) throw wrong(at, 'an object')
    return new Map(Object.entries(value).map(([key, item]) => [name(key, place(at, key)), check(item, place(at, key))]))
  }
}

/** null stays null */
export function nullable<Value>(check: Check<Value>): Check<Value | null> {
  return (value, at) => (value === null ? null : check(value, at))
}

/** null and absence are the same: for arguments whose default is null */
export function optional<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value, at) => (value === undefined || value === null ? undefined : check(value, at))
}

export function fallback<Value>(check: Check<Value>, standard: Value): Check<Value> {
  return (value, at) => (value === undefined ? standard : check(value, at))
}

function place(at: string, name: string): string {
  const short = name.length > 60 ? `${name.slice(0, 60)}…` : name
  return at === '' ? short : `${at}.${short}`
}

function wrong(at: string, wanted: string): ArgumentFault {
  return new ArgumentFault(`${at === '' ? 'The arguments' : at} should be ${wanted}`)
}
