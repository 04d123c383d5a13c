/** Modifiers of set and extracttext. RFC 5229 §4.1, RFC 5435 §6, draft-ietf-sieve-regex §6 */
import { upperAscii } from '#formats/sieve/matching/comparators.ts'
import type { Modifier } from '#formats/sieve/program.ts'

/** In the order given: the checker has put the highest precedence first. */
export function modified(text: string, modifiers: readonly Modifier[]): string {
  return modifiers.reduce((value, modifier) => apply(value, modifier), text)
}

/** Letters of ASCII alone change their case, so that it is the same everywhere (§4.1.1 allows more) */
function apply(text: string, modifier: Modifier): string {
  switch (modifier) {
    case 'lower':
      return lowerAscii(text)
    case 'upper':
      return upperAscii(text)
    case 'lowerfirst':
      return lowerAscii(text.slice(0, 1)) + text.slice(1)
    case 'upperfirst':
      return upperAscii(text.slice(0, 1)) + text.slice(1)
    case 'quotewildcard':
      return text.replace(/[*?\\]/g, '\\$&')
    case 'quoteregex':
      return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    case 'encodeurl':
      return encodeURIComponent(text.toWellFormed()).replace(
        /[!'()*]/g,
        mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
      )
    case 'length':
      return String(Array.from(text).length)
  }
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
}
