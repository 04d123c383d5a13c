/**
 * I-JSON (RFC 7493, RFC 8259) from octets, for what strangers send: no name twice in an object, no lone surrogate, no number that is none of
 * ours, bounds on depth and count. Objects have no prototype, so a name is a name (`__proto__`, `toString`). A large text is read in
 * slices: `JsonReader.step` stops where it is asked to.
 */
import type { JsonValue } from '../wire.ts'

export type Json = JsonValue
export type JsonFault = { readonly fault: 'not-json' | 'too-deep' | 'too-many'; readonly detail: string }
export type JsonLimits = { readonly depth: number; readonly values: number }

type Container =
  | { readonly kind: 'array'; readonly value: Json[] }
  | { readonly kind: 'object'; readonly value: Record<string, Json>; name: string }

export class JsonFailure extends Error {
  readonly reason: JsonFault
  constructor(fault: JsonFault['fault'], detail: string) {
    super(detail)
    this.reason = { fault, detail }
  }
}

/** The text of the octets, or undefined where they are no UTF-8. A byte order mark is passed over (RFC 8259 §8.1). */
export function jsonText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** All at once. */
export function readJson(text: string, limits: JsonLimits): { readonly value: Json } | JsonFault {
  const reader = new JsonReader(text, limits)
  try {
    while (!reader.step(Infinity));
    return { value: reader.value }
  } catch (error) {
    if (error instanceof JsonFailure) return error.reason
    throw error
  }
}

const blanks = /[ \t\n\r]*/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** What stands in a string as it is */
// oxlint-disable-next-line no-control-regex -- JSON forbids just these
const plainCharacters = /[^"\\\u0000-\u001f]*/y
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

export class JsonReader {
  readonly #text: string
  readonly #limits: JsonLimits
  readonly #open: Container[] = []
  #at = 0
  #values = 0
  #value: Json | undefined
  #done = false

  constructor(text: string, limits: JsonLimits) {
    this.#text = text
    this.#limits = limits
  }

  /** Once `step` has answered true */
  get value(): Json {
    if (!this.#done || this.#value === undefined) throw new Error('The text has not been read to its end')
    return this.#value
  }

  /** Reads about so many characters more (a string is read whole). True at the end; throws JsonFailure. */
  step(characters: number): boolean {
    const until = this.#at + characters
    while (!this.#done && this.#at < until) this.#one()
    return this.#done
  }

  /** One value, or the beginning of one, with whatever it closes. */
  #one(): void {
    if (++this.#values > this.#limits.values)
      throw new JsonFailure('too-many', `More than ${this.#limits.values} values`)
    this.#skipBlanks()
    switch (this.#text[this.#at] ?? '') {
      case '[':
        return this.#begin({ kind: 'array', value: [] }, ']')
      case '{':
        return this.#begin({ kind: 'object', value: Object.create(null) as Record<string, Json>, name: '' }, '}')
      case '"':
        return this.#take(this.#string())
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#take(this.#number())
    }
  }

  #begin(container: Container, end: string): void {
    this.#at++
    if (this.#open.length >= this.#limits.depth)
      throw new JsonFailure('too-deep', `More than ${this.#limits.depth} levels of arrays and objects`)
    this.#skipBlanks()
    if (this.#text[this.#at] === end) {
      this.#at++
      return this.#take(container.value)
    }
    this.#open.push(container)
    if (container.kind === 'object') this.#name(container)
  }

  #name(container: Extract<Container, { kind: 'object' }>): void {
    this.#skipBlanks()
    if (this.#text[this.#at] !== '"') throw this.#wrong('a name in quotation marks')
    const name = this.#string()
    if (name in container.value)
      throw new JsonFailure('not-json', `The name ${JSON.stringify(name.slice(0, 100))} stands twice in one object`)
    this.#skipBlanks()
    this.#expect(':')
    container.name = name
  }

  /** A value is complete: so may be what it stands in. */
  #take(value: Json): void {
    for (let complete: Json = value; ; ) {
      const container = this.#open.at(-1)
      if (!container) return this.#end(complete)
      if (container.kind === 'array') container.value.push(complete)
      else container.value[container.name] = complete
      this.#skipBlanks()
      const next = this.#text[this.#at]
      if (next === ',') {
        this.#at++
        if (container.kind === 'object') this.#name(container)
        return
      }
      this.#expect(container.kind === 'array' ? ']' : '}')
      this.#open.pop()
      complete = container.value
    }
  }

  #end(value: Json): void {
    this.#skipBlanks()
    if (this.#at < this.#text.length) throw this.#wrong('the end')
    this.#value = value
    this.#done = true
  }

  #string(): string {
    let text = ''
    this.#at++
    for (;;) {
      plainCharacters.lastIndex = this.#at
      text += plainCharacters.exec(this.#text)?.[0] ?? ''
      this.#at = plainCharacters.lastIndex
      const next = this.#text[this.#at]
      if (next === '"') {
        this.#at++
        if (!text.isWellFormed()) throw new JsonFailure('not-json', 'A string has half of a surrogate pair')
        return text
      }
      if (next !== '\\') throw this.#wrong('the end of a string')
      text += this.#escaped()
    }
  }

  #escaped(): string {
    const letter = this.#text[this.#at + 1] ?? ''
    if (letter === 'u') {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#wrong('four hexadecimal digits')
      this.#at += 6
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const character = escapes[letter]
    if (character === undefined || letter === '') throw this.#wrong('an escape that JSON has')
    this.#at += 2
    return character
  }

  #number(): number {
    number.lastIndex = this.#at
    const digits = number.exec(this.#text)?.[0]
    if (digits === undefined) throw this.#wrong('a value')
    this.#at += digits.length
    const value = Number(digits)
    if (!Number.isFinite(value)) throw new JsonFailure('not-json', 'A number is too large')
    return value
  }

  #word(word: string, value: Json): void {
    if (!this.#text.startsWith(word, this.#at)) throw this.#wrong('a value')
    this.#at += word.length
    this.#take(value)
  }

  #skipBlanks(): void {
    blanks.lastIndex = this.#at
    blanks.test(this.#text)
    this.#at = blanks.lastIndex
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#wrong(`“${character}”`)
    this.#at++
  }

  #wrong(wanted: string): JsonFailure {
    return new JsonFailure('not-json', `Where ${wanted} should be at character ${this.#at} there is something else`)
  }
}
