/**
 * Emails that are gone for everybody and whose rows, bytes and files are still there: destroying ten thousand takes a
 * while, and nobody waits for it. They are noted in the transaction that took their last placement, so that a crash forgets
 * none of them. Until then whoever reads emails by key or in order has to pass them over (tables/doomed.ts).
 */
import type { AccountWriter } from './account-writer.ts'
import { destructionMs } from './limits.ts'
import { removeEmail } from './place.ts'
import { deleteDoomed, type DoomedRange, insertDoomed, readFirstDoomed, shortenDoomed } from './tables/doomed.ts'
import { addRange } from './uid-ranges.ts'

/** `emails`: pairs, ranges of ids in any order, `count` emails in all. */
export function doom(account: AccountWriter, emails: readonly number[], count: number, sizeBytes: number): void {
  account.hasDoomed = true
  const counters = account.changeCounters()
  counters.emails -= count
  counters.usedBytes -= sizeBytes
  account.touch('used')
  const ranges: Omit<DoomedRange, 'modSeq'>[] = []
  for (let at = 0; at < emails.length; at += 2) ranges.push({ first: emails[at] ?? 0, last: emails[at + 1] ?? 0 })
  ranges.sort((a, b) => a.first - b.first)
  const joined: number[] = []
  for (const { first, last } of ranges) addRange(joined, first, last)
  const modSeq = account.modSeq()
  for (let at = 0; at < joined.length; at += 2)
    insertDoomed(account.database, { first: joined[at] ?? 0, last: joined[at + 1] ?? 0, modSeq })
}

/** Destroys some, for a few milliseconds, within an operation of the account; true when all are. */
export function destroySome(account: AccountWriter): boolean {
  const until = performance.now() + destructionMs
  for (;;) {
    const range = readFirstDoomed(account.database)
    if (!range) return true
    for (let id = range.first; id <= range.last; id++) {
      removeEmail(account, id, range.modSeq)
      if (id === range.last || performance.now() < until) continue
      shortenDoomed(account.database, range, id + 1)
      return false
    }
    deleteDoomed(account.database, range)
    if (performance.now() >= until) return false
  }
}
