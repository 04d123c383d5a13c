/**
 * A message on its way into DATA: a dot before each dot that begins a line, and CRLF . CRLF at the end. RFC 5321 §4.5.2
 * A bare CR or LF is sent as CRLF: another server might take it for a line end, and find an end of data there.
 */
const cr = 13
const lf = 10
const dot = 46
const crlf = Buffer.from('\r\n')
const oneDot = Buffer.from('.')

export class DotStuffer {
  #lineStart = true
  #afterCr = false

  /** Views of the chunk with what goes between them. */
  push(bytes: Uint8Array): Uint8Array[] {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const out: Uint8Array[] = []
    let start = 0
    let at = 0
    if (this.#afterCr && chunk.length > 0) {
      this.#afterCr = false
      out.push(crlf)
      this.#lineStart = true
      if (chunk[0] === lf) start = at = 1
    }
    while (at < chunk.length) {
      if (this.#lineStart && chunk[at] === dot) {
        if (at > start) out.push(chunk.subarray(start, at))
        out.push(oneDot)
        start = at
      }
      this.#lineStart = false
      const end = nextEnd(chunk, at)
      if (end < 0) break
      const isCr = chunk[end] === cr
      if (isCr && end + 1 === chunk.length) {
        // whether an LF follows is known with the next chunk
        this.#afterCr = true
        if (end > start) out.push(chunk.subarray(start, end))
        return out
      }
      this.#lineStart = true
      if (isCr && chunk[end + 1] === lf) {
        at = end + 2
        continue
      }
      out.push(chunk.subarray(start, end), crlf)
      start = at = end + 1
    }
    if (chunk.length > start) out.push(chunk.subarray(start))
    return out
  }

  finish(): Uint8Array {
    const ended = this.#lineStart && !this.#afterCr
    return Buffer.from(ended ? '.\r\n' : '\r\n.\r\n')
  }
}

/** The first CR or LF from here on. In well-formed mail that is the CR before the next LF. */
function nextEnd(chunk: Buffer, from: number): number {
  const lineEnd = chunk.indexOf(lf, from)
  const first = chunk.indexOf(cr, from)
  return first >= 0 && (lineEnd < 0 || first < lineEnd) ? first : lineEnd
}
