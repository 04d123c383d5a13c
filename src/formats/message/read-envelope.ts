/** What stands in a stored ENVELOPE, as far as messages are put in order by it: the other way round of envelope.ts. */
import { asciiText } from '#base/bytes.ts'

export type EnvelopeFacts = {
  /** Raw header text, nothing decoded; undefined for NIL */
  readonly date: Uint8Array | undefined
  readonly subject: Uint8Array | undefined
  /** The first address of each field */
  readonly from: EnvelopeAddress | undefined
  readonly to: EnvelopeAddress | undefined
  readonly cc: EnvelopeAddress | undefined
  readonly inReplyTo: Uint8Array | undefined
  readonly messageId: Uint8Array | undefined
}

/** A group begins with an address whose mailbox is the group's name and whose host is missing. */
export type EnvelopeAddress = {
  readonly name: Uint8Array | undefined
  readonly mailbox: Uint8Array | undefined
  readonly host: Uint8Array | undefined
}

export function readEnvelope(envelope: Uint8Array): EnvelopeFacts {
  const cursor = new Cursor(envelope)
  const date = cursor.nstring()
  const subject = cursor.nstring()
  const from = cursor.firstAddress()
  cursor.firstAddress() // Sender
  cursor.firstAddress() // Reply-To
  const to = cursor.firstAddress()
  const cc = cursor.firstAddress()
  cursor.firstAddress() // Bcc
  return { date, subject, from, to, cc, inReplyTo: cursor.nstring(), messageId: cursor.nstring() }
}

const space = 32
const quotationMark = 34
const open = 40
const close = 41
const backslash = 92
const brace = 123

/** Stands before an item, after the outer parenthesis or a space. */
class Cursor {
  readonly #bytes: Uint8Array
  #at = 1

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  nstring(): Uint8Array | undefined {
    const bytes = this.#bytes
    const first = bytes[this.#at]
    let value: Uint8Array | undefined
    if (first === quotationMark) value = this.#quoted()
    else if (first === brace) value = this.#literal()
    else this.#at += 3
    if (bytes[this.#at] === space) this.#at += 1
    return value
  }

  /** Passes over the whole list. */
  firstAddress(): EnvelopeAddress | undefined {
    const bytes = this.#bytes
    if (bytes[this.#at] !== open) return void this.nstring()
    this.#at += 1
    let first: EnvelopeAddress | undefined
    while (bytes[this.#at] === open) {
      this.#at += 1
      const name = this.nstring()
      this.nstring()
      const mailbox = this.nstring()
      const host = this.nstring()
      first ??= { name, mailbox, host }
      if (bytes[this.#at] === close) this.#at += 1
    }
    if (bytes[this.#at] === close) this.#at += 1
    if (bytes[this.#at] === space) this.#at += 1
    return first
  }

  #quoted(): Uint8Array {
    const bytes = this.#bytes
    const start = this.#at + 1
    let end = start
    let escaped = false
    while (end < bytes.length && bytes[end] !== quotationMark) {
      if (bytes[end] === backslash) {
        escaped = true
        end += 1
      }
      end += 1
    }
    this.#at = end + 1
    const value = bytes.subarray(start, end)
    return escaped ? withoutEscapes(value) : value
  }

  #literal(): Uint8Array {
    const bytes = this.#bytes
    const end = bytes.indexOf(125, this.#at)
    const start = end + 3
    this.#at = start + Number(asciiText(bytes.subarray(this.#at + 1, end)))
    return bytes.subarray(start, this.#at)
  }
}

function withoutEscapes(value: Uint8Array): Uint8Array {
  const plain: number[] = []
  for (let at = 0; at < value.length; at++) {
    if (value[at] === backslash) at++
    plain.push(value[at] ?? 0)
  }
  return Uint8Array.from(plain)
}
