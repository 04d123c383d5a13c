/** Several segments become one. */
import { type Block, type BlockReader, BlockWriter } from './block.ts'
import { type FieldTexts, unpackFields } from './field-texts.ts'
import { fieldGroupLetters } from './limits.ts'
import { blockReader, type Segment } from './segment.ts'

export type MergeSource = {
  readonly segment: Segment
  /** New number of each of its letters, ascending; -1 for one that is gone */
  readonly numbers: Int32Array
}

/** Writes the lists of all sources as those of one segment with `letters` letters. Sources in the order of their new numbers. */
export function mergeSegments(sources: readonly MergeSource[], letters: number, write: (block: Block) => void): void {
  const writer = new BlockWriter(letters, write)
  const walks = new Walks(sources)
  const merged = new Uint32Array(letters)
  for (let key = walks.key; key < Infinity; key = walks.key) {
    let count = 0
    while (walks.key === key) count = walks.take(merged, count)
    writer.add(key, merged, 0, count)
  }
  writer.end()
}

/** The kept fields of the letters that stay, grouped anew. */
export function mergeFields(sources: readonly MergeSource[], write: (group: readonly FieldTexts[]) => void): void {
  let group: FieldTexts[] = []
  for (const { segment, numbers } of sources)
    for (let first = 0; first < segment.letters; first += fieldGroupLetters)
      for (const [index, fields] of groupOf(segment, first).entries()) {
        if ((numbers[first + index] ?? -1) < 0) continue
        group.push(fields)
        if (group.length < fieldGroupLetters) continue
        write(group)
        group = []
      }
  if (group.length > 0) write(group)
}

function groupOf(segment: Segment, first: number): readonly FieldTexts[] {
  const letters = Math.min(fieldGroupLetters, segment.letters - first)
  return unpackFields(segment.fields(first / fieldGroupLetters), letters)
}

/** All lists of all sources in the order of their keys, those of one key in the order of the sources. */
class Walks {
  readonly #walks: readonly Walk[]
  /** A heap of their indexes */
  readonly #heap: Int32Array

  constructor(sources: readonly MergeSource[]) {
    this.#walks = sources.map(source => new Walk(source))
    this.#heap = Int32Array.from(sources, (_, index) => index)
    this.#heap.sort((one, other) => (this.#isBefore(one, other) ? -1 : 1))
  }

  /** Of the list that `take` gives; Infinity at the end */
  get key(): number {
    return this.#keyOf(this.#heap[0] ?? 0)
  }

  /** Appends the letters of this list under their new numbers; the new count. */
  take(into: Uint32Array, count: number): number {
    const taken = this.#walks[this.#heap[0] ?? 0]?.take(into, count) ?? count
    this.#sink()
    return taken
  }

  /** The first one has another key now. */
  #sink(): void {
    const heap = this.#heap
    const walk = heap[0] ?? 0
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const other = child + 1
      if (other < heap.length && this.#isBefore(heap[other] ?? 0, heap[child] ?? 0)) child = other
      if (this.#isBefore(walk, heap[child] ?? 0)) break
      heap[at] = heap[child] ?? 0
      at = child
    }
    heap[at] = walk
  }

  #isBefore(one: number, other: number): boolean {
    const key = this.#keyOf(one)
    const otherKey = this.#keyOf(other)
    return key < otherKey || (key === otherKey && one < other)
  }

  #keyOf(walk: number): number {
    return this.#walks[walk]?.key ?? Infinity
  }
}

/** Goes through all lists of a segment in order. */
class Walk {
  readonly #segment: Segment
  readonly #numbers: Int32Array
  readonly #scratch: Uint32Array
  #block = 0
  #reader: BlockReader | undefined
  /** Of the list that `take` gives; Infinity at the end */
  key = 0

  constructor({ segment, numbers }: MergeSource) {
    this.#segment = segment
    this.#numbers = numbers
    this.#scratch = new Uint32Array(segment.letters)
    this.#forward()
  }

  #forward(): void {
    for (;;) {
      const key = this.#reader?.next()
      if (key !== undefined) return void (this.key = key)
      if (this.#block === this.#segment.firstKeys.length) return void (this.key = Infinity)
      this.#reader = blockReader(this.#segment, this.#block++)
    }
  }

  /** Appends the letters of this list under their new numbers; the new count. */
  take(into: Uint32Array, count: number): number {
    const read = this.#reader?.take(this.#scratch) ?? 0
    for (let at = 0; at < read; at++) {
      const number = this.#numbers[this.#scratch[at] ?? 0] ?? -1
      if (number >= 0) into[count++] = number
    }
    this.#forward()
    return count
  }
}
