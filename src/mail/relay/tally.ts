/** What came of the recipients that went through the relay, since the start: kept alike on both boxes. */
import type { RecipientResult } from '#formats/envelope.ts'

export type RelayTally = { delivered: number; deferred: number; failed: number }

export function emptyTally(): RelayTally {
  return { delivered: 0, deferred: 0, failed: 0 }
}

export function countInto(tally: RelayTally, results: readonly RecipientResult[]): void {
  for (const { status } of results) tally[status]++
}
