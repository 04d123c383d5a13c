/** HEADER.FIELDS and HEADER.FIELDS.NOT for many messages: what is asked for is worked out once. RFC 9051 §6.4.5.1 */
import { isEmptyLine, isFoldingBlank } from './header.ts'
import { maxFieldNameBytes, maxHeaderFields } from './limits.ts'

/**
 * The fields with (or without) the names it was made for, in any case, in their order and exactly as they stand, and the
 * empty line. Takes the bytes of a HEADER section; the result is new.
 */
export type FieldSelector = (header: Uint8Array) => Uint8Array

export function fieldSelector(names: readonly string[], not = false): FieldSelector {
  return new Selection(names, not).from
}

class Selection {
  readonly #byLength: (readonly string[] | undefined)[] = []
  /** 1: a field that begins with this octet may have to be taken */
  readonly #beginnings = new Uint8Array(256)
  readonly #not: boolean

  constructor(names: readonly string[], not: boolean) {
    this.#not = not
    if (not) this.#beginnings.fill(1)
    for (const name of names) {
      const lower = name.toLowerCase()
      this.#byLength[name.length] = [...(this.#byLength[name.length] ?? []), lower]
      for (const first of [lower, lower.toUpperCase()]) this.#beginnings[first.charCodeAt(0) & 255] = 1
    }
  }

  readonly from = (header: Uint8Array): Uint8Array => {
    // pairs of offsets; neighbours are one
    const taken: number[] = []
    let bytes = 0
    let start = 0
    for (let seen = 0; start < header.length && seen < maxHeaderFields; ) {
      if (isEmptyLine(header, start)) break
      const end = fieldEnd(header, start)
      // a line that is no field may count as one here: the limit is for headers that nobody means
      if (this.#beginnings[header[start] as number] === 0) seen++
      else {
        const nameEnd = nameEndOf(header, start, end, this.#not)
        if (nameEnd >= start) seen++
        if (nameEnd >= start && this.#takes(header, start, nameEnd)) {
          if (taken.length > 0 && taken[taken.length - 1] === start) taken[taken.length - 1] = end
          else taken.push(start, end)
          bytes += end - start
        }
      }
      start = end
    }
    return gather(header, taken, bytes)
  }

  #takes(bytes: Uint8Array, start: number, end: number): boolean {
    const names = this.#byLength[end - start]
    if (names) for (const name of names) if (spells(bytes, start, name)) return !this.#not
    return this.#not
  }
}

/** As long as the name: does it say the same? */
function spells(bytes: Uint8Array, start: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const byte = bytes[start + at] as number
    const lower = byte >= 65 && byte <= 90 ? byte | 0x20 : byte
    if (lower !== name.charCodeAt(at)) return false
  }
  return true
}

const lineFeed = 10
const carriageReturn = 13
const space = 32
const tab = 9
const colon = 58

function gather(header: Uint8Array, taken: readonly number[], bytes: number): Uint8Array {
  const last = taken.at(-1) ?? 0
  const open = taken.length > 0 && header[last - 1] !== lineFeed
  const result = Buffer.allocUnsafe(bytes + (open ? 4 : 2))
  let at = 0
  for (let index = 0; index < taken.length; index += 2) {
    const end = taken[index + 1] ?? 0
    // for a line or two a view of the header costs more than the copying
    for (let from = taken[index] ?? 0; from < end; from++) result[at++] = header[from] as number
  }
  if (open) at = endLine(result, at)
  endLine(result, at)
  return result
}

function endLine(bytes: Uint8Array, at: number): number {
  bytes[at] = carriageReturn
  bytes[at + 1] = lineFeed
  return at + 2
}

function fieldEnd(bytes: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    while (at < bytes.length && bytes[at] !== lineFeed) at++
    if (at >= bytes.length) return bytes.length
    at++
    const next = bytes[at]
    if (next !== space && next !== tab) return at
  }
}

/**
 * After the name's last octet, or -1: what header.ts takes for a field. `anyName`: octets of 8 bits too, which no name has and some
 * programs write; nobody can ask for such a field, and who asks for all others means it too.
 */
function nameEndOf(bytes: Uint8Array, start: number, end: number, anyName: boolean): number {
  let nameEnd = -1
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === colon) return at > start ? (nameEnd < 0 ? at : nameEnd) : -1
    if (byte <= space && isFoldingBlank(bytes, at)) {
      if (nameEnd < 0) nameEnd = at
    } else if (byte < 33 || byte === 127 || (byte > 127 && !anyName) || nameEnd >= 0) return -1
    else if (at - start >= maxFieldNameBytes) return -1
  }
  return -1
}
