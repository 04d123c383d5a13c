/** A tree of parts becomes octets. RFC 5322, RFC 2045, RFC 2046 */
import { utf8 } from '#base/bytes.ts'
import type { Field } from './fields.ts'
import type { NewLetter } from './creation.ts'
import { mimeFields } from './mime.ts'
import { base64Size, encodeText } from './text.ts'
import type { NewPart } from './tree.ts'

/** A blob that goes into a letter; `lines`: of a message alone, whether it may stand there as it is */
export type PartBlob = { readonly sizeBytes: number; readonly lines: '7bit' | '8bit' | undefined }

export type Piece =
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'blob'
      readonly blobId: string
      readonly encoding: 'base64' | 'as-is'
      readonly sizeBytes: number
    }

export type LetterFacts = {
  readonly blobs: ReadonlyMap<string, PartBlob>
  /** Fields for what the letter has not said: `Date: …` with its line end */
  readonly standard: readonly Field[]
  /** No boundary may be in what it bounds: 32 characters by chance */
  readonly boundary: () => string
}

export function printLetter({ fields, root }: NewLetter, facts: LetterFacts): readonly Piece[] {
  const own = new Set([...fields, ...root.fields].filter(({ text }) => text !== '').map(({ key }) => key))
  const all = [...facts.standard.filter(({ key }) => !own.has(key)), ...fields]
  const header = `${all.map(({ text }) => text).join('')}MIME-Version: 1.0\r\n`
  const printer = new Printer(facts)
  printer.text(header)
  printer.part(root, true)
  return printer.pieces()
}

class Printer {
  readonly #facts: LetterFacts
  readonly #pieces: Piece[] = []
  #texts: string[] = []

  constructor(facts: LetterFacts) {
    this.#facts = facts
  }

  text(text: string): void {
    this.#texts.push(text)
  }

  part(part: NewPart, isRoot: boolean): void {
    const { content } = part
    switch (content.kind) {
      case 'parts':
        return this.#multipart(part, content.parts)
      case 'text': {
        const { body, charset, encoding } = encodeText(content.text, isRoot)
        this.#header(part, encoding, part.type.startsWith('text/') ? charset : undefined)
        return this.text(body)
      }
      case 'blob':
        return this.#blob(part, content.blobId)
      default:
        return content satisfies never
    }
  }

  #multipart(part: NewPart, parts: readonly NewPart[]): void {
    const boundary = `=_${this.#facts.boundary()}`
    // RFC 2045 §6.4: it says what its parts are
    this.#header(part, this.#isEightBit(part) ? '8bit' : '7bit', undefined, [`boundary="${boundary}"`])
    for (const one of parts) {
      this.text(`\r\n--${boundary}\r\n`)
      this.part(one, false)
    }
    this.text(`\r\n--${boundary}--\r\n`)
  }

  #blob(part: NewPart, blobId: string): void {
    const blob = this.#facts.blobs.get(blobId)
    if (!blob) throw new Error(`The blob ${blobId} was not opened`)
    const lines = linesOf(part, blob)
    this.#header(part, lines ?? 'base64', part.mime.charset)
    this.#flush()
    const encoding = lines ? 'as-is' : 'base64'
    const sizeBytes = lines ? blob.sizeBytes : base64Size(blob.sizeBytes)
    this.#pieces.push({ kind: 'blob', blobId, encoding, sizeBytes })
  }

  #header(part: NewPart, encoding: string, charset: string | undefined, parameters: readonly string[] = []): void {
    this.text(`${mimeFields(part.type, part.mime, { charset, encoding, parameters }, part.fields)}\r\n`)
  }

  #isEightBit({ content, ...part }: NewPart): boolean {
    if (content.kind === 'parts') return content.parts.some(one => this.#isEightBit(one))
    if (content.kind === 'text') return false
    const blob = this.#facts.blobs.get(content.blobId)
    return blob !== undefined && linesOf(part, blob) === '8bit'
  }

  #flush(): void {
    if (this.#texts.length > 0) this.#pieces.push({ kind: 'text', bytes: utf8(this.#texts.join('')) })
    this.#texts = []
  }

  pieces(): readonly Piece[] {
    this.#flush()
    return this.#pieces
  }
}

/** A message must not be encoded (RFC 2046 §5.2.1); one that cannot stand as it is has to be, all the same. */
function linesOf({ type }: Pick<NewPart, 'type'>, { lines }: PartBlob): PartBlob['lines'] {
  return type === 'message/rfc822' ? lines : undefined
}

/** Each once */
export function blobIdsOf({ content }: NewPart): ReadonlySet<string> {
  if (content.kind === 'blob') return new Set([content.blobId])
  return new Set(content.kind === 'parts' ? content.parts.flatMap(part => [...blobIdsOf(part)]) : [])
}

/** Of what every blob brings, as often as it is there. Octets */
export function attachedBytes({ content }: NewPart, blobs: LetterFacts['blobs']): number {
  if (content.kind === 'blob') return blobs.get(content.blobId)?.sizeBytes ?? 0
  return content.kind === 'parts' ? content.parts.reduce((sum, part) => sum + attachedBytes(part, blobs), 0) : 0
}
