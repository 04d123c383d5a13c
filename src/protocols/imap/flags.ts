/** Flag names and packed flags. RFC 9051 §2.3.2 */
import {
  answeredFlag,
  deletedFlag,
  draftFlag,
  flaggedFlag,
  firstKeywordFlag,
  seenFlag,
  type FlagChange,
} from '#mail/account.ts'
import { bad, Refused } from './reply.ts'

export const systemFlags = [
  ['\\Answered', answeredFlag],
  ['\\Flagged', flaggedFlag],
  ['\\Deleted', deletedFlag],
  ['\\Seen', seenFlag],
  ['\\Draft', draftFlag],
] as const
const systemMask = systemFlags.reduce((mask, [, bit]) => mask | bit, 0)

/** The change that a list of names asks for. \Recent is nobody's to set and is passed over (RFC 3501 §2.3.2). */
export function flagChange(mode: FlagChange['mode'], names: readonly string[]): FlagChange {
  let system = 0
  const keywords: string[] = []
  for (const name of names) {
    if (!name.startsWith('\\')) {
      keywords.push(name)
      continue
    }
    const wanted = name.toLowerCase()
    const known = systemFlags.find(([flag]) => flag.toLowerCase() === wanted)
    if (known) system |= known[1]
    else if (wanted !== '\\recent') throw new Refused(bad('There is no such system flag'))
  }
  return { mode, system, keywords }
}

/** `\Answered \Seen $Forwarded` */
export function printFlags(packed: number, keywords: readonly string[]): string {
  const names: string[] = []
  for (const [name, bit] of systemFlags) if ((packed & bit) !== 0) names.push(name)
  for (let index = 0; index < keywords.length; index += 1)
    if ((packed & (firstKeywordFlag << index)) !== 0) names.push(keywords[index] ?? '')
  return names.join(' ')
}

/** Bits that mean a keyword which `keywords` does not know yet. */
export function unknownKeywords(packed: number, keywords: readonly string[]): boolean {
  const known = keywords.length >= 27 ? -1 : firstKeywordFlag * 2 ** keywords.length - 1
  return (packed & ~systemMask & ~known) !== 0
}
