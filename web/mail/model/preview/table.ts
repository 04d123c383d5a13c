/** Comma- and tab-separated values (RFC 4180) as rows, as many as somebody looks at. Pure */

export const maxRows = 500
export const maxColumns = 60
const maxCell = 2_000

export type Table = { readonly rows: readonly (readonly string[])[]; readonly isCut: boolean }

/** What stands between values is what the first line has most of: a comma, a tab, or a semicolon. */
export function readTable(text: string): Table {
  const clean = text.replace(/^\ufeff/, '')
  const separator = separatorOf(clean)
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  let isCut = false
  while (at < clean.length && rows.length < maxRows) {
    const { value, end } = readCell(clean, at, separator)
    if (row.length < maxColumns) row.push(value.slice(0, maxCell))
    else isCut = true
    const next = clean[end]
    at = end + (next === '\r' && clean[end + 1] === '\n' ? 2 : 1)
    if (next === separator) continue
    rows.push(row)
    row = []
  }
  if (row.length > 0 && rows.length < maxRows) rows.push(row)
  return { rows, isCut: isCut || at < clean.length }
}

function separatorOf(text: string): string {
  const line = text.slice(0, 10_000).split(/\r?\n/, 1)[0] ?? ''
  const counts = [',', '\t', ';'].map(sign => [sign, line.split(sign).length] as const)
  return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}

/** `end`: of what stands behind it */
function readCell(text: string, from: number, separator: string): { readonly value: string; readonly end: number } {
  if (text[from] !== '"') {
    let end = from
    while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++
    return { value: text.slice(from, end), end }
  }
  let value = ''
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return { value: value + text.slice(at), end: text.length }
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      const rest = readRest(text, quote + 1, separator)
      return { value: value + text.slice(quote + 1, rest), end: rest }
    }
    value += '"'
    at = quote + 2
  }
}

function readRest(text: string, from: number, separator: string): number {
  let end = from
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++
  return end
}
