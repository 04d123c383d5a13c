/**
 * Gathers the grams of many letters, letter after letter, and gives them back as one list of letters per gram. Per unit of text
 * it does one look-up in a table: ASCII by its own value, all else by hashing.
 */
import { cjkUnit, endUnit, gramKey, isCjk, lowestUnit, type Zone, zoneCount, zones } from './grams.ts'
import { maxLetterFinds, rareWordLetters } from './limits.ts'
import { unitsOf } from './units.ts'
import { wordHashes } from './words.ts'

/** Gets a gram and the letters (numbered from 0, ascending) that hold it: those from `from` up to and without `to`. */
export type GramListUse = (key: number, letters: Uint32Array, from: number, to: number) => void

const asciiGrams = 1 << 21
/** What is kept for the next letters: about 10 MB in all */
const keptTable = 1 << 17
const keptFinds = 1 << 19

/** One zone's finds in the order they came: `slots` of letter n end at `ends[n]`. */
type ZoneFinds = { slots: Uint32Array; length: number; readonly ends: number[] }

export class GramCollector {
  /** Slot of a gram of ASCII units, plus one */
  readonly #ascii = new Uint32Array(asciiGrams)
  /** By gram of ASCII units, the letter and zone that had it last: most units of a text begin one that it has had */
  readonly #asciiSeen = new Uint32Array(asciiGrams)
  /** Open addressing: slot plus one */
  #table = new Uint32Array(1 << 14)
  /** By slot: the gram's units in two numbers, and the letter and zone that had it last */
  #high = new Uint32Array(1 << 13)
  #low = new Uint32Array(1 << 13)
  #seen = new Uint32Array(1 << 13)
  #wordSeen = new Uint32Array(1 << 13)
  #slots = 0
  #hashed = 0
  #letters = 0
  #serial = 0
  readonly #zones: ZoneFinds[] = []

  #wordSeed: number
  readonly #rareWordLetters: number

  /** Words that fewer letters have leave no list. */
  constructor(wordSeed: number, rareWord = rareWordLetters) {
    this.#wordSeed = wordSeed
    this.#rareWordLetters = rareWord
    for (let zone = 0; zone < zoneCount; zone++) this.#zones.push({ slots: new Uint32Array(1024), length: 0, ends: [] })
  }

