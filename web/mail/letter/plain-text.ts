/** A plain text letter as blocks: paragraphs, quotes by level, the signature, and the older letter at its end. Pure. */
import { beginsOriginal, isAttribution, isQuotedField, isRule, isSenderField } from './quote-marks.ts'

export type TextBlock =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'quote'; readonly blocks: readonly TextBlock[] }
  | { readonly kind: 'signature'; readonly lines: readonly string[] }
  /** What the letter answers: shown when asked for */
  | { readonly kind: 'history'; readonly blocks: readonly TextBlock[] }

/** Deeper ones are shown at this level. */
const maxLevels = 12

export function textBlocks(text: string): readonly TextBlock[] {
  const lines = text.replaceAll(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n')
  const from = historyStart(lines)
  if (from === undefined) return blocksOf(lines, 0)
  const own = trimmedEnd(lines.slice(0, from))
  return [...blocksOf(own, 0), { kind: 'history', blocks: blocksOf(lines.slice(from), 0) }]
}

/**
 * The line from which on everything is an older letter. Undefined where there is none, where nothing stands before it (then it is what the
 * sender wants read), or where the sender wrote between its lines.
 */
function historyStart(lines: readonly string[]): number | undefined {
  const marked = lines.findIndex((line, at) => beginsOriginal(line) || isOutlookHeader(lines, at))
  const at = marked >= 0 ? marked : trailingQuote(lines)
  return at !== undefined && lines.slice(0, at).some(line => line.trim() !== '') ? at : undefined
}

function isOutlookHeader(lines: readonly string[], at: number): boolean {
  const from = isRule(lines[at] ?? '') ? at + 1 : at
  if (!isSenderField(lines[from] ?? '')) return false
  const next = lines.slice(from + 1, from + 5).filter(isQuotedField)
  return next.length >= 2 && (from > at || (lines[at - 1] ?? '').trim() === '')
}

function trailingQuote(lines: readonly string[]): number | undefined {
  let at = lines.length
  const isLast = (line: string) => line.trim() === '' || isQuoted(line)
  while (at > 0 && isLast(lines[at - 1] ?? '')) at--
  // a signature below the quote hides nothing: who answers above often has it there
  if (at === lines.length) return undefined
  while (at < lines.length && (lines[at] ?? '').trim() === '') at++
  if (!isQuoted(lines[at] ?? '')) return undefined
  return attributionBefore(lines, at)
}

/** With the line or two that say whose words follow. */
function attributionBefore(lines: readonly string[], quoteAt: number): number {
  let at = quoteAt
  while (at > 0 && (lines[at - 1] ?? '').trim() === '') at--
  const one = lines[at - 1] ?? ''
  if (isAttribution(one)) return at - 1
  return at > 1 && isAttribution(`${lines[at - 2]} ${one.trim()}`) ? at - 2 : quoteAt
}

function isQuoted(line: string): boolean {
  return /^\s?(?:>|＞)/.test(line)
}

function blocksOf(lines: readonly string[], level: number): readonly TextBlock[] {
  const blocks: TextBlock[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    let end = at + 1
    if (isQuoted(line) && level < maxLevels) {
      while (end < lines.length && isQuoted(lines[end] ?? '')) end++
      const inside = lines.slice(at, end).map(quoted => quoted.replace(/^\s?(?:>|＞) ?/, ''))
      blocks.push({ kind: 'quote', blocks: blocksOf(inside, level + 1) })
    } else if (line === '-- ' || line === '--') {
      while (end < lines.length && !isQuoted(lines[end] ?? '')) end++
      blocks.push({ kind: 'signature', lines: lines.slice(at, end) })
    } else {
      while (end < lines.length && isPlain(lines[end] ?? '', level)) end++
      blocks.push({ kind: 'lines', lines: lines.slice(at, end) })
    }
    at = end
  }
  return blocks
}

function isPlain(line: string, level: number): boolean {
  return (level >= maxLevels || !isQuoted(line)) && line !== '-- ' && line !== '--'
}

function trimmedEnd(lines: readonly string[]): readonly string[] {
  const end = lines.findLastIndex(line => line.trim() !== '')
  return lines.slice(0, end + 1)
}
