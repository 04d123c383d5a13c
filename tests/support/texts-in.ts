/** Finds the `{ en: …, ja: … }` values of a source file, as they are written. */

export type FoundText = {
  /** 1 is the first */
  readonly line: number
  /** The expressions, as written */
  readonly en: string
  readonly ja: string | undefined
}

/** Types (`en: string`) and what stands in comments and strings are left out. */
export function* textsIn(source: string): Generator<FoundText> {
  for (const { index, 0: start } of source.matchAll(/(?<=[{,]\s*)en: (?!string\b|readonly\b)/g)) {
    const en = expressionAt(source, index + start.length)
    const rest = source.slice(index + start.length + en.length)
    const key = /^,\s*ja: /.exec(rest)
    const ja = key ? expressionAt(rest, key[0].length) : undefined
    yield { line: source.slice(0, index).split('\n').length, en, ja }
  }
}

/** Up to the comma or bracket that ends it. */
function expressionAt(source: string, from: number): string {
  let depth = 0
  let at = from
  for (; at < source.length; at++) {
    const char = source[at] ?? ''
    if (`'"\``.includes(char)) at = endOfString(source, at)
    else if ('([{'.includes(char)) depth++
    else if (')]}'.includes(char) && depth-- === 0) break
    else if ((char === ',' || char === ';') && depth === 0) break
  }
  return source.slice(from, at).trim()
}

/** Index of the closing quotation mark; a template's `${…}` may hold strings of its own. */
function endOfString(source: string, from: number): number {
  const mark = source[from]
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === mark) return at
    else if (mark === '`' && source.startsWith('${', at)) at += 1 + expressionAt(source, at + 2).length
  }
  return source.length
}
