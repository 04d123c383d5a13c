/** Body canonicalization of a stream: chunks in, canonical chunks out, nothing held but a count of line ends. RFC 6376 §3.4.3, §3.4.4 */
import { utf8 } from '#base/bytes.ts'
import type { Form } from './canonical.ts'

export type BodyCanonicalizer = {
  /** A chunk given to `emit` is valid during the call only. */
  update(chunk: Uint8Array): void
  end(): void
}

export function canonicalBody(form: Form, emit: (chunk: Uint8Array) => void): BodyCanonicalizer {
  return form === 'simple' ? new SimpleBody(emit) : new RelaxedBody(emit)
}

const carriageReturn = 13
const lineFeed = 10
const space = 32
const tab = 9
const oneLineEnd = utf8('\r\n')
const manyLineEnds = utf8('\r\n'.repeat(2048))

/** Line ends that are content only if something follows them. */
class LineEnds {
  count = 0
  readonly #emit: (chunk: Uint8Array) => void

  constructor(emit: (chunk: Uint8Array) => void) {
    this.#emit = emit
  }

  flush(): void {
    for (let octets = this.count * 2; octets > 0; octets -= manyLineEnds.length)
      this.#emit(manyLineEnds.subarray(0, Math.min(octets, manyLineEnds.length)))
    this.count = 0
  }
}

const aloneCarriageReturn = Uint8Array.of(carriageReturn)

class SimpleBody implements BodyCanonicalizer {
  readonly #emit: (chunk: Uint8Array) => void
  readonly #ends: LineEnds
  /** The last octet was CR: its LF may be the first of the next chunk */
  #open = false

  constructor(emit: (chunk: Uint8Array) => void) {
    this.#emit = emit
    this.#ends = new LineEnds(emit)
  }

  update(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    let from = this.#open ? this.#close(chunk) : 0
    for (; chunk[from] === carriageReturn && chunk[from + 1] === lineFeed; from += 2) this.#ends.count++
    let to = chunk.length
    this.#open = to > from && chunk[to - 1] === carriageReturn
    if (this.#open) to--
    if (to === from) return
    this.#ends.flush()
    for (; to - 2 >= from && chunk[to - 2] === carriageReturn && chunk[to - 1] === lineFeed; to -= 2) this.#ends.count++
    if (to > from) this.#emit(chunk.subarray(from, to))
  }

  /** Where reading goes on. */
  #close(chunk: Uint8Array): number {
    this.#open = false
    if (chunk[0] === lineFeed) {
      this.#ends.count++
      return 1
    }
    this.#ends.flush()
    this.#emit(aloneCarriageReturn)
    return 0
  }

  end(): void {
    if (this.#open) {
      this.#ends.flush()
      this.#emit(aloneCarriageReturn)
    }
    this.#emit(oneLineEnd)
  }
}

class RelaxedBody implements BodyCanonicalizer {
  readonly #emit: (chunk: Uint8Array) => void
  readonly #ends: LineEnds
  #open = false
  #blank = false
  #empty = true

  constructor(emit: (chunk: Uint8Array) => void) {
    this.#emit = emit
    this.#ends = new LineEnds(emit)
  }

  update(chunk: Uint8Array): void {
    // What comes out of a chunk is at most as long as it, and a CR and a blank that were left open
    const out = Buffer.allocUnsafe(chunk.length + 4)
    const { length: end } = chunk
    let length = 0
    let ends = 0
    let blank = this.#blank
    let open = this.#open
    for (let at = 0; at < end; ) {
      const octet = chunk[at] ?? 0
      if (open && octet === lineFeed) {
        open = false
        blank = false
        ends++
        at++
      } else if (!open && (octet === space || octet === tab)) {
        blank = true
        at++
      } else if (!open && octet === carriageReturn) {
        open = true
        at++
      } else {
        // Now it is content, and what was before it counts
        if (this.#ends.count > 0) this.#ends.flush()
        for (; ends > 0; ends--) length = putLineEnd(out, length)
        if (blank) out[length++] = space
        blank = false
        if (open) out[length++] = carriageReturn
        else {
          out[length++] = octet
          at++
          // Words are copied without a look at all of this
          for (let next = chunk[at] ?? 0; next > space; next = chunk[at] ?? 0) {
            out[length++] = next
            at++
          }
        }
        open = false
      }
    }
    this.#ends.count += ends
    this.#blank = blank
    this.#open = open
    if (length === 0) return
    this.#empty = false
    this.#emit(out.subarray(0, length))
  }

  end(): void {
    if (this.#open) {
      this.#ends.flush()
      if (this.#blank) this.#emit(Uint8Array.of(space))
      this.#emit(aloneCarriageReturn)
      this.#empty = false
    }
    if (!this.#empty) this.#emit(oneLineEnd)
  }
}

function putLineEnd(out: Uint8Array, at: number): number {
  out[at] = carriageReturn
  out[at + 1] = lineFeed
  return at + 2
}
