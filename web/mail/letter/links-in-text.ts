/** Web and mail addresses in a plain text. Pure. */
import { type LetterLink, readLink } from './link.ts'

export type TextSpan = { readonly text: string; readonly link?: LetterLink }

/** Japanese text follows an address without a space, so what ends one are also its letters and marks. */
const address =
  /https?:\/\/[!#$%&'()*+,./0-9:;=?@A-Z[\]_a-z~-]+|www\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[!#$%&'()*+,./0-9:;=?@A-Z[\]_a-z~-]*)?|(?:mailto:)?[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi
const maxLine = 100_000

export function spansOf(line: string): readonly TextSpan[] {
  if (line.length > maxLine || !/:\/\/|www\.|@/i.test(line)) return line === '' ? [] : [{ text: line }]
  const spans: TextSpan[] = []
  let end = 0
  for (const match of line.matchAll(address)) {
    const text = withoutEnd(match[0])
    const link = readLink(hrefFor(text))
    if (!link) continue
    if (match.index > end) spans.push({ text: line.slice(end, match.index) })
    spans.push({ text, link })
    end = match.index + text.length
  }
  if (end < line.length) spans.push({ text: line.slice(end) })
  return spans
}

function hrefFor(text: string): string {
  if (/^(?:https?|mailto):/i.test(text)) return text
  return text.toLowerCase().startsWith('www.') ? `https://${text}` : `mailto:${text}`
}

/** A sentence's end, and a bracket that was opened before the address, are none of it. */
function withoutEnd(text: string): string {
  let kept = text.replace(/[.,;:!?'*]+$/, '')
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
  ] as const)
    while (kept.endsWith(close) && count(kept, close) > count(kept, open))
      kept = kept.slice(0, -1).replace(/[.,;:!?']+$/, '')
  return kept
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}
