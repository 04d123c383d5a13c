/**
 * The end of data and the dots before it. RFC 5321 §4.5.2, §2.3.8
 *
 * Only CRLF . CRLF ends a message. A bare CR or LF never begins a line for this purpose, so no sequence of them can smuggle a
 * second message past a peer that reads line ends differently. Whether they are refused or made into CRLF is the caller's
 * choice; they are never passed on as they came.
 */

const cr = 13
const lf = 10
const dot = 46

const dotAtLineStart = Buffer.from('\r\n.')
const bareLineEnd = /\r(?!\n)|(?<!\r)\n/

/** One native pass over a chunk costs less than two calls for each of its lines. */
function hasBareLineEnd(chunk: Buffer, from: number, to: number): boolean {
  return bareLineEnd.test(chunk.toString('latin1', from, to))
}

/** A CR at the end stays behind: what it is shows with the next octet. */
function withoutLastCr(chunk: Buffer): number {
  return chunk[chunk.length - 1] === cr ? chunk.length - 1 : chunk.length
}

export type BareLineEnds = 'refuse' | 'convert'
export type DataProgress = { readonly consumed: number; readonly done: boolean }

export class DataDecoder {
  #lineStart = true
  #bareSeen = false
  readonly #convert: boolean
  readonly #out: (piece: Uint8Array) => void

  /** `out` gets views of the chunks, in order. In mode 'refuse' nothing more is handed out once a bare CR or LF was seen. */
  constructor(bareLineEnds: BareLineEnds, out: (piece: Uint8Array) => void) {
    this.#convert = bareLineEnds === 'convert'
    this.#out = out
  }

  get bareSeen(): boolean {
    return this.#bareSeen
  }

  /** Takes what it can; up to two octets whose meaning hangs on the next ones stay behind. */
  push(chunk: Buffer): DataProgress {
    return hasBareLineEnd(chunk, 0, withoutLastCr(chunk)) ? this.#pushLines(chunk) : this.#pushClean(chunk)
  }

  /** All line ends are CRLF: only the dots after them are looked at. */
  #pushClean(chunk: Buffer): DataProgress {
    let start = 0
    let at = 0
    for (;;) {
      if (this.#lineStart) {
        if (at >= chunk.length) return this.#handOut(chunk, start, at, false)
        if (chunk[at] === dot) {
          const end = endOfData(chunk, at)
          this.#handOut(chunk, start, at, false)
          if (end === 'unclear') return { consumed: at, done: false }
          if (end === 'yes') return { consumed: at + 3, done: true }
          at++
          start = at
        }
        this.#lineStart = false
      }
      const next = chunk.indexOf(dotAtLineStart, at)
      if (next < 0) {
        const end = withoutLastCr(chunk)
        this.#lineStart = end > at && chunk[end - 1] === lf
        return this.#handOut(chunk, start, end, false)
      }
      this.#lineStart = true
      at = next + 2
    }
  }

  #pushLines(chunk: Buffer): DataProgress {
    const length = chunk.length
    let start = 0
    let at = 0
    let bare = false
    let nextCr = -1
    for (;;) {
      if (this.#lineStart) {
        if (at >= length) return this.#handOut(chunk, start, at, bare)
        if (chunk[at] === dot) {
          const end = endOfData(chunk, at)
          if (end === 'unclear') return this.#handOut(chunk, start, at, bare)
          this.#handOut(chunk, start, at, bare)
          if (end === 'yes') return { consumed: at + 3, done: true }
          bare = false
          at++
          start = at
        }
        this.#lineStart = false
      }
      const lineEnd = chunk.indexOf(lf, at)
      if (nextCr < at) nextCr = chunk.indexOf(cr, at)
      if (lineEnd < 0) {
        const end = length > at && chunk[length - 1] === cr ? length - 1 : length
        return this.#handOut(chunk, start, end, bare || (nextCr >= at && nextCr < end))
      }
      if (nextCr !== lineEnd - 1 || nextCr < at) bare = true
      this.#lineStart = lineEnd > 0 && lineEnd - 1 >= at && chunk[lineEnd - 1] === cr
      at = lineEnd + 1
    }
  }

  #handOut(chunk: Buffer, start: number, end: number, bare: boolean): DataProgress {
    if (bare) this.#bareSeen = true
    if (end > start && (this.#convert || !this.#bareSeen)) {
      const piece = chunk.subarray(start, end)
      this.#out(bare ? convertLineEnds(piece) : piece)
    }
    return { consumed: end, done: false }
  }
}

/** At a line's start stands a dot: is it the end? */
function endOfData(chunk: Buffer, at: number): 'yes' | 'no' | 'unclear' {
  if (at + 1 >= chunk.length) return 'unclear'
  if (chunk[at + 1] !== cr) return 'no'
  if (at + 2 >= chunk.length) return 'unclear'
  return chunk[at + 2] === lf ? 'yes' : 'no'
}

/** CR, LF and CRLF all become CRLF. Slow, and only walked for mail that is broken. */
export function convertLineEnds(bytes: Uint8Array): Uint8Array {
  const out: number[] = []
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte !== cr && byte !== lf) out.push(byte)
    else {
      out.push(cr, lf)
      if (byte === cr && bytes[at + 1] === lf) at++
    }
  }
  return Uint8Array.from(out)
}

/** Watches chunked data (BDAT) for bare CR and LF. RFC 3030 §2: only BINARYMIME may hold them */
export class LineEndWatch {
  #endsInCr = false
  #bareSeen = false

  get bareSeen(): boolean {
    return this.#bareSeen || this.#endsInCr
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0 || this.#bareSeen) return
    let at = 0
    if (this.#endsInCr) {
      if (chunk[0] !== lf) this.#bareSeen = true
      at = 1
    }
    this.#endsInCr = chunk[chunk.length - 1] === cr && !(this.#endsInCr && chunk.length === 1 && chunk[0] === lf)
    if (hasBareLineEnd(chunk, at, withoutLastCr(chunk))) this.#bareSeen = true
  }
}
