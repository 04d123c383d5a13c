/** The terminals of the response grammar, strict: one SP where the ABNF has one. RFC 9051 §9 */
import { complain } from './complaint.ts'

const atomChars = /[^\x00-\x20\x7f-\xff(){%*"\\\]]+/y
/** resp-specials are allowed in an astring */
const astringChars = /[^\x00-\x20\x7f-\xff(){%*"\\]+/y
const digits = /(?:0|[1-9]\d*)/y
const quotedChars = /"((?:[^"\\\r\n\0]|\\["\\])*)"/y
const literalHead = /~?\{(0|[1-9]\d*)\}\r\n/y
const maxNumber = 4_294_967_295
const maxModSeq = 9_223_372_036_854_775_807n

/** Octets stand as the characters U+0000 to U+00FF. */
export class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  fail(what: string): never {
    const near = JSON.stringify(this.text.slice(Math.max(0, this.at - 30), this.at + 40))
    return complain('syntax', `expected ${what} at ${this.at}, near ${near}, in ${JSON.stringify(clip(this.text))}`)
  }

  peek(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  try(text: string): boolean {
    if (!this.peek(text)) return false
    this.at += text.length
    return true
  }

  expect(text: string): void {
    if (!this.try(text)) this.fail(JSON.stringify(text))
  }

  sp(): void {
    this.expect(' ')
  }

  tryMatch(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (!found) return undefined
    this.at += found[0].length
    return found
  }

  match(pattern: RegExp, what: string): string {
    return this.tryMatch(pattern)?.[0] ?? this.fail(what)
  }

  number(): number {
    const value = Number(this.match(digits, 'a number'))
    return value <= maxNumber ? value : this.fail('a number of 32 bits')
  }

  nzNumber(): number {
    return this.number() || this.fail('a number above 0')
  }

  /** number64, and mod-sequence-value where 0 is allowed. RFC 7162 §7 */
  number64(): bigint {
    const value = BigInt(this.match(digits, 'a number'))
    return value <= maxModSeq ? value : this.fail('a number of 63 bits')
  }

  atom(): string {
    return this.match(atomChars, 'an atom')
  }

  /** flag, flag-perm (with \*) and mbx-list-flags */
  flag(): string {
    if (this.try('\\*')) return '\\*'
    return (this.try('\\') ? '\\' : '') + this.atom()
  }

  string(): string {
    const head = this.tryMatch(literalHead)
    if (head) {
      const end = this.at + Number(head[1])
      if (end > this.text.length) this.fail('the whole literal')
      const value = this.text.slice(this.at, end)
      this.at = end
      return value
    }
    const quoted = this.tryMatch(quotedChars)
    return quoted ? (quoted[1] ?? '').replaceAll(/\\(.)/g, '$1') : this.fail('a string')
  }

  nstring(): string | null {
    return this.try('NIL') ? null : this.string()
  }

  astring(): string {
    return this.tryMatch(astringChars)?.[0] ?? this.string()
  }

  /** `(item SP item …)`, maybe empty */
  list<Item>(item: () => Item): Item[] {
    this.expect('(')
    const items: Item[] = []
    if (this.try(')')) return items
    do items.push(item())
    while (this.try(' '))
    this.expect(')')
    return items
  }

  /** `(item item …)` without spaces, or NIL: addresses, body parts */
  packed<Item>(item: () => Item): Item[] {
    if (this.try('NIL')) return []
    this.expect('(')
    const items: Item[] = [item()]
    while (!this.try(')')) items.push(item())
    return items
  }

  /** uid-set or sequence-set without `*`, as a list of ranges */
  numberSet(): readonly (readonly [number, number])[] {
    const ranges: [number, number][] = []
    do {
      const first = this.nzNumber()
      ranges.push([first, this.try(':') ? this.nzNumber() : first])
    } while (this.try(','))
    return ranges
  }

  end(): void {
    if (this.at !== this.text.length) this.fail('the end of the response')
  }
}

export function clip(text: string, limit = 300): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} octets)`
}

/** The numbers of the ranges in the order they were written. */
export function expand(ranges: readonly (readonly [number, number])[]): number[] {
  const numbers: number[] = []
  for (const [from, to] of ranges) {
    const step = from <= to ? 1 : -1
    if (Math.abs(to - from) > 1_000_000) complain('syntax', `a range of more than a million numbers: ${from}:${to}`)
    for (let value = from; value !== to + step; value += step) numbers.push(value)
  }
  return numbers
}
