/**
 * Files that old programs put into plain text: `begin 644 name`, coded lines, `end` (POSIX uuencode). Nothing in a letter's header tells
 * of them, so whoever shows a text splits it here. Pure, for browsers too; linear in the text.
 */
import { joinBytes } from '../join-bytes.ts'

export type UuencodedFile = {
  readonly name: string
  readonly octets: Uint8Array<ArrayBuffer>
}

export type SplitText = {
  /** Without the files */
  readonly text: string
  readonly files: readonly UuencodedFile[]
}

/** Files of one text; more stay text. */
const maxFiles = 100
const begin = /^begin(?:-base64)? [0-7]{3,4} (\S.{0,254})$/

export function splitUuencoded(text: string): SplitText {
  if (!/^begin(?:-base64)? [0-7]{3}/m.test(text)) return { text, files: [] }
  const lines = text.split('\n')
  const kept: string[] = []
  const files: UuencodedFile[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = bare(lines[at])
    const name = files.length < maxFiles ? begin.exec(line)?.[1] : undefined
    const isBase64 = line.startsWith('begin-base64')
    const found = name === undefined ? undefined : isBase64 ? readBase64(lines, at + 1) : readLines(lines, at + 1)
    if (name === undefined || !found) {
      kept.push(lines[at] ?? '')
      continue
    }
    files.push({ name: name.trim(), octets: found.octets })
    at = found.last
  }
  return { text: kept.join('\n'), files }
}

type Found = { readonly octets: Uint8Array<ArrayBuffer>; readonly last: number }

/** Undefined unless every line up to `end` is coded. */
function readLines(lines: readonly string[], from: number): Found | undefined {
  const pieces: Uint8Array[] = []
  for (let at = from; at < lines.length; at++) {
    const line = bare(lines[at])
    if (line === 'end') return pieces.length > 0 ? { octets: joinBytes(pieces), last: at } : undefined
    const piece = decodeLine(line)
    if (!piece) return undefined
    pieces.push(piece)
  }
  return undefined
}

/** The first character tells how many octets follow; each four characters are three octets. Blanks at the end may have been cut off. */
function decodeLine(line: string): Uint8Array | undefined {
  if (line === '') return new Uint8Array(0)
  const length = valueAt(line, 0)
  const needed = 1 + Math.ceil((length * 4) / 3)
  // some programs write a character more, as a checksum, or fill the last group
  if (length > 45 || line.length > 1 + Math.ceil(length / 3) * 4 + 2) return undefined
  if (line.length < needed - 8 || /[^ -`]/.test(line)) return undefined
  const octets = new Uint8Array(Math.ceil(length / 3) * 3)
  for (let at = 1, to = 0; to < length; at += 4, to += 3) {
    const group =
      (valueAt(line, at) << 18) | (valueAt(line, at + 1) << 12) | (valueAt(line, at + 2) << 6) | valueAt(line, at + 3)
    octets.set([group >> 16, (group >> 8) & 255, group & 255], to)
  }
  return octets.subarray(0, length)
}

function valueAt(line: string, at: number): number {
  return at < line.length ? (line.charCodeAt(at) - 32) & 63 : 0
}

function readBase64(lines: readonly string[], from: number): Found | undefined {
  for (let at = from; at < lines.length; at++) {
    const line = bare(lines[at])
    if (line === '====') {
      const octets = Uint8Array.from(atob(lines.slice(from, at).map(bare).join('')), char => char.charCodeAt(0))
      return { octets, last: at }
    }
    if (!/^[A-Za-z0-9+/]{1,200}={0,2}$/.test(line) || line.length % 4 !== 0) return undefined
  }
  return undefined
}

function bare(line = ''): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
