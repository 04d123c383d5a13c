/**
 * How large parts of letters are once their transfer encoding is undone: found out by decoding them, so it is kept for those who ask again. Of letters in files
 * alone, which stay as they are under their names: the others are small.
 */
import type { ByteReader } from '#formats/message/byte-reader.ts'
import type { Part } from '#formats/message/structure.ts'
import { decodedSize } from '../email/body-value.ts'
import type { Letter } from './work.ts'

export type SizedPart = { readonly part: Pick<Part, 'encoding' | 'bodyStart' | 'bodyEnd'> }
export type SizeOf = (reader: ByteReader, of: SizedPart) => number

/** About 100 octets each */
const sizesKept = 20_000
/** Smaller parts are decoded sooner than looked up */
const leastBytes = 64 * 1024

export class PartSizes {
  readonly #count: SizeOf
  readonly #most: number
  /** Least recently asked for first */
  readonly #known = new Map<string, number>()

  constructor(count: SizeOf = decodedSize, most = sizesKept) {
    this.#count = count
    this.#most = most
  }

  /** Of one letter */
  of({ place, sizeBytes }: Letter): SizeOf {
    if (place.kind !== 'file') return this.#count
    const letter = `${sizeBytes} ${place.offset} ${place.path}`
    return (reader, of) => {
      const { bodyEnd, bodyStart, encoding } = of.part
      if (bodyEnd - bodyStart < leastBytes) return this.#count(reader, of)
      const key = `${bodyStart} ${bodyEnd} ${encoding} ${letter}`
      const size = this.#known.get(key) ?? this.#count(reader, of)
      this.#known.delete(key)
      this.#known.set(key, size)
      for (const oldest of this.#known.keys()) {
        if (this.#known.size <= this.#most) break
        this.#known.delete(oldest)
      }
      return size
    }
  }
}
