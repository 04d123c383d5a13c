/** What only has to happen now and then: old tombstones, delivery rows and what scripts remembered go. */
import type { AccountWriter } from './account-writer.ts'
import { deliveriesKept, deliveryKeptMs, rememberedKept, tombstonesKept, tombstonesKeptMs } from './limits.ts'
import { pruneDeliveries } from './tables/delivery.ts'
import { pruneObjectsGone } from './tables/jmap-object.ts'
import { pruneLosses } from './tables/losses.ts'
import { pruneRemembered } from './tables/remembered.ts'
import { countTombstones, deleteTombstone, readOldestTombstones } from './tables/tombstone.ts'

/** Rows in one transaction; the caller repeats while something was removed. */
const batchRows = 2000

export function tidy(account: AccountWriter, input: { readonly nowMs: number }): { readonly removed: number } {
  pruneDeliveries(account.database, deliveriesKept, batchRows, input.nowMs - deliveryKeptMs)
  pruneRemembered(account.database, rememberedKept, batchRows, input.nowMs)
  const spare = countTombstones(account.database) - tombstonesKept
  if (spare <= 0) return { removed: 0 }
  let removed = 0
  for (const row of readOldestTombstones(account.database, Math.min(spare, batchRows))) {
    if (row.removed > input.nowMs - tombstonesKeptMs) break
    deleteTombstone(account.database, row)
    account.changeCounters().tombstoneFloor = row.modSeq
    removed++
  }
  pruneLosses(account.database, account.counters.tombstoneFloor)
  pruneObjectsGone(account.database, account.counters.tombstoneFloor)
  return { removed }
}
