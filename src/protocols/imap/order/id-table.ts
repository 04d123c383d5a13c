/**
 * Message ids as small numbers, 24 octets each however long they are: what is kept is a hash of 53 bits under a key that
 * nobody outside knows. Two ids that share it would be taken for one, which joins two threads on the screen and nothing else.
 */
import { randomBytes } from 'node:crypto'

/** More ids than this are as if they were not named. */
const defaultLimit = 4_000_000
const seeds = new Uint32Array(randomBytes(8).buffer.slice(0, 8))

export class IdTable {
  readonly #limit: number
  /** Open addressing: hash, NaN for none; and its number */
  #hashes = new Float64Array(1024).fill(Number.NaN)
  #numbers = new Uint32Array(1024)
  #count = 0

  constructor(limit = defaultLimit) {
    this.#limit = limit
  }

  /** How many there are: numbers are below it. */
  get size(): number {
    return this.#count
  }

  /** The id's number, new when it was not known; undefined when there are too many. */
  numberOf(id: string): number | undefined {
    const hash = hashOf(id)
    const at = this.#place(hash)
    if (this.#hashes[at] === hash) return this.#numbers[at]
    if (this.#count >= this.#limit) return undefined
    this.#hashes[at] = hash
    this.#numbers[at] = this.#count
    if (2 * ++this.#count > this.#hashes.length) this.#grow()
    return this.#count - 1
  }

  #place(hash: number): number {
    const mask = this.#hashes.length - 1
    let at = (hash % 0x1_0000_0000) & mask
    while (!Number.isNaN(this.#hashes[at]) && this.#hashes[at] !== hash) at = (at + 1) & mask
    return at
  }

  #grow(): void {
    const [hashes, numbers] = [this.#hashes, this.#numbers]
    this.#hashes = new Float64Array(hashes.length * 2).fill(Number.NaN)
    this.#numbers = new Uint32Array(numbers.length * 2)
    for (let from = 0; from < hashes.length; from++) {
      const hash = hashes[from] ?? Number.NaN
      if (Number.isNaN(hash)) continue
      const at = this.#place(hash)
      this.#hashes[at] = hash
      this.#numbers[at] = numbers[from] ?? 0
    }
  }
}

/** Two multiplicative hashes with secret beginnings, 53 bits of them. */
function hashOf(id: string): number {
  let low = seeds[0] ?? 1
  let high = seeds[1] ?? 2
  for (let at = 0; at < id.length; at++) {
    const unit = id.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x85ebca6b)
    low ^= low >>> 15
    high = Math.imul(high ^ unit, 0xc2b2ae35)
    high ^= high >>> 13
  }
  low = Math.imul(low ^ (low >>> 16), 0x7feb352d)
  high = Math.imul(high ^ low ^ (high >>> 15), 0x846ca68b)
  return (high >>> 11) * 0x1_0000_0000 + ((low ^ (low >>> 15)) >>> 0)
}
