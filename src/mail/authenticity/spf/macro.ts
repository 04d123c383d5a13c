/** Macro strings: parsed once, when the record is read; expanded when a term is looked at. RFC 7208 §7 */

export type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'v' | 'h' | 'c' | 'r' | 't'

export type MacroPiece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'macro'
      readonly letter: MacroLetter
      /** Rightmost parts to keep; all when undefined */
      readonly parts: number | undefined
      readonly reverse: boolean
      readonly delimiters: string
      /** An upper-case letter: percent-encoded */
      readonly escape: boolean
    }

export type MacroString = readonly MacroPiece[]

const piece = /%\{([slodiphcrtv])([0-9]{0,4})(r?)([.\-+,/_=]*)\}|%([%_-])|([!-$&-~]+)/giy
const pieceWithSpaces = /%\{([slodiphcrtv])([0-9]{0,4})(r?)([.\-+,/_=]*)\}|%([%_-])|([ -$&-~]+)/giy
const literals: Readonly<Record<string, string>> = { '%': '%', _: ' ', '-': '%20' }

/** Undefined: not in the grammar. `explanation`: c, r, t and spaces are allowed (§7.1, §6.2). */
export function parseMacroString(text: string, explanation = false): MacroString | undefined {
  const pieces: MacroPiece[] = []
  const pattern = new RegExp(explanation ? pieceWithSpaces : piece)
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text)
    if (!found) return undefined
    const [, letter, digits = '', reverse = '', delimiters = '', literal, plain] = found
    if (letter === undefined) {
      pieces.push({ kind: 'text', text: plain ?? literals[literal ?? ''] ?? '' })
      continue
    }
    const lower = letter.toLowerCase() as MacroLetter
    if (!explanation && 'crt'.includes(lower)) return undefined
    if (digits !== '' && Number(digits) === 0) return undefined
    pieces.push({
      kind: 'macro',
      letter: lower,
      parts: digits === '' ? undefined : Number(digits),
      reverse: reverse !== '',
      delimiters: delimiters === '' ? '.' : delimiters,
      escape: letter !== lower,
    })
  }
  return pieces
}

/** §7.1 toplabel: not all digits, no hyphen at its ends */
const domainEnd = /\.(?:[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9])\.?$/i

/** domain-spec: ends with a top label or a macro. */
export function parseDomainSpec(text: string): MacroString | undefined {
  const pieces = parseMacroString(text)
  const last = pieces?.at(-1)
  if (!pieces || !last) return undefined
  if (last.kind === 'macro') return pieces
  // `%%`, `%_` and `%-` are macro-expand too, and no sensible end
  return domainEnd.test(text) || /%[%_-]$/.test(text) ? pieces : undefined
}

/**
 * `valueOf` gives what a letter stands for. Undefined when a value is not ASCII: a term with it never matches (RFC 8616 §4).
 */
export async function expandMacro(
  pieces: MacroString,
  valueOf: (letter: MacroLetter) => string | Promise<string>,
): Promise<string | undefined> {
  let text = ''
  for (const one of pieces) {
    if (one.kind === 'text') text += one.text
    else {
      const value = await valueOf(one.letter)
      if (/[^\0-\x7f]/.test(value)) return undefined
      text += transformed(one, value)
    }
    if (text.length > maxExpansion) return text.slice(0, maxExpansion)
  }
  return text
}

/** Far above a domain name; explanations are cut shorter */
const maxExpansion = 4_096

function transformed(macro: Extract<MacroPiece, { kind: 'macro' }>, value: string): string {
  const { parts, reverse, delimiters, escape } = macro
  let labels = splitAt(value, delimiters)
  if (reverse) labels = labels.toReversed()
  if (parts !== undefined) labels = labels.slice(-parts)
  const text = labels.join('.')
  return escape ? percentEncoded(text) : text
}

function splitAt(value: string, delimiters: string): string[] {
  const labels = ['']
  for (const character of value)
    if (delimiters.includes(character)) labels.push('')
    else labels[labels.length - 1] += character
  return labels
}

/** RFC 3986 §2.3: all but the unreserved */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}
