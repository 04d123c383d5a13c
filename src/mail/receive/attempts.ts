/**
 * Which take-ins of a message, of this boot, may come again because their sender never saw our yes. By fingerprint of one
 * recipient. What an earlier boot took in is gone by definition and needs no row: home knows the boot, the queue its entries.
 *
 * A row stays after its sender came again: home takes each vanished attempt into account once, however often it is named.
 */
import { toHex } from '#base/bytes.ts'
import type { DeliveryId } from '../ids.ts'
import { maxAttemptRows, maxGoneIds } from './limits.ts'

export type AttemptTrace = {
  readonly id: DeliveryId
  /** It lies in the hold, and a retry that goes another way has named it to home: it stands for no other retry */
  readonly named?: boolean
  /** Resolves when nothing of it moves any more */
  readonly finished: Promise<unknown>
}

export type AttemptTable = {
  /** The sender vanished, or was told to come again: its next attempt names these. */
  gone(attempt: AttemptTrace, fingerprints: readonly Uint8Array[]): void
  /** Those that match any of the fingerprints, newest first */
  match(fingerprints: readonly Uint8Array[]): readonly AttemptTrace[]
  /** A retry takes this entry of the hold for its own; false when another has it. */
  claim(id: DeliveryId): boolean
  unclaim(id: DeliveryId): void
  isClaimed(id: DeliveryId): boolean
  /** Its sender has the answer after all. */
  forget(id: DeliveryId, fingerprints: readonly Uint8Array[]): void
  /** Which of the matching ones were named */
  named(fingerprints: readonly Uint8Array[]): ReadonlySet<DeliveryId>
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
      if (rows.size === 0) return []
      const found = new Map<DeliveryId, AttemptTrace>()
      for (const key of fingerprints.map(toHex))
        for (const attempt of rows.get(key) ?? []) found.set(attempt.id, attempt)
      return [...found.values()].slice(0, maxGoneIds)
    },
    claim(id) {
      if (claimed.has(id)) return false
      claimed.add(id)
      return true
    },
    unclaim: id => void claimed.delete(id),
    isClaimed: id => claimed.has(id),
    forget(id, fingerprints) {
      for (const key of fingerprints.map(toHex)) {
        const others = (rows.get(key) ?? []).filter(other => other.id !== id)
        if (others.length > 0) rows.set(key, others)
        else rows.delete(key)
      }
    },
    named(fingerprints) {
      if (rows.size === 0) return new Set()
      const all = fingerprints.flatMap(key => rows.get(toHex(key)) ?? [])
      return new Set(all.filter(({ named }) => named).map(({ id }) => id))
    },
    get rows() {
      return rows.size
    },
  }
}
