/**
 * Walks a message line by line where it must and leaps where it can: finds the end of a header, the next boundary line of
 * any open multipart, and counts lines on the way. The position only ever grows.
 */
import { asciiText } from '#base/bytes.ts'
import type { ByteReader } from './byte-reader.ts'
import { maxBoundaryBytes, windowBytes } from './limits.ts'

/** A boundary line of the open multipart number `level`. */
export type Delimiter = {
  readonly level: number
  readonly closes: boolean
  /** Offset of its first `-` */
  readonly start: number
  /** After its line end */
  readonly end: number
}

const lineFeed = 10
const carriageReturn = 13
const hyphen = 45
const lineStartDashes = Buffer.from('\n--')
/** `--`, the boundary, `--`, some blanks and the line end */
const maxDelimiterBytes = maxBoundaryBytes + 64

export class LineScanner {
  readonly #reader: ByteReader
  /** At a line start, or at the end */
  at = 0
  /** The delimiter that the last scan stopped at; undefined at the end of the message */
  found: Delimiter | undefined
  #window: Buffer
  #windowStart = 0
  readonly #boundaries: string[] = []
  /** Innermost level of each boundary; equal boundaries hide each other */
  readonly #levels = new Map<string, number>()
  readonly #hidden: (number | undefined)[] = []
  #counting = 0
  #lines = 0
  #countedTo = 0

  constructor(reader: ByteReader) {
    this.#reader = reader
    const whole = reader.whole
    this.#window = whole ? Buffer.from(whole.buffer, whole.byteOffset, whole.length) : Buffer.alloc(0)
  }

  push(boundary: string): number {
    const level = this.#boundaries.push(boundary) - 1
    this.#hidden.push(this.#levels.get(boundary))
    this.#levels.set(boundary, level)
    return level
  }

  pop(): void {
    const boundary = this.#boundaries.pop() ?? ''
    const hidden = this.#hidden.pop()
    if (hidden === undefined) this.#levels.delete(boundary)
    else this.#levels.set(boundary, hidden)
  }

  /** Goes past the boundary line. */
  takeDelimiter(): void {
    if (!this.found) return
    this.countUpTo(this.found.start)
    this.at = this.found.end
    this.found = undefined
  }

