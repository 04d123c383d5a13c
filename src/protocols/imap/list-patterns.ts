/** Patterns of LIST and LSUB: `*` any characters, `%` any but the separator. RFC 9051 §6.3.9 */
import type { Steps } from './order/slices.ts'

/** Characters compared between two steps: far under a millisecond. */
const stepCost = 50_000

/**
 * Those of the names that any of the patterns means. Hundreds of long patterns on ten thousand names take as long as they take,
 * and nobody else waits for them.
 */
export function* namesMatching(names: Iterable<string>, patterns: readonly string[]): Steps<ReadonlySet<string>> {
  const plain = new Set(patterns.filter(pattern => !/[*%]/.test(pattern)))
  const wild = patterns.filter(pattern => /[*%]/.test(pattern)).map(patternOf)
  const meansInbox = patterns.some(isInbox)
  const matching = new Set<string>()
  let cost = 0
  for (const name of names) {
    if (plain.has(name) || (name === 'INBOX' && meansInbox)) {
      matching.add(name)
      continue
    }
    for (const pattern of wild) {
      cost += pattern.rest.length * name.length + 1
      if (cost > stepCost) {
        yield
        cost = 0
      }
      if (!matches(pattern, name)) continue
      matching.add(name)
      break
    }
  }
  return matching
}

/** The inbox's name has no case, of ASCII letters: ı, a capital I elsewhere, is another letter. RFC 9051 §5.1 */
function isInbox(pattern: string): boolean {
  return matchesPattern(
    pattern.replaceAll(/[a-z]/g, letter => letter.toUpperCase()),
    'INBOX',
  )
}

export function matchesPattern(pattern: string, name: string): boolean {
  return matches(patternOf(pattern), name)
}

/** What stands before the first wildcard, and the rest: no wildcard next to another. */
type Pattern = { readonly prefix: string; readonly rest: string }

function patternOf(pattern: string): Pattern {
  const simple = pattern.replaceAll(/[*%]+/g, run => (run.includes('*') ? '*' : '%'))
  const first = simple.search(/[*%]/)
  return first < 0 ? { prefix: simple, rest: '' } : { prefix: simple.slice(0, first), rest: simple.slice(first) }
}

function matches({ prefix, rest }: Pattern, name: string): boolean {
  if (!name.startsWith(prefix)) return false
  if (rest === '') return name.length === prefix.length
  if (rest === '*') return true
  if (rest === '%') return !name.includes('/', prefix.length)
  return matchesWild(rest, name.slice(prefix.length))
}

const star = 0x2a
const percent = 0x25
const slash = 0x2f

/** Without backtracking: time is pattern × name, whatever they are. */
function matchesWild(pattern: string, name: string): boolean {
  // reached[i]: the first i characters of the name are matched by the pattern so far
  let reached = new Uint8Array(name.length + 1)
  let next = new Uint8Array(name.length + 1)
  reached[0] = 1
  for (let from = 0; from < pattern.length; from++) {
    const char = pattern.charCodeAt(from)
    const any = char === star || char === percent ? widen(reached, next, name, char) : step(reached, next, name, char)
    if (!any) return false
    const spare = reached
    reached = next
    next = spare
  }
  return reached[name.length] === 1
}

/** A wildcard: from wherever it was reached on, `%` up to the next separator. */
function widen(reached: Uint8Array, next: Uint8Array, name: string, char: number): boolean {
  let isOpen = false
  let any = false
  for (let at = 0; at <= name.length; at++) {
    if (char === percent && at > 0 && name.charCodeAt(at - 1) === slash) isOpen = false
    isOpen ||= reached[at] === 1
    next[at] = isOpen ? 1 : 0
    any ||= isOpen
  }
  return any
}

function step(reached: Uint8Array, next: Uint8Array, name: string, char: number): boolean {
  let any = false
  next[0] = 0
  for (let at = 1; at <= name.length; at++) {
    const isHere = reached[at - 1] === 1 && name.charCodeAt(at - 1) === char
    next[at] = isHere ? 1 : 0
    any ||= isHere
  }
  return any
}
