/** Where the sections of IMAP's BODY[…] lie in a message. RFC 9051 §6.4.5.1, RFC 3501 §6.4.5 */
import type { Part } from './structure.ts'

export type Section = {
  /** `1.2.3` as numbers; empty for the message itself */
  readonly part: readonly number[]
  /** Absent: the part's body, or the whole message when `part` is empty */
  readonly text?: 'HEADER' | 'TEXT' | 'MIME'
}

/** Octets of the message */
export type ByteRange = { readonly offset: number; readonly length: number }

/** Undefined where the message has no such section: NIL, or the empty string, is sent. */
export function sectionRange(root: Part, section: Section): ByteRange | undefined {
  if (section.part.length === 0) {
    if (section.text === undefined) return range(root.headerStart, root.bodyEnd)
    return messageRange(root, section.text)
  }
  const part = partAt(root, section.part)
  if (!part) return undefined
  if (section.text === undefined) return range(part.bodyStart, part.bodyEnd)
  if (section.text === 'MIME') return range(part.headerStart, part.bodyStart)
  // HEADER and TEXT of a part mean the message inside it
  const inner = part.kind === 'message' ? part.children[0] : undefined
  return inner && messageRange(inner, section.text)
}

/** The part with that number, or undefined. A message that is no multipart has one part, number 1: itself. */
export function partAt(root: Part, path: readonly number[]): Part | undefined {
  let part: Part | undefined
  let within: Part | undefined = root
  for (const number of path) {
    if (!within) return undefined
    if (within.kind === 'multipart') part = within.children[number - 1]
    else part = number === 1 ? within : undefined
    within = inside(part)
  }
  return part
}

function messageRange(message: Part, text: 'HEADER' | 'TEXT' | 'MIME'): ByteRange | undefined {
  if (text === 'MIME') return undefined
  return text === 'HEADER' ? range(message.headerStart, message.bodyStart) : range(message.bodyStart, message.bodyEnd)
}

/** What the next number counts in */
function inside(part: Part | undefined): Part | undefined {
  if (part?.kind === 'multipart') return part
  return part?.kind === 'message' ? part.children[0] : undefined
}

function range(from: number, to: number): ByteRange {
  return { offset: from, length: Math.max(0, to - from) }
}
