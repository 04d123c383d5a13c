/** The places of a text that a search found, marked for HTML. RFC 8621 §5 */
import { fold } from '#formats/search/fold.ts'

type Range = { readonly start: number; readonly end: number }

/** RFC 8621 §5: octets of a preview */
const maxPreviewOctets = 255
/** Characters of the text before the first place found */
const before = 40

/** The whole text, or undefined when nothing in it was looked for. `needles`: folded */
export function markedText(text: string, needles: readonly string[]): string | undefined {
  const ranges = rangesOf(text, needles)
  return ranges.length > 0 ? marked(text, ranges, 0, text.length) : undefined
}

/** As much around the first place as a preview may have; blanks of all kinds are one. */
export function markedPreview(text: string, needles: readonly string[]): string | undefined {
  const line = text.replaceAll(/[\s\0]+/g, ' ').trim()
  const ranges = rangesOf(line, needles)
  const [first] = ranges
  if (!first) return undefined
  const start = wordStart(line, Math.max(0, first.start - before), first.start)
  let end = Math.min(line.length, start + maxPreviewOctets)
  for (;;) {
    const preview = marked(line, ranges, start, end)
    if (Buffer.byteLength(preview) <= maxPreviewOctets) return preview
    end--
    // not within a character
    if (isLowSurrogate(line, end)) end--
  }
}

function wordStart(line: string, from: number, latest: number): number {
  if (from === 0) return 0
  const blank = line.indexOf(' ', from)
  const start = blank >= 0 && blank < latest ? blank + 1 : from
  return isLowSurrogate(line, start) ? start + 1 : start
}

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff
}

function marked(text: string, ranges: readonly Range[], start: number, end: number): string {
  let out = ''
  let at = start
  for (const range of ranges) {
    const [from, to] = [Math.max(range.start, start), Math.min(range.end, end)]
    if (from >= to) continue
    out += `${escaped(text.slice(at, from))}<mark>${escaped(text.slice(from, to))}</mark>`
    at = to
  }
  return out + escaped(text.slice(at, end))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Ascending, apart. Compared as searches do it, character by character with its marks, so that each place is known in the text itself. */
function rangesOf(text: string, needles: readonly string[]): readonly Range[] {
  const { folded, starts } = foldedWithPlaces(text)
  const found: Range[] = []
  for (const needle of new Set(needles)) {
    if (needle === '') continue
    for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, at + needle.length))
      found.push({ start: starts[at] ?? 0, end: endOf(starts, at + needle.length, text.length) })
  }
  return joined(found.sort((a, b) => a.start - b.start))
}

/** `starts[i]`: where in the text the character begins that the folded one at i comes from */
function foldedWithPlaces(text: string): { readonly folded: string; readonly starts: readonly number[] } {
  let folded = ''
  const starts: number[] = []
  for (const { 0: character, index } of text.matchAll(
    /[^\p{M}\uff9e\uff9f][\p{M}\uff9e\uff9f]{0,20}|[\p{M}\uff9e\uff9f]/gsu,
  )) {
    const piece = fold(character)
    folded += piece
    for (let at = 0; at < piece.length; at++) starts.push(index)
  }
  return { folded, starts }
}

/** A character that became several is marked as a whole. */
function endOf(starts: readonly number[], at: number, length: number): number {
  const last = starts[at - 1] ?? 0
  for (let next = at; next < starts.length; next++) if ((starts[next] ?? 0) > last) return starts[next] ?? length
  return length
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const all: { start: number; end: number }[] = []
  for (const { end, start } of ranges) {
    const last = all.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else all.push({ start, end })
  }
  return all
}
