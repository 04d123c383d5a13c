/** POSIX extended regular expressions → tree. draft-ietf-sieve-regex §4; the classes \w \s \d and word edges are what people write besides. */
import type { Text } from '#base/text.ts'
import { maxRegexDepth } from '../limits.ts'

export type RegexNode =
  | { readonly kind: 'set'; readonly ranges: Ranges; readonly negated: boolean }
  | { readonly kind: 'begin' | 'end' | 'edge' | 'noedge' | 'wordbegin' | 'wordend' }
  | { readonly kind: 'sequence'; readonly nodes: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly nodes: readonly RegexNode[] }
  | { readonly kind: 'group'; readonly index: number; readonly node: RegexNode }
  | { readonly kind: 'repeat'; readonly node: RegexNode; readonly min: number; readonly max: number }

/** Code points, pairs of first and last */
export type Ranges = readonly (readonly [number, number])[]

export class RegexMistake extends Error {
  readonly text: Text
  constructor(text: Text) {
    super(text.en)
    this.text = text
  }
}

/** POSIX RE_DUP_MAX */
const maxRepeat = 255
const digit: Ranges = [[48, 57]]
const upper: Ranges = [[65, 90]]
const lower: Ranges = [[97, 122]]
const blank: Ranges = [
  [9, 9],
  [32, 32],
]
const space: Ranges = [
  [9, 13],
  [32, 32],
]
/** Letters beyond ASCII count as such: names of people are made of them */
const beyondAscii: Ranges = [
  [0xaa, 0xaa],
  [0xb5, 0xb5],
  [0xba, 0xba],
  [0xc0, 0x1fff],
  [0x2c00, 0x2fef],
  [0x3005, 0x3007],
  [0x3031, 0xd7ff],
  [0xf900, 0xfdff],
  [0xfe70, 0xfefe],
  [0xff10, 0xffdc],
  [0x10000, 0x10ffff],
]
const alpha: Ranges = [...upper, ...lower, ...beyondAscii]
const alnum: Ranges = [...alpha, ...digit]
const word: Ranges = [...alnum, [95, 95]]
const punct: Ranges = [
  [33, 47],
  [58, 64],
  [91, 96],
  [123, 126],
]
const classes: Readonly<Record<string, Ranges>> = {
  alpha,
  digit,
  alnum,
  upper,
  lower,
  blank,
  space,
  punct,
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  graph: [[33, 126], ...beyondAscii],
  print: [[32, 126], ...beyondAscii],
  xdigit: [...digit, [65, 70], [97, 102]],
}
const escapes: Readonly<Record<string, RegexNode>> = {
  w: { kind: 'set', ranges: word, negated: false },
  W: { kind: 'set', ranges: word, negated: true },
  s: { kind: 'set', ranges: space, negated: false },
  S: { kind: 'set', ranges: space, negated: true },
  d: { kind: 'set', ranges: digit, negated: false },
  D: { kind: 'set', ranges: digit, negated: true },
  b: { kind: 'edge' },
  B: { kind: 'noedge' },
  '<': { kind: 'wordbegin' },
  '>': { kind: 'wordend' },
}

export function isWord(codePoint: number): boolean {
  return word.some(([from, to]) => codePoint >= from && codePoint <= to)
}

/** Throws RegexMistake. */
export function parseRegex(pattern: string): { readonly node: RegexNode; readonly groups: number } {
  const parser = new RegexParser(pattern)
  return { node: parser.whole(), groups: parser.groups }
}

class RegexParser {
  readonly #points: readonly number[]
  #at = 0
  #depth = 0
  groups = 0

  constructor(pattern: string) {
    this.#points = Array.from(pattern, character => character.codePointAt(0) ?? 0)
  }

