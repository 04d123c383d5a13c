/**
 * Reverse-path and forward-path. RFC 5321 §4.1.2, SMTPUTF8 RFC 6531 §3.3.
 *
 * Lenient where mail in the wild is old: dots may be doubled or final in the local part (docomo), source routes are read and
 * dropped (RFC 5321 Appendix C), the space after the colon and missing angle brackets are forgiven. Never lenient about
 * control characters, spaces and unbalanced quotes.
 */
import { maxPathBytes } from '../limits.ts'

export type Path = { readonly address: string; readonly rest: string }

const route = /^@[^\s:<>"]+(?:,@[^\s:<>"]+)*:/
/** Local part: atoms with dots anywhere, or a quoted string. Domain: a name or an address literal. */
const mailbox =
  /^(?:"(?:[ !#-[\]-~\u0080-\u{10ffff}]|\\[ -~])*"|[^\u0000-\u0020\u007f"(),:;<>@[\\\]]+)@(?:\[[A-Za-z0-9:.-]+\]|[A-Za-z0-9_.\-\u0080-\u{10ffff}]+)$/u

/** Splits `<path> parameters`. Undefined when there is no well-formed path. */
export function readPath(text: string, kind: 'reverse' | 'forward'): Path | undefined {
  const trimmed = text.replace(/^ +/, '')
  const end = trimmed.startsWith('<') ? closingBracket(trimmed) : bareEnd(trimmed)
  if (end < 0) return undefined
  const bracketed = trimmed.startsWith('<')
  const inner = (bracketed ? trimmed.slice(1, end) : trimmed.slice(0, end)).replace(route, '')
  const rest = trimmed.slice(bracketed ? end + 1 : end)
  if (rest !== '' && !rest.startsWith(' ')) return undefined
  if (!isPath(inner, kind) || (!bracketed && inner === '')) return undefined
  return { address: inner, rest: rest.trim() }
}

export function isPath(address: string, kind: 'reverse' | 'forward'): boolean {
  if (address === '') return kind === 'reverse'
  if (Buffer.byteLength(address) > maxPathBytes) return false
  if (kind === 'forward' && /^postmaster$/i.test(address)) return true // RFC 5321 §4.5.1
  return mailbox.test(address)
}

/** Index of the `>` that ends the path: one inside a quoted local part does not count. */
function closingBracket(text: string): number {
  let quoted = false
  for (let at = 1; at < text.length; at++) {
    const char = text[at]
    if (quoted && char === '\\') at++
    else if (char === '"') quoted = !quoted
    else if (char === '>' && !quoted) return at
  }
  return -1
}

function bareEnd(text: string): number {
  const space = text.indexOf(' ')
  return space < 0 ? text.length : space
}

export function isAscii(text: string): boolean {
  return /^[\u0000-\u007f]*$/.test(text)
}
