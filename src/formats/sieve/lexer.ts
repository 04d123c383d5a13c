/** Tokens of a script. RFC 5228 §8.1 */
import type { Text } from '#base/text.ts'
import { maxNumber } from './limits.ts'
import type { Comment, Place, Quantifier } from './syntax.ts'
import { factorOf } from './syntax.ts'
import { texts } from './texts.ts'

export type Token = { readonly at: Place; readonly from: number; readonly to: number } & (
  | { readonly kind: 'identifier' | 'tag'; readonly name: string }
  | { readonly kind: 'number'; readonly number: number; readonly quantifier: Quantifier }
  | { readonly kind: 'string'; readonly text: string; readonly multiline: boolean }
  | { readonly kind: 'mark'; readonly mark: Mark }
  | { readonly kind: 'bad'; readonly text: Text }
  | { readonly kind: 'end' }
)
export type Mark = '{' | '}' | '(' | ')' | '[' | ']' | ',' | ';'

const blanks = /[ \t\r\n\ufeff]+/y
const lineComment = /#[^\n]*/y
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y
const digits = /([0-9]+)([KkMmGg]?)(?![A-Za-z0-9_])/y
const multilineStart = /text:[ \t]*(?:#[^\n]*)?\r?\n/iy
const quotedPiece = /[^"\\]*/y
const marks = new Set<string>(['{', '}', '(', ')', '[', ']', ',', ';'])

export class Lexer {
  readonly #text: string
  #at = 0
  #line = 1
  #lineStart = 0
  /** The next line end that has not been counted */
  #feed: number
  /** Gathered before the token that `next` gave last */
  comments: Comment[] = []

  constructor(text: string) {
    this.#text = text
    this.#feed = feedFrom(text, 0)
  }

  next(): Token {
    const bad = this.#skip()
    if (bad) return bad
    const from = this.#at
    const at = this.#place()
    const token = this.#read(from)
    this.#newLines(this.#at)
    return { ...token, at, from, to: this.#at } as Token
  }

  /** Blanks and comments */
  #skip(): Token | undefined {
    this.comments = []
    const began = this.#at
    let lineBefore = this.#line
    for (;;) {
      if (this.#match(blanks)) this.#newLines(this.#at)
      const at = this.#at
      const isLine = this.#text[at] === '#'
      if (!isLine && !this.#text.startsWith('/*', at)) return undefined
      const place = this.#place()
      if (isLine) this.#match(lineComment)
      else {
        const close = this.#text.indexOf('*/', at + 2)
        this.#at = close < 0 ? this.#text.length : close + 2
        if (close < 0) return { kind: 'bad', text: texts.openComment, at: place, from: at, to: this.#at }
      }
      const text = this.#text.slice(at, this.#at).replace(/\r$/, '')
      this.comments.push({ text, sameLine: began > 0 && place.line === lineBefore })
      this.#newLines(this.#at)
      lineBefore = this.#line
    }
  }

  #read(from: number): object {
    if (from >= this.#text.length) return { kind: 'end' }
    const first = this.#text.charAt(from)
    if (first === '"') return this.#quoted(from)
    if (this.#match(multilineStart)) return this.#multiline()
    const word = this.#match(identifier)
    if (word) return { kind: 'identifier', name: word[0] }
    if (first === ':') return this.#tag()
    if (first >= '0' && first <= '9') return this.#number()
    this.#at = from + 1
    if (marks.has(first)) return { kind: 'mark', mark: first }
    // a whole character, also one of two units
    const character = String.fromCodePoint(this.#text.codePointAt(from) ?? 0)
    this.#at = from + character.length
    return { kind: 'bad', text: texts.strayCharacter(character) }
  }

  #tag(): object {
    this.#at++
    const word = this.#match(identifier)
    return word ? { kind: 'tag', name: word[0] } : { kind: 'bad', text: texts.strayCharacter(':') }
  }

  #number(): object {
    const found = this.#match(digits)
    if (!found) {
      this.#match(/[A-Za-z0-9_]+/y)
      return { kind: 'bad', text: texts.badNumber }
    }
    const quantifier = (found[2] ?? '').toUpperCase() as Quantifier
    const number = Number(found[1])
    if (number * factorOf[quantifier] > maxNumber) return { kind: 'bad', text: texts.largeNumber }
    return { kind: 'number', number, quantifier }
  }

  /** §2.4.2: a backslash before anything but `"` and `\` is dropped */
  #quoted(from: number): object {
    let text = ''
    this.#at = from + 1
    for (;;) {
      text += this.#match(quotedPiece)?.[0] ?? ''
      const mark = this.#text[this.#at]
      if (mark === undefined) return { kind: 'bad', text: texts.openString }
      this.#at++
      if (mark === '"') break
      const escaped = this.#text[this.#at]
      if (escaped === undefined) return { kind: 'bad', text: texts.openString }
      text += escaped
      this.#at++
    }
    return text.includes('\0') ? { kind: 'bad', text: texts.nul } : { kind: 'string', text, multiline: false }
  }

  #multiline(): object {
    const lines: string[] = []
    for (;;) {
      const feed = this.#text.indexOf('\n', this.#at)
      const end = feed < 0 ? this.#text.length : feed
      const line = this.#text.slice(this.#at, end).replace(/\r$/, '')
      this.#at = feed < 0 ? end : feed + 1
      if (line === '.') break
      if (feed < 0) return { kind: 'bad', text: texts.openText }
      lines.push(line.startsWith('..') ? line.slice(1) : line)
    }
    const text = lines.map(line => `${line}\r\n`).join('')
    return text.includes('\0') ? { kind: 'bad', text: texts.nul } : { kind: 'string', text, multiline: true }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found) this.#at = pattern.lastIndex
    return found
  }

  #place(): Place {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 }
  }

  /** Counts the line ends before `to`; each is looked for once. */
  #newLines(to: number): void {
    while (this.#feed < to) {
      this.#line++
      this.#lineStart = this.#feed + 1
      this.#feed = feedFrom(this.#text, this.#feed + 1)
    }
  }
}

function feedFrom(text: string, at: number): number {
  const feed = text.indexOf('\n', at)
  return feed < 0 ? Infinity : feed
}
