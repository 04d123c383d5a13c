/**
 * From lines to requests. An IMAP request is a line that may break off in literals: `a1 LOGIN {5}` CRLF, five octets, the
 * rest. The framer knows only that; what the words mean is the grammar's business. It is fed line by line and answers what
 * it needs next, so it never waits and never sees the socket. RFC 9051 §2.2.1, §4.3, RFC 7888
 */
import { asciiText } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { appendLineLimitBytes, appendMessageLimit } from './limits.ts'

export type Literal =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly binary: boolean }
  /** A message that went to a spool while it arrived */
  | { readonly kind: 'message'; readonly source: MessageSource; readonly binary: boolean }

/** A line without its CRLF; when a literal follows, the line ends with its announcement. */
export type Segment = { readonly line: Uint8Array; readonly literal: Literal | undefined }

export type RawRequest = { readonly segments: readonly Segment[] }

export type FramingLimits = {
  /** All lines together; the messages of an APPEND bring room for their own */
  readonly lineBytes: number
  readonly literalBytes: number
  /** Messages of one APPEND together */
  readonly appendBytes: number
}

export type LiteralNeed = {
  readonly kind: 'literal'
  readonly sizeBytes: number
  /** The peer waits for our continuation request */
  readonly synchronizing: boolean
  /** `~{n}`: may hold NUL. RFC 3516 §4.2 */
  readonly binary: boolean
  /** A message for APPEND: belongs in a spool */
  readonly message: boolean
}

export type FramingStep =
  | { readonly kind: 'request'; readonly request: RawRequest }
  | LiteralNeed
  /** The request is abandoned. A literal that does not wait for us (`synchronizing` false) still arrives. */
  | {
      readonly kind: 'too-big'
      readonly what: 'line' | 'literal'
      readonly literal: LiteralNeed | undefined
      readonly first: Uint8Array
    }

type Announcement = { readonly sizeBytes: number; readonly synchronizing: boolean; readonly binary: boolean }

export class Framer {
  #segments: Segment[] = []
  #pending: Announcement | undefined
  #pendingLine: Uint8Array | undefined
  #lineBytes = 0
  #literalBytes = 0
  #messageBytes = 0
  /** Messages so far: each brings a line of its own */
  #messages = 0

  /** Between requests: the next line begins one. */
  get isFresh(): boolean {
    return this.#segments.length === 0 && this.#pending === undefined
  }

  line(line: Uint8Array, limits: FramingLimits): FramingStep {
    const announcement = announcementAt(line)
    this.#lineBytes += line.length
    const first = this.#segments[0]?.line ?? line
    if (!announcement) {
      const segments = [...this.#segments, { line, literal: undefined }]
      const tooBig = this.#lineBytes > this.#lineRoom(limits)
      this.reset()
      return tooBig
        ? { kind: 'too-big', what: 'line', literal: undefined, first }
        : { kind: 'request', request: { segments } }
    }
    const need: LiteralNeed = {
      kind: 'literal',
      ...announcement,
      message: isMessageLiteral(first, this.#segments.length) && !isUrlLiteral(line),
    }
    if (this.#lineBytes > this.#lineRoom(limits)) return this.#abandon('line', need, first)
    if (this.#isTooMuch(need, limits)) return this.#abandon('literal', need, first)
    if (need.message) {
      this.#messageBytes += need.sizeBytes
      this.#messages += 1
    } else this.#literalBytes += need.sizeBytes
    this.#pending = announcement
    this.#pendingLine = line
    return need
  }

  /** The literal asked for has arrived whole. */
  literal(literal: Literal): void {
    const line = this.#pendingLine
    if (line === undefined) throw new Error('No literal was asked for')
    this.#segments.push({ line, literal })
    this.#pending = undefined
    this.#pendingLine = undefined
  }

  /** The messages spooled so far for a request that will never be whole. */
  reset(): void {
    this.#segments = []
    this.#pending = undefined
    this.#pendingLine = undefined
    this.#lineBytes = 0
    this.#literalBytes = 0
    this.#messageBytes = 0
    this.#messages = 0
  }

  #lineRoom(limits: FramingLimits): number {
    return limits.lineBytes + this.#messages * appendLineLimitBytes
  }

  /** The messages of one APPEND count together: what has come is kept until the last is here. */
  #isTooMuch(need: LiteralNeed, limits: FramingLimits): boolean {
    if (!need.message) return this.#literalBytes + need.sizeBytes > limits.literalBytes
    return this.#messageBytes + need.sizeBytes > limits.appendBytes || this.#messages >= appendMessageLimit
  }

  get segments(): readonly Segment[] {
    return this.#segments
  }

  #abandon(what: 'line' | 'literal', literal: LiteralNeed, first: Uint8Array): FramingStep {
    this.reset()
    return { kind: 'too-big', what, literal, first }
  }
}

const openBrace = 0x7b
const closeBrace = 0x7d
const plus = 0x2b
const tilde = 0x7e
/** Digits of a size that stays an exact number; RFC 9051 number64 has 19 */
const maxDigits = 15

/** `{n}`, `{n+}`, `~{n}` at the end of a line. */
export function announcementAt(line: Uint8Array): Announcement | undefined {
  let at = line.length - 1
  if (line[at] !== closeBrace) return undefined
  at -= 1
  const synchronizing = line[at] !== plus
  if (!synchronizing) at -= 1
  let sizeBytes = 0
  let digits = 0
  for (let place = 1; at >= 0; at -= 1, place *= 10, digits += 1) {
    const digit = (line[at] ?? 0) - 0x30
    if (digit < 0 || digit > 9) break
    if (digits === maxDigits) return undefined
    sizeBytes += digit * place
  }
  if (digits === 0 || line[at] !== openBrace) return undefined
  return { sizeBytes, synchronizing, binary: line[at - 1] === tilde }
}

/** `a1 APPEND INBOX …`, `a1 UID REPLACE 4 Drafts …`: what stands before the mailbox name. RFC 9051 §6.3.12, RFC 8508 */
const bringsMessages = /^[^ ]{1,100} (?:APPEND|(?:UID )?REPLACE [^ ]{1,20}) /i
const openingBytes = 150

/** In APPEND and REPLACE every literal but the mailbox name is a message. */
function isMessageLiteral(first: Uint8Array, segmentsBefore: number): boolean {
  const opening = bringsMessages.exec(asciiText(first.subarray(0, openingBytes)))
  if (!opening) return false
  const argument = first[opening[0].length]
  return segmentsBefore > 0 || (argument !== openBrace && argument !== tilde)
}

/** In CATENATE a URL may be a literal: `(URL {30}`, ` URL {30}`. RFC 4469 §5. */
const urlBefore = /[( ]URL ~?\{[0-9]+\+?\}$/i

function isUrlLiteral(line: Uint8Array): boolean {
  const isUrl = urlBefore.test(asciiText(line.subarray(-30)))
  // `a1 APPEND URL {30}` is a message for a mailbox of that name
  return (
    isUrl && !/^[^ ]+ (?:APPEND|(?:UID )?REPLACE [^ ]+) URL [^ ]*$/i.test(asciiText(line.subarray(0, openingBytes)))
  )
}
