/**
 * A message cut into tokens: what a filter learns by. Latin and other spaced scripts by words, Japanese and its like by every two
 * characters and by runs of one script (当選, アカウント). Each zone has tokens of its own: a word in the subject is another than in the text.
 */
import { fold } from '#formats/search/fold.ts'
import { isCjk } from '#formats/search/grams.ts'
import { maxTokens } from './limits.ts'

/** Collects distinct tokens up to a bound; beyond it those of the text are chosen by chance that nobody outside can foresee. */
export class TokenBag {
  readonly #seed: number
  /** From the header, links and attachments: few, and worth more */
  readonly #chosen = new Set<string>()
  readonly #text = new Set<string>()

  constructor(seed: number) {
    this.#seed = seed
  }

  add(token: string): void {
    if (this.#chosen.size < maxTokens / 2) this.#chosen.add(token)
  }

  addText(prefix: string, text: string, chosen = false): void {
    const into = chosen ? this.#chosen : this.#text
    for (const token of textTokens(text)) {
      if (chosen && into.size >= maxTokens / 2) return
      into.add(prefix + token)
    }
  }

  tokens(): readonly string[] {
    const room = maxTokens - this.#chosen.size
    if (this.#text.size <= room) return [...this.#chosen, ...this.#text]
    const seed = this.#seed
    const ranked = [...this.#text].map(token => ({ token, rank: tokenHash(token, seed) }))
    ranked.sort((a, b) => a.rank - b.rank)
    return [...this.#chosen, ...ranked.slice(0, room).map(({ token }) => token)]
  }
}

/** Zero-width and soft signs by which words are torn apart. */
const unseen = /[\u00ad\u200b-\u200f\u2060\ufeff]/g

/** In the order of the text, repetitions included. */
export function* textTokens(text: string): Generator<string> {
  const folded = fold(text.replace(unseen, ''))
  let kind: Kind = 'none'
  let start = 0
  for (let at = 0; at <= folded.length; at++) {
    const next = at < folded.length ? kindOf(folded.charCodeAt(at)) : 'none'
    if (next === kind) continue
    yield* tokensOfRun(folded, start, at, kind)
    // two characters of different scripts side by side say something too: お金
    if (isJapanese(kind) && isJapanese(next)) yield folded.slice(at - 1, at + 1)
    kind = next
    start = at
  }
}

function* tokensOfRun(text: string, start: number, end: number, kind: Kind): Generator<string> {
  const length = end - start
  switch (kind) {
    case 'none':
      return
    case 'word':
      if (length >= 2 && length <= 24) yield text.slice(start, end)
      else if (length > 24) yield `~${text.slice(start, start + 2)}${Math.min(9, length >> 4)}`
      return
    case 'digits':
      yield `#${Math.min(length, 12)}`
      return
    case 'hiragana':
    case 'katakana':
    case 'ideographs':
      for (let at = start; at + 1 < end; at++) yield text.slice(at, at + 2)
      // one that is no more than grammar in hiragana tells nothing as a whole
      if (kind !== 'hiragana' && length >= 3 && length <= 12) yield text.slice(start, end)
      return
    default:
      kind satisfies never
  }
}

type Kind = 'none' | 'word' | 'digits' | 'hiragana' | 'katakana' | 'ideographs'

function isJapanese(kind: Kind): boolean {
  return kind === 'hiragana' || kind === 'katakana' || kind === 'ideographs'
}

function kindOf(unit: number): Kind {
  if (unit < 128) {
    if (unit >= 48 && unit <= 57) return 'digits'
    return (unit >= 97 && unit <= 122) || unit === 36 || unit === 39 ? 'word' : 'none'
  }
  if (unit >= 0x3041 && unit <= 0x309f) return 'hiragana'
  if (unit >= 0x30a1 && unit <= 0x30ff) return 'katakana'
  if (unit === 0x3005 || unit === 0x3006 || (isCjk(unit) && (unit >= 0x3400 || (unit >= 0x2e80 && unit < 0x2fe0))))
    return 'ideographs'
  if (unit === 0xa5) return 'word'
  return unit >= 0xc0 && !(unit >= 0x2000 && unit < 0x3400) && !(unit >= 0xd800 && unit < 0xf900) && unit < 0xfff0
    ? 'word'
    : 'none'
}

/** 48 bits. Seeded, so that nobody outside can write a token that passes for another. */
export function tokenHash(token: string, seed: number): number {
  let high = seed
  let low = ~seed
  for (let at = 0; at < token.length; at++) {
    const unit = token.charCodeAt(at)
    high = (Math.imul(high, 31) + unit) | 0
    low = Math.imul(low ^ unit, 0x85ebca6b)
    low ^= low >>> 15
  }
  high ^= high >>> 16
  return (Math.imul(high, 0xc2b2ae35) >>> 16) * 0x1_0000_0000 + (low >>> 0)
}
