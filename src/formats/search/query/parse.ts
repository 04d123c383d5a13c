/**
 * A search box's text read: words and "phrases", `operator:value`, `-not`, `OR`, parentheses, `from:(a OR b)`. Full-width colons, blanks,
 * parentheses and quotation marks count as the narrow ones. What is no operator is a word: `12:30`, `https://…`, `Re:`.
 */
import { readDate } from './dates.ts'
import {
  andWords,
  attachmentWords,
  noAttachmentWords,
  notWords,
  type Operator,
  operatorNamed,
  orWords,
  stateNamed,
} from './operators.ts'
import type { QueryProblem, QueryProblemCode } from './problems.ts'
import { maxQueryDepth, maxQueryTerms, maxQueryUnits, type Query, type TextField } from './query.ts'

export type ParsedQuery =
  /** undefined: nothing is asked for */
  { readonly query: Query | undefined; readonly problem?: undefined } | { readonly problem: QueryProblem }

export function parseQuery(text: string): ParsedQuery {
  try {
    return { query: new QueryReader(text).read() }
  } catch (error) {
    if (error instanceof Fault) return { problem: error.problem }
    throw error
  }
}

class Fault extends Error {
  readonly problem: QueryProblem
  constructor(code: QueryProblemCode, at: number, length: number) {
    super(code)
    this.problem = { code, at, length }
  }
}

type Word = { readonly at: number; readonly end: number; readonly text: string; readonly isQuoted: boolean }

/** As the narrow ones */
const wide: Readonly<Record<string, string>> = {
  '：': ':',
  '（': '(',
  '）': ')',
  '＂': '"',
  '“': '"',
  '”': '"',
  '„': '"',
  '－': '-',
  '−': '-',
  '｜': '|',
}

