/** A position in one request: bytes of the current line, and the literal when the line ends. */
import { rev1, type Dialect } from './dialect.ts'
import type { Literal, RawRequest, Segment } from './framing.ts'

/** Thrown inside the parser only; `parseRequest` turns it into a `SyntaxProblem`. */
export class Unparsable extends Error {
  override readonly name = 'Unparsable'
  readonly segment: number
  readonly position: number
  constructor(message: string, segment: number, position: number) {
    super(message)
    this.segment = segment
    this.position = position
  }
}

const end: Segment = { line: new Uint8Array(0), literal: undefined }

export class Reader {
  readonly #segments: readonly Segment[]
  #segment = 0
  #line: Uint8Array
  #at = 0
  readonly dialect: Dialect

  constructor(request: RawRequest, dialect = rev1) {
    this.dialect = dialect
    this.#segments = request.segments
    this.#line = (request.segments[0] ?? end).line
  }

  get position(): number {
    return this.#at
  }
  get segment(): number {
    return this.#segment
  }

  /** The byte here or `offset` further on, -1 behind the end of the line. */
  peek(offset = 0): number {
    return this.#line[this.#at + offset] ?? -1
  }
  advance(count: number): void {
    this.#at += count
  }
  /** Bytes of this line from `start` to here. */
  since(start: number): Uint8Array {
    return this.#line.subarray(start, this.#at)
  }
  /** Goes back within this line. */
  rewind(position: number): void {
    this.#at = position
  }
  get atEnd(): boolean {
    return this.#at >= this.#line.length && this.#literalHere === undefined
  }
  get #literalHere(): Literal | undefined {
    return this.#segments[this.#segment]?.literal
  }

  /** Takes the literal when its announcement stands here; goes on with the next line. */
  takeLiteral(): Literal | undefined {
    const literal = this.#literalHere
    if (!literal) return undefined
    const brace = this.peek() === 0x7e ? 1 : 0
    if (this.peek(brace) !== 0x7b) return undefined
    for (let at = this.#at + brace + 1; at < this.#line.length - 1; at += 1) {
      const byte = this.#line[at] ?? 0
      if ((byte < 0x30 || byte > 0x39) && !(byte === 0x2b && at === this.#line.length - 2)) return undefined
    }
    this.#segment += 1
    this.#line = (this.#segments[this.#segment] ?? end).line
    this.#at = 0
    return literal
  }

  fail(message: string, position = this.#at): never {
    throw new Unparsable(message, this.#segment, position)
  }
}
