/** What an email counts as, from where it lies, where it came from and what is marked on it. Pure. */

export const verdicts = {
  none: 0,
  /** Moved into Junk, or marked so */
  junk: 1,
  /** Moved out of Junk, or marked so */
  ham: 2,
  /** Read and kept */
  kept: 3,
  /** The same, when enough of these are learnt: only its sender counts */
  keptSender: 4,
  /** Cannot be read */
  unreadable: 5,
} as const
export type LearntVerdict = (typeof verdicts)[keyof typeof verdicts]

/** $Junk and its forerunners; $NotJunk and its. 0: neither, or both */
export type JunkKeyword = -1 | 0 | 1

export type Lying = {
  /** Of the mailbox; null for one without */
  readonly role: string | null
  /** Seen, answered or flagged */
  readonly looked: boolean
  /** It has come here since the last look, and not by its delivery */
  readonly entered: boolean
}

export type Looked = {
  readonly lying: readonly Lying[]
  readonly keyword: JunkKeyword
  /** It has left Junk since the last look */
  readonly leftJunk: boolean
  /** At the last look; undefined when there was none */
  readonly before: { readonly verdict: LearntVerdict; readonly keyword: JunkKeyword } | undefined
}

/**
 * A keyword that was set since the last look says it; then a move into Junk or out of it. What was said so stays until the opposite
 * is. A letter that was put into Junk at its delivery says nothing: the filter does not teach itself.
 */
export function verdictOf({ lying, keyword, leftJunk, before }: Looked): LearntVerdict {
  if (keyword !== 0 && keyword !== (before?.keyword ?? 0)) return keyword > 0 ? verdicts.junk : verdicts.ham
  const inJunk = lying.filter(({ role }) => role === 'junk')
  if (inJunk.some(({ entered }) => entered)) return verdicts.junk
  const elsewhere = lying.filter(({ role }) => role !== 'junk' && role !== 'trash')
  if (leftJunk && inJunk.length === 0 && elsewhere.length > 0) return verdicts.ham
  const was = before?.verdict ?? verdicts.none
  if (was === verdicts.junk || was === verdicts.ham || was === verdicts.unreadable) return was
  if (lying.length === 0) return was
  const isKept = elsewhere.some(({ role, looked }) => looked && role !== 'sent' && role !== 'drafts')
  if (!isKept || inJunk.length > 0) return verdicts.none
  return was === verdicts.keptSender ? was : verdicts.kept
}