class QueryReader {
  readonly #text: string
  #at = 0
  #terms = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Query | undefined {
    if (this.#text.length > maxQueryUnits) throw new Fault('too-long', maxQueryUnits, this.#text.length - maxQueryUnits)
    const query = this.#alternatives(0, undefined)
    if (this.#at < this.#text.length) throw new Fault('stray-parenthesis', this.#at, 1)
    return query
  }

  /** `field`: inside `from:(…)` words are looked for there */
  #alternatives(depth: number, field: TextField | undefined): Query | undefined {
    if (depth > maxQueryDepth) throw new Fault('too-deep', this.#at, 1)
    const first = this.#all(depth, field)
    const of = first ? [first] : []
    for (;;) {
      const or = this.#takeWordOf(orWords)
      if (!or) break
      const next = this.#all(depth, field)
      if (of.length === 0 || !next) throw new Fault('dangling-or', or.at, or.end - or.at)
      of.push(next)
    }
    return of.length > 1 ? { kind: 'or', of } : of[0]
  }

  #all(depth: number, field: TextField | undefined): Query | undefined {
    const of: Query[] = []
    for (;;) {
      this.#skipBlanks()
      if (this.#at >= this.#text.length || this.#char() === ')' || this.#isNext(orWords)) break
      if (this.#takeWordOf(andWords)) continue
      of.push(this.#term(depth, field))
    }
    return of.length > 1 ? { kind: 'and', of } : of[0]
  }

  #term(depth: number, field: TextField | undefined): Query {
    const at = this.#at
    if (++this.#terms > maxQueryTerms) throw new Fault('too-many-terms', at, 1)
    if (depth > maxQueryDepth) throw new Fault('too-deep', at, 1)
    const not = this.#takeMinus() || this.#takeWordOf(notWords) !== undefined
    if (not) {
      this.#skipBlanks()
      if (this.#at >= this.#text.length || this.#char() === ')' || this.#isNext(orWords))
        throw new Fault('nothing-to-negate', at, this.#at - at)
      return { kind: 'not', of: this.#term(depth + 1, field) }
    }
    if (this.#char() === '(') return this.#group(depth, field)
    const operator = this.#takeOperator()
    if (operator && field) throw new Fault('operator-in-group', at, this.#at - at)
    if (operator) return this.#valued(operator, at, depth)
    const word = this.#word()
    return field ? { kind: 'field', field, text: word.text } : { kind: 'text', text: word.text }
  }

  #group(depth: number, field: TextField | undefined): Query {
    const at = this.#at++
    const inner = this.#alternatives(depth + 1, field)
    if (this.#char() !== ')') throw new Fault('unclosed-parenthesis', at, 1)
    this.#at++
    if (!inner) throw new Fault('no-value', at, this.#at - at)
    return inner
  }

  #valued(operator: Operator, at: number, depth: number): Query {
    this.#skipBlanks()
    if (this.#at >= this.#text.length || this.#char() === ')') throw new Fault('no-value', at, this.#at - at)
    if (!isTextField(operator)) return valueOf(operator, operator === 'header' ? this.#headerWord() : this.#word())
    if (this.#char() === '(') return this.#group(depth, operator)
    return { kind: 'field', field: operator, text: this.#word().text }
  }

  /** `name:`, where the name is an operator's */
  #takeOperator(): Operator | undefined {
    for (let at = this.#at; at < Math.min(this.#text.length, this.#at + 16); at++) {
      const char = this.#char(at)
      if (char === ':') {
        const operator = operatorNamed(this.#text.slice(this.#at, at))
        if (operator) this.#at = at + 1
        return operator
      }
      if (isBlank(char) || char === '"' || char === '(' || char === ')') return undefined
    }
    return undefined
  }

  /** `Name:"a phrase"` is one word. */
  #headerWord(): Word {
    const name = this.#word()
    if (name.isQuoted || !/[:：]$/.test(name.text) || this.#char() !== '"') return name
    const phrase = this.#phrase()
    return { ...phrase, at: name.at, text: name.text + phrase.text }
  }

  /** A phrase, or what stands up to a blank, a parenthesis or a quotation mark */
  #word(): Word {
    const at = this.#at
    if (this.#char() === '"') return this.#phrase()
    while (this.#at < this.#text.length && !/^["()]$/.test(this.#char()) && !isBlank(this.#char())) this.#at++
    // a parenthesis that begins a value that takes none
    if (this.#at === at) throw new Fault('no-value', at, 1)
    return { at, end: this.#at, text: this.#text.slice(at, this.#at), isQuoted: false }
  }

  /** A backslash makes a quotation mark, or another backslash, part of the phrase. */
  #phrase(): Word {
    const at = this.#at++
    let text = ''
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text.charAt(this.#at)
      const next = this.#char(this.#at + 1)
      if (this.#char() === '"') {
        this.#at++
        if (text === '') throw new Fault('no-value', at, this.#at - at)
        return { at, end: this.#at, text, isQuoted: true }
      }
      if (char === '\\' && (next === '"' || next === '\\')) this.#at++
      text += this.#text.charAt(this.#at)
    }
    throw new Fault('unclosed-quote', at, 1)
  }

  #takeMinus(): boolean {
    if (this.#char() !== '-') return false
    this.#at++
    return true
  }

  #takeWordOf(words: ReadonlySet<string>): { readonly at: number; readonly end: number } | undefined {
    this.#skipBlanks()
    const end = this.#wordEnd()
    const at = this.#at
    if (!words.has(this.#text.slice(at, end).normalize('NFKC'))) return undefined
    this.#at = end
    return { at, end }
  }

  #isNext(words: ReadonlySet<string>): boolean {
    return words.has(this.#text.slice(this.#at, this.#wordEnd()).normalize('NFKC'))
  }

  #wordEnd(): number {
    let end = this.#at
    while (
      end < this.#text.length &&
      end < this.#at + 8 &&
      !/^["()]$/.test(this.#char(end)) &&
      !isBlank(this.#char(end))
    )
      end++
    return end
  }

  #skipBlanks(): void {
    while (this.#at < this.#text.length && isBlank(this.#char())) this.#at++
  }

  #char(at = this.#at): string {
    const char = this.#text.charAt(at)
    return wide[char] ?? char
  }
}

const textFields: ReadonlySet<string> = new Set<TextField>([
  'from',
  'to',
  'cc',
  'bcc',
  'subject',
  'body',
  'filename',
  'list',
])

function isTextField(operator: Operator): operator is TextField {
  return textFields.has(operator)
}

function isBlank(char: string): boolean {
  return /^\s$/.test(char)
}

function valueOf(operator: Exclude<Operator, TextField>, { at, end, text, isQuoted }: Word): Query {
  const fault = (code: QueryProblemCode) => new Fault(code, at, end - at)
  const plain = text.normalize('NFKC').toLowerCase()
  switch (operator) {
    case 'attached':
      if (!isQuoted && attachmentWords.has(plain)) return { kind: 'attachment' }
      if (!isQuoted && noAttachmentWords.has(plain)) return { kind: 'not', of: { kind: 'attachment' } }
      return { kind: 'field', field: 'filename', text }
    case 'has':
      if (!attachmentWords.has(plain)) throw fault('unknown-thing')
      return { kind: 'attachment' }
    case 'in':
      return { kind: 'in', mailbox: text, at, length: end - at }
    case 'label':
      return { kind: 'label', label: text, at, length: end - at }
    case 'is': {
      const state = stateNamed(text)
      if (!state) throw fault('unknown-state')
      return { kind: 'is', state }
    }
    case 'header': {
      const [, name, value = ''] = /^([!-9;-~]+)(?:[:：]\s*(.*))?$/su.exec(text) ?? []
      if (name === undefined) throw fault('bad-header')
      return { kind: 'header', name, text: value }
    }
    case 'larger':
    case 'smaller': {
      const octets = readSize(plain)
      if (octets === undefined) throw fault('bad-size')
      return { kind: 'size', operator, octets }
    }
    case 'before':
    case 'after':
    case 'on':
    case 'older':
    case 'newer': {
      const date = readDate(text)
      if (!date) throw fault('bad-date')
      return { kind: 'date', operator, date }
    }
  }
}

const multiples: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

function readSize(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)([kmg]?)(?:i?b)?$/.exec(text) ?? []
  return number === '' ? undefined : Math.round(Number(number) * (multiples[unit] ?? 1))
}
