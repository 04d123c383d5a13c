/**
 * Which take-ins of a message, of this boot, may come again because their sender never saw our yes. By fingerprint of one
 * recipient. What an earlier boot took in is gone by definition and needs no row: home and the queue know the boot.
 */
import { toHex } from '#base/bytes.ts'
import type { DeliveryId } from '../ids.ts'
import { maxAttemptRows, maxGoneIds } from './limits.ts'

export type AttemptTrace = {
  readonly id: DeliveryId
  /** It lies in the hold under its id: the retry needs no second way to home */
  readonly held: boolean
  /** Resolves when nothing of it moves any more */
  readonly finished: Promise<unknown>
}

export type AttemptTable = {
  /** The sender vanished, or was told to come again: its next attempt names these. */
  gone(attempt: AttemptTrace, fingerprints: readonly Uint8Array[]): void
  /** Those that match any of the fingerprints, newest first */
  match(fingerprints: readonly Uint8Array[]): readonly AttemptTrace[]
  /** One attempt has it all in the hold, and no other retry has claimed it: the caller now has. */
  claimHeld(fingerprints: readonly Uint8Array[]): DeliveryId | undefined
  /** The claim of an id that was not in the table (found in the queue); false when another retry has it. */
  claim(id: DeliveryId): boolean
  unclaim(id: DeliveryId): void
  /** A sender has its answer for these: whatever went before is settled with it. */
  settled(fingerprints: readonly Uint8Array[]): void
  readonly rows: number
}

export function createAttemptTable(maxRows = maxAttemptRows): AttemptTable {
  // Insertion order is age. When full the oldest row goes: its sender has let the most other retries pass, and only if it does come
  // back within this boot is its message stored a second time.
  const rows = new Map<string, readonly AttemptTrace[]>()
  const claimed = new Set<DeliveryId>()
  return {
    gone(attempt, fingerprints) {
      for (const key of fingerprints.map(toHex)) {
        const others = (rows.get(key) ?? []).filter(other => other.id !== attempt.id)
        rows.delete(key)
        rows.set(key, [attempt, ...others].slice(0, maxGoneIds))
        for (const oldest of rows.keys()) {
          if (rows.size <= maxRows) break
          rows.delete(oldest)
        }
      }
    },
    match(fingerprints) {
      const found = new Map<DeliveryId, AttemptTrace>()
      for (const key of fingerprints.map(toHex))
        for (const attempt of rows.get(key) ?? []) found.set(attempt.id, attempt)
      return [...found.values()].slice(0, maxGoneIds)
    },
    claimHeld(fingerprints) {
      const [first = [], ...others] = fingerprints.map(key => (rows.get(toHex(key)) ?? []).filter(({ held }) => held))
      const common = first.find(({ id }) => !claimed.has(id) && others.every(row => row.some(other => other.id === id)))
      if (common) claimed.add(common.id)
      return common?.id
    },
    claim(id) {
      if (claimed.has(id)) return false
      claimed.add(id)
      return true
    },
    unclaim: id => void claimed.delete(id),
    settled(fingerprints) {
      for (const key of fingerprints) rows.delete(toHex(key))
    },
    get rows() {
      return rows.size
    },
  }
}
