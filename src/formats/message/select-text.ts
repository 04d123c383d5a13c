/** HEADER.FIELDS of fields that are kept as text beside a letter (common-fields.ts): for thousands of letters in a row. */

/** The fields with the names it was made for, as they stand between two places of a text of whole fields, and the empty line. */
export type FieldTextSelector = (text: string, start: number, end: number) => string

export function fieldTextSelector(names: readonly string[]): FieldTextSelector {
  const byLetter: string[][] = []
  for (const name of names) {
    const lower = name.toLowerCase()
    for (const letter of new Set([lower.charCodeAt(0), lower.toUpperCase().charCodeAt(0)]))
      byLetter[letter] = [...(byLetter[letter] ?? []), lower]
  }
  return (text, start, end) => {
    let selected = ''
    /** Where fields to be taken begin, neighbours as one; -1: none */
    let from = -1
    for (let at = start; at < end; ) {
      const known = byLetter[text.charCodeAt(at)]
      const isWanted = known !== undefined && known.some(name => isNamed(text, at, name))
      if (isWanted && from < 0) from = at
      else if (!isWanted && from >= 0) {
        selected += text.slice(from, at)
        from = -1
      }
      at = fieldEnd(text, at, end)
    }
    return from < 0 ? `${selected}\r\n` : `${selected}${text.slice(from, end)}\r\n`
  }
}

/** Any case, and white space before the colon (RFC 5322 §4.5). */
function isNamed(text: string, start: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = text.charCodeAt(start + at)
    if ((code >= 65 && code <= 90 ? code | 0x20 : code) !== name.charCodeAt(at)) return false
  }
  let at = start + name.length
  while (text.charCodeAt(at) === space || text.charCodeAt(at) === tab) at++
  return text.charCodeAt(at) === colon
}

function fieldEnd(text: string, start: number, end: number): number {
  for (let at = start; ; ) {
    at = text.indexOf('\n', at) + 1
    if (at === 0 || at >= end) return end
    const next = text.charCodeAt(at)
    if (next !== space && next !== tab) return at
  }
}

const space = 32
const tab = 9
const colon = 58
