/**
 * Lists of many grams packed into blocks, in the order of their keys: `varint key gap, list` again and again, the first gap
 * counted from the key under which the block is filed. A segment is a run of such blocks over one numbering of letters.
 */
import { blockBytes } from './limits.ts'
import { listBound, listCount, readList, skipList, writeList } from './gram-list.ts'
import { type Cursor, maxVarintBytes, readVarint, writeVarint } from './varint.ts'

export type Block = { readonly firstKey: number; readonly bytes: Uint8Array<ArrayBuffer> }

export class BlockWriter {
  readonly #of: number
  readonly #write: (block: Block) => void
  #bytes = new Uint8Array(4 * blockBytes)
  #used = 0
  #firstKey = 0
  #lastKey = 0

  /** `of`: how many letters the segment has. `write` gets each block as soon as it is full. */
  constructor(of: number, write: (block: Block) => void) {
    this.#of = of
    this.#write = write
  }

  /** Keys ascending. The letters from `from` up to and without `to`; an empty list leaves no trace. */
  add(key: number, letters: Uint32Array, from = 0, to = letters.length): void {
    if (from >= to) return
    const bound = maxVarintBytes + listBound(to - from, this.#of)
    if (this.#used > 0 && this.#used + Math.min(bound, 64) > blockBytes) this.end()
    if (this.#used + bound > this.#bytes.length) this.#grow(this.#used + bound)
    if (this.#used === 0) this.#firstKey = this.#lastKey = key
    const at = writeVarint(this.#bytes, this.#used, key - this.#lastKey)
    this.#used = writeList(this.#bytes, at, letters, this.#of, from, to)
    this.#lastKey = key
    if (this.#used >= blockBytes) this.end()
  }

  /** Writes what is left. */
  end(): void {
    if (this.#used === 0) return
    this.#write({ firstKey: this.#firstKey, bytes: this.#bytes.slice(0, this.#used) })
    this.#used = 0
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(needed * 2)
    larger.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = larger
  }
}

/** Walks through one block. */
export class BlockReader {
  readonly #cursor: Cursor
  readonly #of: number
  #key: number

  constructor(block: { readonly firstKey: number; readonly bytes: Uint8Array }, of: number) {
    this.#cursor = { bytes: block.bytes, at: 0 }
    this.#of = of
    this.#key = block.firstKey
  }

  /** Key of the next list, or undefined at the end. Then either `take` or `skip`. */
  next(): number | undefined {
    if (this.#cursor.at >= this.#cursor.bytes.length) return undefined
    this.#key += readVarint(this.#cursor)
    return this.#key
  }

  /** Goes to the list of this gram, if the block has it: how many letters are in it, 0 without. */
  seek(key: number): number {
    for (let at = this.next(); at !== undefined && at <= key; at = this.next()) {
      if (at === key) return listCount(this.#cursor)
      this.skip()
    }
    return 0
  }

  take(into: Uint32Array): number {
    return readList(this.#cursor, this.#of, into)
  }

  skip(): void {
    skipList(this.#cursor, this.#of)
  }
}
