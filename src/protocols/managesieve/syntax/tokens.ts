/** Words, numbers and strings of one command, which comes in lines and the literals between them. RFC 5804 §1.2, §4 */
import { maxQuotedBytes } from './limits.ts'

/** A line without its end, the literal that it announced, the next line …; the last is a line. */
export type RequestPieces = readonly Uint8Array[]

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'string'; readonly bytes: Uint8Array }

const announcement = /\{([0-9]{1,10})\+\}$/

/** Octets of the literal that this line ends with; undefined when it ends with none. Only `{n+}`: nobody here says "go on". */
export function announcedBytes(line: Uint8Array): number | undefined {
  const tail = Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1', Math.max(0, line.length - 13))
  const [, digits] = announcement.exec(tail) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Undefined for what is none of them, and for what is not parted by single spaces. */
export function readTokens(pieces: RequestPieces): Token[] | undefined {
  const tokens: Token[] = []
  for (let index = 0; index < pieces.length; index += 2) {
    const literal = pieces[index + 1]
    const line = pieces[index] ?? new Uint8Array(0)
    const read = readLine(line, { begins: index === 0, literal })
    if (!read) return undefined
    tokens.push(...read)
  }
  return tokens
}

function readLine(
  bytes: Uint8Array,
  { begins, literal }: { readonly begins: boolean; readonly literal: Uint8Array | undefined },
): Token[] | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const end = literal ? text.search(announcement) : text.length
  if (literal && begins && end === 0) return [{ kind: 'string', bytes: literal }]
  const tokens: Token[] = []
  let at = 0
  // what follows a literal begins with a space, or is empty
  for (let isFirst = begins; at < end || isFirst; isFirst = false) {
    if (!isFirst) {
      if (text[at] !== ' ') return undefined
      at++
      if (at === end && literal) break
    }
    const token = text[at] === '"' ? readQuoted(text, at) : readWord(text, at, end)
    if (!token || token.end > end) return undefined
    tokens.push(token.token)
    at = token.end
  }
  if (literal) {
    if (text[end - 1] !== ' ') return undefined
    tokens.push({ kind: 'string', bytes: literal })
  }
  return tokens
}

type Read = { readonly token: Token; readonly end: number }

function readWord(text: string, from: number, limit: number): Read | undefined {
  const [word] = /^[A-Za-z0-9-]+/.exec(text.slice(from, limit)) ?? []
  return word === undefined ? undefined : { token: { kind: 'word', text: word }, end: from + word.length }
}

function readQuoted(text: string, from: number): Read | undefined {
  const characters: string[] = []
  for (let at = from + 1; at < text.length; at++) {
    let character = text[at]
    if (character === '"') {
      if (characters.length > maxQuotedBytes) return undefined
      const bytes = new Uint8Array(Buffer.from(characters.join(''), 'latin1'))
      return { token: { kind: 'string', bytes }, end: at + 1 }
    }
    if (character === '\0' || character === '\r') return undefined
    if (character === '\\') {
      character = text[++at]
      if (character !== '"' && character !== '\\') return undefined
    }
    characters.push(character ?? '')
  }
  return undefined
}