  /** Goes past the header that begins here and its empty line; stops before a boundary line. Returns where the body begins. */
  skipHeader(): number {
    this.found = undefined
    while (this.at < this.#reader.sizeBytes) {
      const delimiter = this.#delimiterAt(this.at)
      if (delimiter) {
        this.found = delimiter
        return this.at
      }
      const first = this.#byte(this.at)
      const end = this.#lineEnd(this.at)
      const isEmpty = first === lineFeed || (first === carriageReturn && this.#byte(this.at + 1) === lineFeed)
      this.at = end
      if (isEmpty) return end
    }
    return this.at
  }

  /** Goes on to the next boundary line of any open multipart, or to the end. */
  toDelimiter(): void {
    this.found = this.#boundaries.length === 0 ? undefined : this.#nextDelimiter()
    this.at = this.found?.start ?? this.#reader.sizeBytes
  }

  /** Where the body that began there ends: before the line end that belongs to the boundary (RFC 2046 §5.1.1). Counts up to it. */
  bodyEnd(bodyStart: number): number {
    let end = this.found?.start ?? this.#reader.sizeBytes
    if (this.found && end > bodyStart && this.#byte(end - 1) === lineFeed) end--
    if (this.found && end > bodyStart && this.#byte(end - 1) === carriageReturn) end--
    this.countUpTo(end)
    return end
  }

  /** From here on lines are counted, until as many `stopCounting`. Returns the count so far. */
  startCounting(): number {
    if (this.#counting === 0) this.#countedTo = this.at
    this.#counting++
    this.countUpTo(this.at)
    return this.#lines
  }
  stopCounting(): number {
    this.#counting--
    return this.#lines
  }

  countUpTo(offset: number): void {
    if (this.#counting === 0) return
    while (this.#countedTo < offset) {
      this.#show(this.#countedTo, 1)
      const from = this.#countedTo - this.#windowStart
      const to = Math.min(offset - this.#windowStart, this.#window.length)
      if (to <= from) return
      this.#lines += countLineFeeds(this.#window, from, to)
      this.#countedTo = this.#windowStart + to
    }
  }

  #nextDelimiter(): Delimiter | undefined {
    const atOnce = this.#delimiterAt(this.at)
    if (atOnce) return atOnce
    let from = this.at
    while (from < this.#reader.sizeBytes) {
      this.#show(from, lineStartDashes.length)
      const index = this.#window.indexOf(lineStartDashes, from - this.#windowStart)
      if (index < 0) {
        // what stands before this window's end is no delimiter; its last two bytes may begin one
        const next = Math.max(from + 1, this.#windowStart + this.#window.length - 2)
        this.countUpTo(next)
        if (this.#windowStart + this.#window.length >= this.#reader.sizeBytes) return undefined
        from = next
        continue
      }
      const start = this.#windowStart + index + 1
      const delimiter = this.#delimiterAt(start)
      if (delimiter) return delimiter
      from = start
      if (!this.#reader.whole) this.countUpTo(start)
    }
    return undefined
  }

  /** The boundary line that begins here, if it is one. Blanks may follow the boundary (RFC 2046 §5.1.1), nothing else. */
  #delimiterAt(start: number): Delimiter | undefined {
    if (this.#boundaries.length === 0) return undefined
    if (this.#byte(start) !== hyphen || this.#byte(start + 1) !== hyphen) return undefined
    this.#show(start, maxDelimiterBytes)
    const from = start - this.#windowStart
    const window = this.#window
    const feed = indexOfFeed(window, from, Math.min(window.length, from + maxDelimiterBytes))
    if (feed < 0 && start + maxDelimiterBytes < this.#reader.sizeBytes) return undefined
    let to = feed < 0 ? Math.min(window.length, from + maxDelimiterBytes) : feed
    while (to > from && isTrailing(window[to - 1])) to--
    const line = asciiText(window.subarray(from + 2, to))
    const closing = line.endsWith('--') ? this.#levels.get(line.slice(0, -2).trimEnd()) : undefined
    const level = this.#levels.get(line) ?? closing
    if (level === undefined) return undefined
    const end = feed < 0 ? this.#reader.sizeBytes : this.#windowStart + feed + 1
    return { level, closes: this.#levels.get(line) === undefined, start, end }
  }

  #lineEnd(from: number): number {
    let at = from
    while (at < this.#reader.sizeBytes) {
      this.#show(at, 1)
      const feed = this.#window.indexOf(lineFeed, at - this.#windowStart)
      if (feed >= 0) return this.#windowStart + feed + 1
      at = this.#windowStart + this.#window.length
    }
    return this.#reader.sizeBytes
  }

  #byte(offset: number): number {
    const index = offset - this.#windowStart
    if (index >= 0 && index < this.#window.length) return this.#window[index] ?? -1
    if (offset < 0 || offset >= this.#reader.sizeBytes) return -1
    this.#show(offset, 1)
    return this.#window[offset - this.#windowStart] ?? -1
  }

  /** Makes the window hold `length` bytes from `offset`, as far as there are so many. */
  #show(offset: number, length: number): void {
    if (this.#reader.whole) return
    const end = Math.min(offset + length, this.#reader.sizeBytes)
    if (offset >= this.#windowStart && end <= this.#windowStart + this.#window.length) return
    const bytes = this.#reader.read(offset, windowBytes)
    this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#windowStart = offset
  }
}

const noWords = new Uint32Array(0)

/** Four octets at a time: a word that holds no line feed is passed in one step. */
function countLineFeeds(bytes: Uint8Array, from: number, to: number): number {
  let count = 0
  let at = from
  for (; at < to && ((bytes.byteOffset + at) & 3) !== 0; at++) if (bytes[at] === lineFeed) count++
  const words = to - at < 4 ? noWords : new Uint32Array(bytes.buffer, bytes.byteOffset + at, (to - at) >>> 2)
  for (let index = 0; index < words.length; index++, at += 4) {
    const others = (words[index] as number) ^ 0x0a0a0a0a
    // A zero octet borrows from the one above it (Hacker's Delight, 6-1)
    if (((others - 0x01010101) & ~others & 0x80808080) === 0) continue
    for (let octet = 0; octet < 4; octet++) if (bytes[at + octet] === lineFeed) count++
  }
  for (; at < to; at++) if (bytes[at] === lineFeed) count++
  return count
}

function indexOfFeed(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (bytes[at] === lineFeed) return at
  return -1
}

function isTrailing(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === carriageReturn
}
