/** Words of body parts, for body and extracttext. RFC 5173 §5, RFC 5703 §7 */
import { asciiText } from '#base/bytes.ts'
import { decodeText } from '#formats/charset/decode.ts'
import { parameter, parseContentType } from '#formats/message/content.ts'
import { htmlText } from '#formats/message/html-text.ts'
import type { Part } from '#formats/message/structure.ts'
import { decodeTransfer } from '#formats/message/transfer.ts'
import { childrenOf, partFields } from './fields.ts'
import { type LetterPart, rawValue } from './letter.ts'
import { maxPartText } from './limits.ts'
import { cut, type Run } from './run.ts'

/** Undecoded, RFC 5173 §5.1: as far as it is held */
export function rawBody(run: Run): string[] {
  const { part, bytes } = run.letter.root()
  const body = bytes.subarray(part.bodyStart, part.bodyStart + maxPartText)
  run.budget.spend(body.length / 8)
  return [octets(body)]
}

/** RFC 5173 §5.2: each part of one of these types (`text`, `text/html`, '' for all) is a text of its own. */
export function contentTexts(run: Run, types: readonly string[]): string[] {
  const texts: string[] = []
  const wanted = types.map(type => type.toLowerCase())
  const visit = (part: LetterPart) => {
    run.budget.spend(10)
    if (wanted.some(type => isOfType(part.part, type))) texts.push(...ownTexts(run, part))
    for (const child of childrenOf(part)) visit(child)
  }
  visit(run.letter.root())
  return texts
}

/** RFC 5173 §5.3: what a person would read */
export function readableTexts(run: Run): string[] {
  const texts: string[] = []
  const visit = (part: LetterPart) => {
    run.budget.spend(10)
    if (part.part.kind === 'leaf' && part.part.type === 'text') texts.push(leafText(run, part, true))
    for (const child of childrenOf(part)) visit(child)
  }
  visit(run.letter.root())
  return texts
}

function isOfType({ type, subtype }: Part, wanted: string): boolean {
  return wanted === '' || wanted === type || wanted === `${type}/${subtype}`
}

/** A multipart has what stands before and behind its parts, a message its header, anything else its content. */
function ownTexts(run: Run, part: LetterPart): string[] {
  const { kind, bodyStart, bodyEnd, children } = part.part
  const [first] = children
  const last = children.at(-1)
  if (kind === 'leaf' || !first || !last) return [leafText(run, part, false)]
  if (kind === 'message') return [slice(run, part, first.headerStart, first.bodyStart)]
  return [slice(run, part, bodyStart, first.headerStart), slice(run, part, last.bodyEnd, bodyEnd)].map(withoutDelimiter)
}

function withoutDelimiter(text: string): string {
  return text.replace(/^(?:\r?\n)?--[^\r\n]*(?:\r?\n|$)/, '').replace(/(?:^|\r?\n)--[^\r\n]*\r?\n?$/, '')
}

function slice(run: Run, { bytes }: LetterPart, from: number, to: number): string {
  const piece = bytes.subarray(from, Math.min(to, from + maxPartText))
  run.budget.spend(1 + piece.length / 8)
  return octets(piece)
}

/** Transfer encoding undone, and the charset of a text; `readable`: without the markup of HTML */
export function leafText(run: Run, part: LetterPart, readable: boolean): string {
  const { type, subtype, encoding, bodyStart, bodyEnd } = part.part
  const body = part.bytes.subarray(bodyStart, Math.min(bodyEnd, bodyStart + maxPartText))
  run.budget.spend(1 + body.length / 4)
  const content = decodeTransfer(body, encoding)
  if (type !== 'text') return octets(content)
  const text = cut(decodeText(content, charsetOf(run, part)), maxPartText)
  return readable && subtype === 'html'
    ? htmlText(text, maxPartText)
        .replace(/[ \t\r\n]+/g, ' ')
        .trim()
    : text
}

function charsetOf(run: Run, part: LetterPart): string | undefined {
  const fields = part.isRoot ? run.letter.content.fields : partFields(run, part)
  const field = fields.find(({ key }) => key === 'content-type')
  const charset = field && parameter(parseContentType(rawValue(field))?.parameters ?? [], 'charset')
  return charset && asciiText(charset)
}

/** What is no text of a known charset is looked at as it stands: ASCII is found in anything, UTF-8 where it is. */
function octets(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}
