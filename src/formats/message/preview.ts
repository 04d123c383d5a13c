/**
 * The beginning of a letter's text, for lists of letters: IMAP PREVIEW (RFC 8970 §3.3) and JMAP Email.preview (RFC 8621 §4.1.4).
 * The same letter always gives the same text. What is looked at is bounded, whatever the letter says.
 */
import { isAscii } from 'node:buffer'
import type { ByteReader } from './byte-reader.ts'
import { htmlText } from './html-text.ts'
import { maxPreviewBytes, maxPreviewParts } from './limits.ts'
import type { Part } from './structure.ts'
import { isAttachment, partText, plainText } from './text-of.ts'

/** RFC 8970 §3.3: SHOULD; never more than 256 */
export const previewCharacters = 200

/** One line of plain text, at most `previewCharacters` code points; '' when there is nothing to read. */
export function previewOf(reader: ByteReader, root: Part): string {
  for (const part of readableParts(root, maxPreviewParts)) {
    if (isAttachment(reader, part)) continue
    const words = beginningOf(reader, part) ?? wordsOf(reader, part)
    const preview = oneLine(words)
    if (preview !== '') return preview
  }
  return ''
}

function wordsOf(reader: ByteReader, part: Part): string {
  if (part.subtype === 'html') return htmlText(partText(reader, part, maxPreviewBytes), 2 * previewCharacters)
  return ownWords(plainText(reader, part, maxPreviewBytes), true) ?? ''
}

/** Most letters say enough at once: the same words from a first look, or undefined. ASCII only, which can be cut anywhere. */
function beginningOf(reader: ByteReader, part: Part): string | undefined {
  if (part.subtype === 'html' || part.bodyEnd - part.bodyStart <= firstLookBytes) return undefined
  if (!/^(?:7bit|8bit|binary)$/i.test(part.encoding)) return undefined
  if (!isAscii(reader.read(part.bodyStart, firstLookBytes))) return undefined
  return ownWords(plainText(reader, part, firstLookBytes), false)
}
const firstLookBytes = 2048

/** text/plain and text/html in the letter's order. */
function readableParts(root: Part, limit: number): readonly Part[] {
  const found: Part[] = []
  const look = (part: Part): void => {
    if (part.kind === 'leaf' && part.type === 'text' && (part.subtype === 'plain' || part.subtype === 'html'))
      found.push(part)
    for (const child of part.children) if (found.length < limit) look(child)
  }
  look(root)
  return found
}

const enoughUnits = 3 * previewCharacters

/**
 * Without what was quoted, the line that introduces it, and the signature; all of it when nothing else is there. Undefined when
 * that depends on what follows, and this is not the whole text.
 */
function ownWords(text: string, isWhole: boolean): string | undefined {
  if (!isWhole && /^\s*-----BEGIN PGP /.test(text)) return undefined
  if (/^\s*-----BEGIN PGP MESSAGE-----/.test(text)) return ''
  const lines = withoutArmor(text).split(/\r\n|\r|\n/)
  const own: string[] = []
  let units = 0
  for (const [index, line] of lines.entries()) {
    // the last line may be cut, and the one before it may introduce what it quotes
    if (units > enoughUnits && index <= lines.length - 3) return own.join(' ')
    if (line === '-- ' || units > enoughUnits) break
    if (isQuoted(line) || introducesQuote(lines, index)) continue
    own.push(line)
    units += line.trim().length
  }
  if (!isWhole) return undefined
  return units > 0 ? own.join(' ') : lines.join(' ')
}

function isQuoted(line: string | undefined): boolean {
  return line?.trimStart().startsWith('>') ?? false
}

/** `On … Hanako wrote:` right before quoted lines */
function introducesQuote(lines: readonly string[], index: number): boolean {
  if (!/[:：]\s{0,3}$/.test(lines[index]?.slice(-4) ?? '')) return false
  return isQuoted(lines[index + 1]) || (lines[index + 1]?.trim() === '' && isQuoted(lines[index + 2]))
}

/** RFC 9580 §7: a line, header lines, an empty line, the text */
function withoutArmor(text: string): string {
  const armor = /^\s*-----BEGIN PGP SIGNED MESSAGE-----/.exec(text)
  if (!armor) return text
  const empty = /\r?\n[ \t]*\r?\n/.exec(text)
  return empty ? text.slice(empty.index + empty[0].length) : text
}

/** Joiners belong between letters; senders of bulk mail fill previews with them. */
const looseJoiners = /[\u200c\u200d]+(?=[\s\u200c\u200d]|$)/g
const rules = /[-=_*~#+]{4,}/g

function oneLine(text: string): string {
  const plain = text.replaceAll(rules, ' ')
  const line = joined(/[\u200c\u200d]/.test(plain) ? plain.replaceAll(looseJoiners, '') : plain)
  // where a part was cut off
  return line.complete ? line.text.replace(/\ufffd+$/, '').trimEnd() : line.text
}

/** Blanks become one space, what nobody sees goes, up to `previewCharacters` code points; `complete`: all of it. */
function joined(text: string): { readonly text: string; readonly complete: boolean } {
  let line = ''
  let characters = 0
  let blank = false
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (isBlank(code)) blank = line !== ''
    else if (!isInvisible(code)) {
      const more = blank ? 2 : 1
      if (characters + more > previewCharacters) return { text: line, complete: false }
      line += (blank ? ' ' : '') + (code >= 0xd800 && code <= 0xdfff ? '\ufffd' : char)
      characters += more
      blank = false
    }
  }
  return { text: line, complete: true }
}

/** Unicode White_Space, controls, and letters that look like nothing */
function isBlank(code: number): boolean {
  if (code <= 0x20) return true
  if (code < 0x7f) return false
  if (code <= 0xa0 || code === 0x1680 || code === 0x3000) return true
  if (code >= 0x2000 && code <= 0x202f) return code <= 0x200a || code === 0x2028 || code === 0x2029 || code === 0x202f
  return code === 0x205f || code === 0x2800 || code === 0x3164 || code === 0xffa0
}

/** Seen by nobody, and some (U+202A…) turn the text around them */
function isInvisible(code: number): boolean {
  if (code < 0xad) return false
  if (code >= 0x200b && code <= 0x206f)
    return code !== 0x200c && code !== 0x200d && (code < 0x2010 || code >= 0x2060 || (code >= 0x202a && code <= 0x202e))
  return code === 0xad || code === 0x34f || code === 0x61c || code === 0x180e || code === 0xfeff
}