  whole(): RegexNode {
    const node = this.#choice()
    if (this.#at < this.#points.length) throw new RegexMistake(mistakes.close)
    return node
  }

  #choice(): RegexNode {
    const nodes = [this.#sequence()]
    while (this.#take('|')) nodes.push(this.#sequence())
    return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'choice', nodes }
  }

  #sequence(): RegexNode {
    const nodes: RegexNode[] = []
    while (this.#at < this.#points.length && !this.#is('|') && !this.#is(')')) nodes.push(this.#repeated())
    return { kind: 'sequence', nodes }
  }

  #repeated(): RegexNode {
    let node = this.#atom()
    for (let count = 0; ; count++) {
      const bounds = this.#bounds()
      if (!bounds) return node
      if (count > maxRegexDepth) throw new RegexMistake(mistakes.large)
      node = { kind: 'repeat', node, min: bounds[0], max: bounds[1] }
    }
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity]
    if (this.#take('+')) return [1, Infinity]
    if (this.#take('?')) return [0, 1]
    return this.#is('{') ? this.#interval() : undefined
  }

  #interval(): readonly [number, number] {
    const rest = String.fromCodePoint(...this.#points.slice(this.#at, this.#at + 12))
    const [whole, from = '', comma, to = ''] = /^\{(\d{1,4})(,)?(\d{1,4})?\}/.exec(rest) ?? []
    if (whole === undefined) throw new RegexMistake(mistakes.interval)
    this.#at += whole.length
    const min = Number(from)
    const max = to === '' ? (comma ? Infinity : min) : Number(to)
    if (min > maxRepeat || (max !== Infinity && max > maxRepeat)) throw new RegexMistake(mistakes.large)
    if (max < min) throw new RegexMistake(mistakes.interval)
    return [min, max]
  }

  #atom(): RegexNode {
    if (this.#take('(')) return this.#group()
    if (this.#take('[')) return this.#bracket()
    if (this.#take('.')) return { kind: 'set', ranges: [], negated: true }
    if (this.#take('^')) return { kind: 'begin' }
    if (this.#take('$')) return { kind: 'end' }
    if (this.#take('\\')) return this.#escape()
    if (this.#is('*') || this.#is('+') || this.#is('?') || this.#is('{')) throw new RegexMistake(mistakes.nothing)
    return literal(this.#next())
  }

  #group(): RegexNode {
    if (++this.#depth > maxRegexDepth) throw new RegexMistake(mistakes.deep)
    const index = ++this.groups
    const node = this.#choice()
    if (!this.#take(')')) throw new RegexMistake(mistakes.open)
    this.#depth--
    return { kind: 'group', index, node }
  }

  #escape(): RegexNode {
    if (this.#at >= this.#points.length) throw new RegexMistake(mistakes.escape)
    const point = this.#next()
    const character = String.fromCodePoint(point)
    if (character >= '1' && character <= '9') throw new RegexMistake(mistakes.reference)
    return (Object.hasOwn(escapes, character) && escapes[character]) || literal(point)
  }

  /** `]` stands for itself in front, `-` at either end; a backslash is no escape here. POSIX 9.3.5 */
  #bracket(): RegexNode {
    const negated = this.#take('^')
    const ranges: (readonly [number, number])[] = []
    for (let first = true; first || !this.#is(']'); first = false) {
      if (this.#at >= this.#points.length) throw new RegexMistake(mistakes.bracket)
      const set = this.#classInBracket()
      if (set) {
        ranges.push(...set)
        continue
      }
      const from = this.#bracketElement()
      if (!this.#is('-') || this.#points[this.#at + 1] === 93) {
        ranges.push([from, from])
        continue
      }
      this.#at++
      const to = this.#bracketElement()
      if (to < from) throw new RegexMistake(mistakes.range)
      ranges.push([from, to])
    }
    this.#at++
    return { kind: 'set', ranges, negated }
  }

  #classInBracket(): Ranges | undefined {
    const name = this.#named(':')
    if (name === undefined) return undefined
    const set = Object.hasOwn(classes, name) ? classes[name] : undefined
    if (!set) throw new RegexMistake(mistakes.className)
    return set
  }

  #bracketElement(): number {
    if (this.#at >= this.#points.length) throw new RegexMistake(mistakes.bracket)
    const named = this.#named('.') ?? this.#named('=')
    if (named === undefined) return this.#next()
    const [only, ...more] = Array.from(named)
    if (only === undefined || more.length > 0) throw new RegexMistake(mistakes.collating)
    return only.codePointAt(0) ?? 0
  }

  /** `[:name:]`, `[.x.]`, `[=x=]` */
  #named(mark: string): string | undefined {
    const code = mark.charCodeAt(0)
    if (!this.#is('[') || this.#points[this.#at + 1] !== code) return undefined
    const limit = Math.min(this.#points.length - 1, this.#at + 20)
    for (let at = this.#at + 3; at < limit; at++) {
      if (this.#points[at] !== code || this.#points[at + 1] !== 93) continue
      const name = String.fromCodePoint(...this.#points.slice(this.#at + 2, at))
      this.#at = at + 2
      return name
    }
    throw new RegexMistake(mistakes.bracket)
  }

  #is(character: string): boolean {
    return this.#points[this.#at] === character.charCodeAt(0)
  }

  #take(character: string): boolean {
    if (!this.#is(character)) return false
    this.#at++
    return true
  }

  #next(): number {
    return this.#points[this.#at++] ?? 0
  }
}

function literal(point: number): RegexNode {
  return { kind: 'set', ranges: [[point, point]], negated: false }
}

const mistakes = {
  close: { en: 'a closing parenthesis too many', ja: '閉じ括弧が多すぎます' },
  open: { en: 'a parenthesis is not closed', ja: '括弧が閉じられていません' },
  bracket: { en: 'a bracket is not closed', ja: '角括弧が閉じられていません' },
  interval: {
    en: 'after { must stand numbers such as {2} or {2,4}',
    ja: '{ のあとには {2} や {2,4} のような数が必要です',
  },
  nothing: { en: 'there is nothing to repeat', ja: '繰り返す対象がありません' },
  escape: { en: 'a backslash at the end', ja: '末尾にバックスラッシュがあります' },
  reference: { en: 'there are no back-references', ja: '後方参照は使えません' },
  range: { en: 'a range whose end comes before its start', ja: '範囲の終わりが始まりより前にあります' },
  className: { en: 'an unknown class in brackets', ja: '角括弧の中のクラス名がわかりません' },
  collating: { en: 'there are no collating elements of several characters', ja: '複数文字の照合要素は使えません' },
  deep: { en: 'groups are nested too deep', ja: '括弧の入れ子が深すぎます' },
  large: { en: 'it repeats too much', ja: '繰り返しが多すぎます' },
} as const satisfies Record<string, Text>

export const tooManyStates: Text = { en: 'it is too large', ja: '大きすぎます' }
