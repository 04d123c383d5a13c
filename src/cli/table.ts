/** Columns that stay straight with Japanese in them, and nothing that a peer wrote can move the cursor. */

export type Column<Row> = {
  readonly title: string
  readonly cell: (row: Row) => string | number | undefined
  readonly right?: boolean
}

const gap = '  '
/** Below this a column is not cut further. */
const minColumn = 8

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Cells a text takes on a terminal: 2 for wide characters (UAX #11 W and F, emoji), 0 for what combines. */
export function width(text: string): number {
  let cells = 0
  for (const { segment } of segmenter.segment(text)) cells += widthOf(segment.codePointAt(0) ?? 0, segment)
  return cells
}

function widthOf(code: number, grapheme: string): number {
  if (/^[\p{M}\u200b-\u200f\u2060\ufeff]+$/u.test(grapheme)) return 0
  return isWide(code) || /\p{Emoji_Presentation}|\ufe0f/u.test(grapheme) ? 2 : 1
}

const wideRanges: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]

function isWide(code: number): boolean {
  return code >= 0x1100 && wideRanges.some(([from, to]) => code >= from && code <= to)
}

/** Control characters, which could be commands to the terminal, become visible. */
export function plain(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}

/** At most `cells` wide, with … where something was cut. */
export function cut(text: string, cells: number): string {
  if (width(text) <= cells) return text
  let kept = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    const next = widthOf(segment.codePointAt(0) ?? 0, segment)
    if (used + next > cells - 1) break
    kept += segment
    used += next
  }
  return `${kept}…`
}

/** `columns`: the terminal's, to cut the widest column; undefined cuts nothing. Ends with a line end. */
export function printTable<Row>(
  rows: readonly Row[],
  table: readonly Column<Row>[],
  options: { readonly columns?: number | undefined; readonly color?: boolean },
): string {
  const cells = rows.map(row => table.map(column => plain(String(column.cell(row) ?? ''))))
  const widths = table.map((column, index) =>
    Math.max(width(column.title), ...cells.map(line => width(line[index] ?? ''))),
  )
  fit(widths, options.columns)
  const line = (texts: readonly string[]) =>
    table
      .map((column, index) =>
        pad(cut(texts[index] ?? '', widths[index] ?? 0), widths[index] ?? 0, column.right ?? false),
      )
      .join(gap)
      .trimEnd()
  const head = line(table.map(column => column.title))
  return [options.color ? `\u001b[1m${head}\u001b[0m` : head, ...cells.map(line)].map(text => `${text}\n`).join('')
}

/** Takes from the widest until all fit. */
function fit(widths: number[], columns: number | undefined): void {
  if (columns === undefined) return
  let over = widths.reduce((sum, item) => sum + item, 0) + gap.length * (widths.length - 1) - columns
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= minColumn) return
    widths[widest] = (widths[widest] ?? 0) - 1
    over--
  }
}

function pad(text: string, cells: number, right: boolean): string {
  const space = ' '.repeat(Math.max(cells - width(text), 0))
  return right ? space + text : text + space
}
