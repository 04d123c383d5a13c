/** A segment: the lists of a run of letters, numbered from 0, packed into blocks. How it answers. */
import { BlockReader } from './block.ts'
import { type Texts, unpackField } from './field-texts.ts'
import { type FactTerm, factOf, type Facts } from './facts.ts'
import { fieldGroupLetters } from './limits.ts'
import type { NeedlePlan } from './grams.ts'
import { fieldZones, planTerm, isFact, type SearchTerm, type TextTerm } from './term.ts'
import { wordKey } from './words.ts'

export type Segment = {
  readonly letters: number
  /** First key of each block, ascending */
  readonly firstKeys: Float64Array
  block(index: number): Uint8Array
  /** What words were hashed with */
  readonly wordSeed: number
  readonly facts: Facts
  /** Fields (field-texts.ts) of the letters from `index` times `fieldGroupLetters` on */
  fields(index: number): Uint8Array
}

export const noMatch = 0
export const match = 1
/** The index does not decide: the letter has to be read. */
export const undecided = 2

/** What the segment says of each letter. */
export function answerTerm(term: SearchTerm, segment: Segment): Uint8Array {
  if (isFact(term)) return answerFact(term, segment)
  const states = answerPlans(planTerm(term), segment)
  if (term.in === 'header' && Object.hasOwn(fieldZones, term.field)) decideByFields(term, segment, states)
  return states
}

function answerFact(term: FactTerm, { letters, facts }: Segment): Uint8Array {
  const states = new Uint8Array(letters)
  for (let letter = 0; letter < letters; letter++) if (factOf(term, facts, letter)) states[letter] = match
  return states
}

/** What a term of a field with a zone leaves open is in the fields that are kept. */
function decideByFields(term: TextTerm & { readonly in: 'header' }, segment: Segment, states: Uint8Array): void {
  let group: readonly (Texts | undefined)[] = []
  let index = -1
  for (let letter = 0; letter < states.length; letter++) {
    if (states[letter] !== undecided) continue
    if (Math.floor(letter / fieldGroupLetters) !== index) {
      index = Math.floor(letter / fieldGroupLetters)
      group = unpackField(segment.fields(index), term.field)
    }
    const texts = group[letter % fieldGroupLetters]
    // kept as null: too long
    if (texts === null) continue
    states[letter] = texts?.some(text => text.includes(term.text)) ? match : noMatch
  }
}

/** What any of the plans says of each letter. */
function answerPlans(plans: readonly NeedlePlan[], segment: Segment): Uint8Array {
  const states = new Uint8Array(segment.letters)
  for (const plan of plans)
    switch (plan.kind) {
      case 'anything':
        states.fill(match)
        break
      case 'unknown':
        for (let letter = 0; letter < states.length; letter++) if (states[letter] !== match) states[letter] = undecided
        break
      case 'word':
        markGrams([wordKey(plan.zone, plan.word, segment.wordSeed)], true, segment, states)
        break
      case 'range':
        markRange(plan.from, plan.to, segment, states)
        break
      case 'grams':
        markGrams(plan.keys, plan.exact, segment, states)
    }
  return states
}

function markRange(from: number, to: number, segment: Segment, states: Uint8Array): void {
  const letters = new Uint32Array(segment.letters)
  for (let index = Math.max(0, blockOf(segment, from)); index < segment.firstKeys.length; index++) {
    if ((segment.firstKeys[index] ?? 0) >= to) return
    const reader = blockReader(segment, index)
    for (let key = reader.next(); key !== undefined && key < to; key = reader.next()) {
      if (key < from) {
        reader.skip()
        continue
      }
      const count = reader.take(letters)
      for (let at = 0; at < count; at++) states[letters[at] ?? 0] = match
    }
  }
}

function markGrams(keys: readonly number[], exact: boolean, segment: Segment, states: Uint8Array): void {
  const lists: { readonly reader: BlockReader; readonly count: number }[] = []
  for (const key of keys) {
    const index = blockOf(segment, key)
    if (index < 0) return
    const reader = blockReader(segment, index)
    const count = reader.seek(key)
    if (count === 0) return
    lists.push({ reader, count })
  }
  lists.sort((a, b) => a.count - b.count)
  const [first, ...rest] = lists
  if (!first) return
  const common = new Uint32Array(segment.letters)
  const other = new Uint32Array(segment.letters)
  let count = first.reader.take(common)
  for (const { reader } of rest) {
    if (count === 0) return
    count = intersect(common, count, other, reader.take(other))
  }
  for (let at = 0; at < count; at++) {
    const letter = common[at] ?? 0
    if (exact) states[letter] = match
    else if (states[letter] !== match) states[letter] = undecided
  }
}

/** Keeps in `common` what both have; how many. */
function intersect(common: Uint32Array, count: number, other: Uint32Array, otherCount: number): number {
  let kept = 0
  let at = 0
  for (let index = 0; index < count; index++) {
    const letter = common[index] ?? 0
    while (at < otherCount && (other[at] ?? 0) < letter) at++
    if (at === otherCount) break
    if (other[at] === letter) common[kept++] = letter
  }
  return kept
}

/** Index of the block in which this key stands if it stands anywhere; -1 before the first. */
function blockOf({ firstKeys }: Segment, key: number): number {
  let low = 0
  let high = firstKeys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((firstKeys[middle] ?? 0) <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}

export function blockReader(segment: Segment, index: number): BlockReader {
  return new BlockReader({ firstKey: segment.firstKeys[index] ?? 0, bytes: segment.block(index) }, segment.letters)
}
