/**
 * What a JSContact object has to be (RFC 9553): the first thing that is wrong, and where (a path of RFC 6901 without its first slash).
 * Members that a shape does not name may be anything (§1.7: they are kept); `@type` is the object's own or absent (§1.3.4).
 */
import { isObject, type Json, member } from './json.ts'

export type Fault = { readonly at: string; readonly why: string }
export type Check = (value: Json, at: string) => Fault | undefined

export const text: Check = (value, at) => (typeof value === 'string' ? undefined : { at, why: 'It should be a string' })

export const flag: Check = (value, at) =>
  typeof value === 'boolean' ? undefined : { at, why: 'It should be true or false' }

export function integer(from: number, to = Number.MAX_SAFE_INTEGER): Check {
  return (value, at) =>
    Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to
      ? undefined
      : { at, why: `It should be an integer from ${from}${to < Number.MAX_SAFE_INTEGER ? ` to ${to}` : ''}` }
}

const utcForm =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d*[1-9])?Z$/
/** §1.4.5 */
export const utc: Check = (value, at) =>
  typeof value === 'string' && utcForm.test(value) ? undefined : { at, why: 'It should be like 2026-11-27T09:30:00Z' }

export function exactly(word: string): Check {
  return (value, at) => (value === word ? undefined : { at, why: `It should be “${word}”` })
}

export function list(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return { at, why: 'It should be an array' }
    return first(value as readonly Json[], (one, index) => check(one, `${at}/${index}`))
  }
}

const idForm = /^[A-Za-z0-9_-]{1,255}$/
/** §1.4.1: keys that are Ids */
export function byId(check: Check): Check {
  return (value, at) =>
    mapFault(value, at, (name, one, place) =>
      idForm.test(name)
        ? check(one, place)
        : { at: place, why: 'Its key should be 1 to 255 of A-Z, a-z, 0-9, - and _' },
    )
}

/** Keys may be anything. */
export function byName(check: Check): Check {
  return (value, at) => mapFault(value, at, (_, one, place) => check(one, place))
}

/** §1.5.1: `String[Boolean]`, every member true */
export const set: Check = byName((value, at) => (value === true ? undefined : { at, why: 'It should be true' }))

type Members = Readonly<Record<string, Check>>

/** `type`: of `@type`. `oneOf`: of these at least one is there */
export function object(
  type: string,
  members: { readonly needed?: Members; readonly known?: Members; readonly oneOf?: readonly string[] },
): Check {
  const { needed = {}, known = {}, oneOf } = members
  const checks = Object.entries({ '@type': exactly(type), ...known, ...needed })
  return (value, at) => {
    if (!isObject(value)) return { at, why: 'It should be an object' }
    for (const name of Object.keys(needed))
      if (member(value, name) === undefined) return { at: place(at, name), why: 'It is needed' }
    if (oneOf && oneOf.every(name => member(value, name) === undefined))
      return { at, why: `It should have ${oneOf.join(' or ')}` }
    return first(checks, ([name, check]) => {
      const one = member(value, name)
      return one === undefined ? undefined : check(one, place(at, name))
    })
  }
}

/** The one whose `@type` it bears; the first where it bears none */
export function either(...choices: readonly (readonly [type: string, check: Check])[]): Check {
  return (value, at) => {
    const type = member(value, '@type') ?? choices[0]?.[0]
    const chosen = choices.find(([name]) => name === type)
    return chosen
      ? chosen[1](value, at)
      : { at: place(at, '@type'), why: `It should be ${choices.map(([name]) => name).join(' or ')}` }
  }
}

function mapFault(
  value: Json,
  at: string,
  check: (name: string, value: Json, place: string) => Fault | undefined,
): Fault | undefined {
  if (!isObject(value)) return { at, why: 'It should be an object' }
  return first(Object.entries(value), ([name, one]) => check(name, one, place(at, name)))
}

function first<Item>(
  items: readonly Item[],
  fault: (item: Item, index: number) => Fault | undefined,
): Fault | undefined {
  for (const [index, item] of items.entries()) {
    const found = fault(item, index)
    if (found) return found
  }
  return undefined
}

/** Names of strangers are told in their first characters. */
function place(at: string, name: string): string {
  const short = name.length > 60 ? `${name.slice(0, 60)}…` : name
  const escaped = short.replaceAll('~', '~0').replaceAll('/', '~1')
  return at === '' ? escaped : `${at}/${escaped}`
}
