/**
 * A message as a multi-line response: dots at the beginning of a line doubled, CRLF and a dot at its end. RFC 1939 §3
 *
 * A dot is doubled after a bare LF as well: clients that take LF for a line end would otherwise read the rest of a crafted
 * message as our replies.
 */
const lineFeed = 10
const carriageReturn = 13
const dot = 46
const doubled = Uint8Array.of(dot, dot)
const ending = Buffer.from('.\r\n')
const lineEnd = Buffer.from('\r\n')

/** TOP: the header, the empty line, and so many lines of the body. Everything when undefined. */
export type Cut = { readonly bodyLines: number } | undefined

export class MultiLine {
  #atLineStart = true
  #lastWasReturn = false
  #lastByte = lineFeed
  #inHeader = true
  /** Octets of the present line, its end not counted */
  #lineOctets = 0
  #left: number
  #done = false

  constructor(cut: Cut) {
    this.#left = cut?.bodyLines ?? Number.POSITIVE_INFINITY
  }

  /** All that was asked for has been given: no need to read further. */
  get done(): boolean {
    return this.#done
  }

  /** What to send for the next piece of the message: slices of it, and dots. */
  *take(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0
    let at = 0
    while (at < chunk.length && !this.#done) {
      if (this.#atLineStart && chunk[at] === dot) {
        if (at > from) yield chunk.subarray(from, at)
        yield doubled
        from = at + 1
      }
      this.#atLineStart = false
      const end = chunk.indexOf(lineFeed, at)
      if (end < 0) {
        this.#lineOctets += chunk.length - at
        this.#lastWasReturn = chunk[chunk.length - 1] === carriageReturn
        at = chunk.length
      } else {
        const before = end > at ? chunk[end - 1] === carriageReturn : this.#lastWasReturn
        this.#endLine(this.#lineOctets + (end - at) - (before ? 1 : 0))
        at = end + 1
      }
    }
    if (at > from) yield chunk.subarray(from, at)
    if (at > 0) this.#lastByte = chunk[at - 1] ?? lineFeed
  }

  /** After the last piece: a line end where the message has none, and the dot. */
  *end(): Generator<Uint8Array> {
    if (this.#lastByte !== lineFeed) yield lineEnd
    yield ending
  }

  #endLine(octets: number): void {
    this.#atLineStart = true
    this.#lastWasReturn = false
    this.#lineOctets = 0
    if (this.#inHeader) this.#inHeader = octets !== 0
    else this.#left--
    if (!this.#inHeader && this.#left <= 0) this.#done = true
  }
}
