/** Names become bits. Keywords are matched without regard to ASCII case and kept as first written. */
import type { AccountWriter } from './account-writer.ts'
import { maxKeywordBytes } from './limits.ts'
import type { FlagInput, Refusal } from './operations.ts'

const systemMask = 31
const firstKeywordFlag = 32
const maxKeywords = 26
/** atom of RFC 9051 §9 */
const keywordPattern = /^[^\s(){%*"\\\]\u0000-\u001f\u007f-\uffff]+$/

/**
 * The bits of a change, new keywords registered. `lenient` leaves out what does not fit (a delivery must not fail over a
 * keyword), else the refusal says what is wrong.
 */
export function flagBits(account: AccountWriter, change: FlagInput, lenient: boolean): number | Refusal {
  if (!lenient && change.mode !== 'remove') {
    const refusal = refusedKeywords(account, change.keywords)
    if (refusal) return refusal
  }
  let bits = change.system & systemMask
  for (const name of change.keywords) {
    const position = keywordPosition(account, name, change.mode !== 'remove')
    if (typeof position === 'number') bits |= firstKeywordFlag << position
    else if (position !== undefined && !lenient) return position
  }
  // The highest keyword is the sign bit's neighbour: stay unsigned
  return bits >>> 0
}

/** Asked before any of them is registered: what is refused must not use up the account's few places. */
export function refusedKeywords(account: AccountWriter, names: Iterable<string>): Refusal | undefined {
  const known = new Set(account.keywords.map(name => name.toLowerCase()))
  for (const name of names) {
    if (known.has(name.toLowerCase())) continue
    if (!isKeyword(name)) return notKeyword
    known.add(name.toLowerCase())
  }
  return known.size > maxKeywords ? { refused: 'too-many-keywords' } : undefined
}

function isKeyword(name: string): boolean {
  return keywordPattern.test(name) && name.length <= maxKeywordBytes
}

const notKeyword: Refusal = { refused: 'bad-name', why: 'Not a valid keyword' }

function keywordPosition(account: AccountWriter, name: string, add: boolean): number | Refusal | undefined {
  const folded = name.toLowerCase()
  const position = account.keywords.findIndex(known => known.toLowerCase() === folded)
  if (position >= 0) return position
  if (!isKeyword(name)) return notKeyword
  if (!add) return undefined
  if (account.keywords.length >= maxKeywords) return { refused: 'too-many-keywords' }
  return account.addKeyword(name)
}

export function changed(flags: number, mode: FlagInput['mode'], bits: number): number {
  switch (mode) {
    case 'add':
      return (flags | bits) >>> 0
    case 'remove':
      return (flags & ~bits) >>> 0
    case 'replace':
      return bits
  }
}
