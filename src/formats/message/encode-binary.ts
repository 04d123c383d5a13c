/**
 * NUL octets of a message taken into base64, so that everybody can be sent it: RFC 3516 §4.4 lets a server change the transfer
 * encoding where it must, and nothing else. Parts without a NUL stay as they are.
 */
import { concatBytes, utf8 } from '#base/bytes.ts'
import type { ByteReader } from './byte-reader.ts'
import { type HeaderField, parseHeader } from './header.ts'
import { maxHeaderBytes } from './limits.ts'
import type { Part } from './structure.ts'

/** What the new message is made of, in order; offsets count in the old one. */
export type Piece =
  | { readonly kind: 'copy' | 'base64'; readonly start: number; readonly end: number }
  | { readonly kind: 'text'; readonly bytes: Uint8Array }

/** Finds the leaves that hold NUL while the message is read once from front to back. */
export class NulFinder {
  readonly #leaves: readonly Part[]
  readonly #found: Part[] = []
  #at = 0
  #leaf = 0
  #isElsewhere = false

  constructor(root: Part) {
    this.#leaves = leavesOf(root)
  }

  push(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(0); at >= 0; ) {
      const offset = this.#at + at
      while (offset >= (this.#leaves[this.#leaf]?.bodyEnd ?? Infinity)) this.#leaf += 1
      const leaf = this.#leaves[this.#leaf]
      if (!leaf || offset < leaf.bodyStart) this.#isElsewhere = true
      else if (this.#found.at(-1) !== leaf) this.#found.push(leaf)
      // one is enough of each leaf
      const next = leaf && offset >= leaf.bodyStart ? leaf.bodyEnd - this.#at : at + 1
      at = next < chunk.length ? chunk.indexOf(0, next) : -1
    }
    this.#at += chunk.length
  }

  /** Undefined when NUL stands where base64 cannot be: in a header, between parts, in a part that is encoded already. */
  get found(): readonly Part[] | undefined {
    return this.#isElsewhere || !this.#found.every(isEncodable) ? undefined : this.#found
  }
}

/** Ascending. */
function leavesOf(part: Part): readonly Part[] {
  return part.kind === 'leaf' ? [part] : part.children.flatMap(leavesOf)
}

/** RFC 2045 §6.4 and RFC 2046 §5.2: no encoding for what is made of parts. A part without a header has no place to say it. */
function isEncodable(part: Part): boolean {
  const isPlain = part.encoding === '7bit' || part.encoding === '8bit' || part.encoding === 'binary'
  const headerBytes = part.bodyStart - part.headerStart
  return isPlain && part.type !== 'message' && headerBytes > 0 && headerBytes <= maxHeaderBytes
}

/** The message with the bodies of `parts` (of `NulFinder.found`) in base64. */
export function encodedPieces(parts: readonly Part[], reader: ByteReader): readonly Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const part of parts) {
    pieces.push({ kind: 'copy', start: at, end: part.headerStart })
    const header = reader.read(part.headerStart, part.bodyStart - part.headerStart)
    pieces.push({ kind: 'text', bytes: withBase64(header, part.headerStart === 0) })
    pieces.push({ kind: 'base64', start: part.bodyStart, end: part.bodyEnd })
    at = part.bodyEnd
    if (part.headerStart === 0) pieces.push({ kind: 'text', bytes: lineEnd })
  }
  pieces.push({ kind: 'copy', start: at, end: reader.sizeBytes })
  return pieces.filter(piece => piece.kind === 'text' || piece.start < piece.end)
}

const lineEnd = utf8('\r\n')
const base64Field = utf8('Content-Transfer-Encoding: base64\r\n')
const versionField = utf8('MIME-Version: 1.0\r\n')

/** In the place of the field that is there, else as the last one. */
function withBase64(header: Uint8Array, isRoot: boolean): Uint8Array {
  const fields = parseHeader(header, Infinity)
  const old = fields.filter(({ key }) => key === 'content-transfer-encoding')
  const place = old[0]?.start ?? emptyLineAt(header)
  const isVersionless = isRoot && !fields.some(({ key }) => key === 'mime-version')
  return concatBytes([
    header.subarray(0, place),
    ...(isVersionless ? [versionField] : []),
    base64Field,
    ...without(header, place, old),
  ])
}

function without(header: Uint8Array, from: number, fields: readonly HeaderField[]): readonly Uint8Array[] {
  const kept: Uint8Array[] = []
  let at = from
  for (const { start, end } of fields) {
    kept.push(header.subarray(at, start))
    at = end
  }
  return [...kept, header.subarray(at)]
}

function emptyLineAt(header: Uint8Array): number {
  return header.length - (header.at(-2) === 13 ? 2 : 1)
}

/** RFC 2045 §6.8: 76 characters a line */
const lineOctets = 57

/** Octets of `length` octets in base64, lines parted by CRLF. */
export function base64Length(length: number): number {
  const lines = Math.ceil(length / lineOctets)
  return Math.ceil(length / 3) * 4 + Math.max(0, lines - 1) * 2
}

/** Chunk by chunk, in whole lines. */
export class Base64Encoder {
  #held: Uint8Array = new Uint8Array(0)
  #isFirst = true

  push(chunk: Uint8Array): string {
    const bytes = concatBytes([this.#held, chunk])
    const whole = bytes.length - (bytes.length % lineOctets)
    this.#held = bytes.slice(whole)
    return this.#lines(bytes.subarray(0, whole))
  }

  end(): string {
    return this.#lines(this.#held)
  }

  #lines(bytes: Uint8Array): string {
    let text = ''
    for (let at = 0; at < bytes.length; at += lineOctets) {
      if (!this.#isFirst) text += '\r\n'
      this.#isFirst = false
      text += Buffer.from(bytes.subarray(at, at + lineOctets)).toString('base64')
    }
    return text
  }
}