  /** Empties it for other letters, perhaps of another index; what has grown large is let go. */
  reset(wordSeed: number): void {
    this.#wordSeed = wordSeed
    for (let slot = 0; slot < this.#slots; slot++) {
      const high = this.#high[slot] ?? 0
      const low = this.#low[slot] ?? 0
      if ((high | (low >>> 16) | (low & 0xffff)) < 128)
        this.#ascii[(high << 14) | ((low >>> 16) << 7) | (low & 127)] = 0
    }
    if (this.#table.length > keptTable) this.#table = new Uint32Array(1 << 14)
    else this.#table.fill(0)
    this.#slots = this.#hashed = this.#letters = 0
    if (this.#serial > 0x8000_0000) {
      this.#asciiSeen.fill(0)
      this.#seen.fill(0)
      this.#wordSeen.fill(0)
      this.#serial = 0
    }
    for (const zone of this.#zones) {
      if (zone.slots.length > keptFinds) zone.slots = new Uint32Array(1024)
      zone.length = 0
      zone.ends.length = 0
    }
  }

  get letters(): number {
    return this.#letters
  }

  /** Grams found so far, counted once a letter and zone: what memory grows with. */
  get finds(): number {
    return this.#zones.reduce((sum, zone) => sum + zone.length, 0)
  }

  /** The folded texts of one zone of the letter that is being read, in any number of calls with the same zone in a row. */
  add(zone: Zone, texts: Iterable<string>): void {
    this.#serial++
    const finds = this.#zones[zone]
    const words = this.#zones[zone === zones.header ? zones.headerWords : zones.bodyWords]
    if (!finds || !words) return
    const hasWords = zone === zones.header || zone === zones.body
    for (const text of texts) {
      if (this.letterFinds > maxLetterFinds) return
      const units = unitsOf(text)
      this.#addGrams(finds, units, text.length)
      if (hasWords) this.#addWords(words, units, text.length)
    }
  }

  /** A word counts as a gram of its own zone. It may share a slot with a gram of the same units: a find knows its zone. */
  #addWords(finds: ZoneFinds, units: Uint16Array, length: number): void {
    const hashes = wordHashes(units, length, this.#wordSeed)
    if (finds.length + hashes.length > finds.slots.length)
      finds.slots = grown(finds.slots, finds.length + hashes.length)
    for (let at = 0; at + 1 < hashes.length; at += 2) {
      const slot = this.#slot(hashes[at] ?? 0, hashes[at + 1] ?? 0)
      if (this.#wordSeen[slot] === this.#serial) continue
      this.#wordSeen[slot] = this.#serial
      finds.slots[finds.length++] = slot
    }
  }

  #slot(high: number, low: number): number {
    const second = low >>> 16
    const third = low & 0xffff
    if ((high | second | third) >= 128) return this.#hashedSlot(high, low)
    return (this.#ascii[(high << 14) | (second << 7) | third] || this.#newAscii(high, second, third)) - 1
  }

  /** Different grams so far. */
  get grams(): number {
    return this.#slots
  }

  /** Grams of the letter that is being read. */
  get letterFinds(): number {
    return this.#zones.reduce((sum, zone) => sum + zone.length - (zone.ends.at(-1) ?? 0), 0)
  }

  /** As if the letter that is being read had not been begun. */
  abandonLetter(): void {
    for (const zone of this.#zones) zone.length = zone.ends.at(-1) ?? 0
  }

  endLetter(): void {
    this.#letters++
    for (const zone of this.#zones) zone.ends.push(zone.length)
  }

  #addGrams(finds: ZoneFinds, units: Uint16Array, length: number): void {
    if (finds.length + length > finds.slots.length) finds.slots = grown(finds.slots, finds.length + length)
    const { slots } = finds
    const serial = this.#serial
    const ascii = this.#ascii
    const asciiSeen = this.#asciiSeen
    let count = finds.length
    let first = unit(units, 0, length)
    let second = unit(units, 1, length)
    for (let at = 0; at < length; at++) {
      const next = unit(units, at + 2, length)
      if ((first | second | next) < 128) {
        const gram = (first << 14) | (second << 7) | next
        if (asciiSeen[gram] !== serial) {
          asciiSeen[gram] = serial
          slots[count++] = (ascii[gram] || this.#newAscii(first, second, next)) - 1
        }
      } else {
        const slot = this.#slot(first, ((second << 16) | thirdUnit(first, second, next)) >>> 0)
        if (this.#seen[slot] !== serial) {
          this.#seen[slot] = serial
          slots[count++] = slot
        }
      }
      first = second
      second = next
    }
    finds.length = count
  }

  #newAscii(first: number, second: number, third: number): number {
    const slot = this.#newSlot(first, ((second << 16) | third) >>> 0) + 1
    this.#ascii[(first << 14) | (second << 7) | third] = slot
    return slot
  }

  #hashedSlot(high: number, low: number): number {
    const mask = this.#table.length - 1
    let at = hash(high, low) & mask
    for (;;) {
      const entry = this.#table[at] ?? 0
      if (entry === 0) break
      if (this.#high[entry - 1] === high && this.#low[entry - 1] === low) return entry - 1
      at = (at + 1) & mask
    }
    const slot = this.#newSlot(high, low)
    this.#table[at] = slot + 1
    this.#hashed++
    if (this.#hashed * 2 > this.#table.length) this.#rehash()
    return slot
  }

  #newSlot(high: number, low: number): number {
    if (this.#slots === this.#high.length) {
      this.#high = grown(this.#high, this.#slots + 1)
      this.#low = grown(this.#low, this.#slots + 1)
      this.#seen = grown(this.#seen, this.#slots + 1)
      this.#wordSeen = grown(this.#wordSeen, this.#slots + 1)
    }
    this.#high[this.#slots] = high
    this.#low[this.#slots] = low
    return this.#slots++
  }

  #rehash(): void {
    const old = this.#table
    const table = new Uint32Array(old.length * 2)
    for (const entry of old) {
      if (entry === 0) continue
      let at = hash(this.#high[entry - 1] ?? 0, this.#low[entry - 1] ?? 0) & (table.length - 1)
      while (table[at] !== 0) at = (at + 1) & (table.length - 1)
      table[at] = entry
    }
    this.#table = table
  }

  /** All lists in the order of their keys. */
  eachList(use: GramListUse): void {
    const order = this.#slotsInOrder()
    for (const [zone, finds] of this.#zones.entries()) {
      if (finds.length === 0) continue
      const { starts, letters } = this.#bySlot(finds)
      for (const slot of order) {
        const from = starts[slot] ?? 0
        const to = starts[slot + 1] ?? 0
        if (to - from < (zone >= zones.headerWords ? this.#rareWordLetters : 1)) continue
        const low = this.#low[slot] ?? 0
        const key = gramKey(zone as Zone, this.#high[slot] ?? 0, low >>> 16, low & 0xffff)
        use(key, letters, from, to)
      }
    }
  }

  /** Sorting plain numbers and looking their slots up again is much faster than sorting slots by comparison. */
  #slotsInOrder(): Uint32Array {
    const keys = new Float64Array(this.#slots)
    for (let slot = 0; slot < this.#slots; slot++)
      keys[slot] = (this.#high[slot] ?? 0) * 0x1_0000_0000 + (this.#low[slot] ?? 0)
    keys.sort()
    const order = new Uint32Array(this.#slots)
    for (const [index, key] of keys.entries()) {
      const low = key % 0x1_0000_0000
      order[index] = this.#slot((key - low) / 0x1_0000_0000, low)
    }
    return order
  }

  /** Finds ordered by slot, letters ascending within each. */
  #bySlot(finds: ZoneFinds): { readonly starts: Uint32Array; readonly letters: Uint32Array } {
    const starts = new Uint32Array(this.#slots + 1)
    for (let at = 0; at < finds.length; at++) starts[(finds.slots[at] ?? 0) + 1]! += 1
    for (let slot = 0; slot < this.#slots; slot++) starts[slot + 1]! += starts[slot] ?? 0
    const next = starts.slice()
    const letters = new Uint32Array(finds.length)
    let at = 0
    for (const [letter, end] of finds.ends.entries())
      for (; at < end; at++) letters[next[finds.slots[at] ?? 0]!++] = letter
    return { starts, letters }
  }
}

function unit(units: Uint16Array, at: number, length: number): number {
  if (at >= length) return endUnit
  const code = units[at] ?? 0
  return code < lowestUnit ? lowestUnit : code
}

function thirdUnit(first: number, second: number, next: number): number {
  if (second >= 0x2e80 && isCjk(second)) return endUnit
  if (first >= 0x2e80 && isCjk(first)) return endUnit
  return next >= 0x2e80 && isCjk(next) ? cjkUnit : next
}

function hash(high: number, low: number): number {
  let value = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  value ^= value >>> 15
  value = Math.imul(value, 0xc2b2ae35)
  return (value ^ (value >>> 13)) >>> 0
}

function grown(array: Uint32Array, needed: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(array.length * 2, needed))
  larger.set(array)
  return larger
}
