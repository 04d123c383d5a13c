/** The text behind OK, NO, BAD, BYE: `[CODE argument] words`. RFC 9051 §7.1 */
import type { SequenceRange } from '../syntax/sequence-set.ts'
import { rangeLimit, wordLimit } from './limits.ts'
import type { ResponseCode } from './response.ts'

export type StatusText = { readonly code: ResponseCode | undefined; readonly text: string }

/** A code that is not as it should be is kept as `other`: nobody acts upon it. */
export function parseStatusText(whole: string): StatusText {
  const end = endOfCode(whole)
  if (end < 0) return { code: undefined, text: whole }
  const inside = whole.slice(1, end)
  const space = inside.indexOf(' ')
  const name = (space < 0 ? inside : inside.slice(0, space)).toUpperCase()
  const argument = space < 0 ? undefined : inside.slice(space + 1)
  const code = knownCode(name, argument ?? '') ?? { name: 'other', code: name, argument }
  return { code, text: whole.slice(end + 1).replace(/^ /, '') }
}

/** Index of the closing bracket; one in a quoted string is none. -1: there is no code */
function endOfCode(text: string): number {
  if (!text.startsWith('[')) return -1
  let quoted = false
  for (let at = 1; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') quoted = !quoted
    else if (char === '\\' && quoted) at += 1
    else if (char === ']' && !quoted) return at
  }
  return -1
}

function knownCode(name: string, argument: string): ResponseCode | undefined {
  switch (name) {
    case 'CAPABILITY':
      return { name, names: words(argument.toUpperCase()) }
    case 'PERMANENTFLAGS':
      return { name, flags: words(argument.replace(/^\(|\)$/g, '')) }
    case 'UIDVALIDITY':
    case 'UIDNEXT':
    case 'UNSEEN':
    case 'HIGHESTMODSEQ': {
      const number = numberOf(argument)
      return number === undefined ? undefined : { name, number }
    }
    case 'APPENDUID': {
      const [, validity = '', set = ''] = /^(\d+) (\S+)$/.exec(argument) ?? []
      const [uidValidity, uids] = [numberOf(validity), parseRanges(set)]
      return uidValidity === undefined || !uids ? undefined : { name, uidValidity, uids }
    }
    case 'COPYUID':
      return copied(argument)
    case 'MODIFIED': {
      const numbers = parseRanges(argument)
      return numbers && { name, numbers }
    }
    default:
      return undefined
  }
}

function copied(argument: string): ResponseCode | undefined {
  const [, validity = '', source = '', target = ''] = /^(\d+) (\S+) (\S+)$/.exec(argument) ?? []
  const [uidValidity, from, to] = [numberOf(validity), parseRanges(source), parseRanges(target)]
  return uidValidity === undefined || !from || !to ? undefined : { name: 'COPYUID', uidValidity, from, to }
}

export function words(text: string): readonly string[] {
  return text
    .split(' ', wordLimit)
    .map(word => word.trim())
    .filter(word => word !== '')
}

/** Undefined for what is no number or not exact. */
export function numberOf(text: string): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN
  return Number.isSafeInteger(number) ? number : undefined
}

/** `1:3,7`: ranges with the smaller number first. A server's set never holds `*`. */
export function parseRanges(text: string): readonly SequenceRange[] | undefined {
  const ranges: SequenceRange[] = []
  const parts = text.split(',', rangeLimit + 1)
  if (parts.length > rangeLimit) return undefined
  for (const part of parts) {
    const [, low = '', high = low] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(part) ?? []
    const [first, last] = [Number(low), Number(high)]
    if (low === '' || Math.min(first, last) === 0 || Math.max(first, last) > 0xffff_ffff) return undefined
    ranges.push({ first: Math.min(first, last), last: Math.max(first, last) })
  }
  return ranges
}
