/** Flag changes: names become bits. Keywords are matched without regard to ASCII case and kept as first written. */
import type { AccountWriter } from './account-writer.ts'
import { packedUids } from './changes.ts'
import { maxKeywordBytes } from './limits.ts'
import type { FlagInput, FlagsOutput, Refusal, WriterOperations } from './operations.ts'
import { setFlags } from './place.ts'
import { readPlacement } from './tables/placement.ts'

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
  let bits = change.system & systemMask
  for (const name of change.keywords) {
    const position = keywordPosition(account, name, change.mode !== 'remove')
    if (typeof position === 'number') bits |= firstKeywordFlag << position
    else if (position !== undefined && !lenient) return position
  }
  // The highest keyword is the sign bit's neighbour: stay unsigned
  return bits >>> 0
}

function keywordPosition(account: AccountWriter, name: string, add: boolean): number | Refusal | undefined {
  const folded = name.toLowerCase()
  const position = account.keywords.findIndex(known => known.toLowerCase() === folded)
  if (position >= 0) return position
  if (!keywordPattern.test(name) || name.length > maxKeywordBytes)
    return { refused: 'bad-name', why: 'Not a valid keyword' }
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

export function changeFlags(
  account: AccountWriter,
  input: WriterOperations['changeFlags']['input'],
): FlagsOutput | Refusal {
  const bits = flagBits(account, input.change, false)
  if (typeof bits !== 'number') return bits
  const before = account.counters.modSeq
  const done: number[] = []
  const failed: number[] = []
  for (const uid of input.uids) {
    const row = readPlacement(account.database, input.mailbox, uid)
    if (!row) continue
    // A modseq above `before` is this very operation, through another placement of the same email
    if (input.unchangedSince !== undefined && row.modSeq > input.unchangedSince && row.modSeq <= before) {
      failed.push(uid)
      continue
    }
    const flags = changed(row.flags, input.change.mode, bits)
    if (flags === row.flags) continue
    setFlags(account, row, flags)
    done.push(uid)
  }
  return { changed: packedUids(done), failed: packedUids(failed), modSeq: account.counters.modSeq }
}
