/**
 * What a change of placements is to those who see emails (RFC 8621): which types are other than they were. A placement marked \Deleted is seen by
 * nobody; an email is there as long as another one is left. Exact, but for an email that lies in one mailbox twice.
 */
import type { AccountWriter } from './account-writer.ts'
import { hasOnlyShown, noteBack, noteRangeBack } from './tables/email-back.ts'
import type { PlacementRow } from './tables/placement.ts'
import type { UidRange } from './tables/placement-range.ts'

const seenFlag = 1
const draftFlag = 8
const deletedFlag = 16
/** With either of them an email is not unread (mail/image/count-mailboxes.ts) */
const readFlags = seenFlag | draftFlag

export const isShown = ({ flags }: { readonly flags: number }): boolean => !(flags & deletedFlag)

/** Some got another place with these flags. `isNew`: their emails were not shown before */
export function noteAdded(account: AccountWriter, flags: number, isNew: boolean): void {
  if (flags & deletedFlag) return
  account.touch('email', 'mailbox')
  if (isNew) account.touch('thread')
}

/** Some that had these flags lost a place. `isGone`: their emails are shown no more */
export function noteRemoved(account: AccountWriter, flags: number, isGone: boolean): void {
  if (flags & deletedFlag) return
  account.touch('email', 'mailbox')
  if (isGone) account.touch('thread')
}

/** One email's flags changed in its place `row`, and its keywords in all of its `others`. To be called before. */
export function noteFlags(
  account: AccountWriter,
  row: PlacementRow,
  flags: number,
  others: readonly PlacementRow[],
): void {
  const isElsewhere = others.some(isShown)
  const [was, is] = [isShown(row), isShown({ flags })]
  if (!was && !is && !isElsewhere) return
  account.touch('email')
  if (countsOther(row.flags, flags)) account.touch('mailbox')
  if (isElsewhere || was === is) return
  account.touch('thread')
  if (!is) return
  const hidden = Math.max(row.modSeq, ...others.map(({ modSeq }) => modSeq))
  noteBack(account.database, row.email, { hidden, modSeq: account.modSeq() })
}

/** A range had these flags and has others; what that is in other places is told of these. */
export function noteRangeFlags(
  account: AccountWriter,
  mailbox: number,
  range: UidRange,
  { before, after }: { readonly before: number; readonly after: number },
): void {
  if (before & after & deletedFlag) return
  account.touch('email')
  if (countsOther(before, after)) account.touch('mailbox')
  if (!((before ^ after) & deletedFlag) || account.isTouched('thread')) return
  const isShared = account.counters.placements !== account.counters.emails
  if (!isShared || hasOnlyShown(account.database, mailbox, range)) account.touch('thread')
}

/** Whether mailboxes count it otherwise */
function countsOther(before: number, after: number): boolean {
  return ((before ^ after) & deletedFlag) !== 0 || ((before & readFlags) === 0) !== ((after & readFlags) === 0)
}

/** Marks of \Deleted are about to go from a range, where nothing changed after `since`. */
export function noteUndeleted(account: AccountWriter, mailbox: number, range: UidRange, since: number): void {
  noteRangeBack(account.database, mailbox, range, { modSeq: account.modSeq(), since })
}
