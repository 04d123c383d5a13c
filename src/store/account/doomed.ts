/**
 * Emails that are gone for everybody and whose rows, bytes and files are still there: destroying ten thousand takes a
 * while, and nobody waits for it. They are noted in the transaction that took their last placement, so that a crash forgets
 * none of them. Until then whoever reads emails by key or in order has to pass them over (tables/doomed.ts).
 */
import type { AccountWriter } from './account-writer.ts'
import { destructionMs } from './limits.ts'
import { removeEmail } from './place.ts'
import { deleteDoomed, insertDoomed, readFirstDoomed, shortenDoomed } from './tables/doomed.ts'

export function doom(account: AccountWriter, emails: readonly number[], sizeBytes: number): void {
  account.hasDoomed = true
  const counters = account.changeCounters()
  counters.emails -= emails.length
  counters.usedBytes -= sizeBytes
  const sorted = Float64Array.from(emails).sort()
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1
    while (sorted[to] === (sorted[from] ?? 0) + to - from) to++
    insertDoomed(account.database, { first: sorted[from] ?? 0, last: sorted[to - 1] ?? 0 })
    from = to
  }
}

/** Destroys some, for a few milliseconds, within an operation of the account; true when all are. */
export function destroySome(account: AccountWriter): boolean {
  const until = performance.now() + destructionMs
  for (;;) {
    const range = readFirstDoomed(account.database)
    if (!range) return true
    for (let id = range.first; id <= range.last; id++) {
      removeEmail(account, id)
      if (id === range.last || performance.now() < until) continue
      shortenDoomed(account.database, range, id + 1)
      return false
    }
    deleteDoomed(account.database, range)
    if (performance.now() >= until) return false
  }
}
