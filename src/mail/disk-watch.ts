/** Whether the data folder's disk has more than its reserve left: asked with every letter, looked at once a second. */
import type { Clock } from '#base/clock.ts'
import { diskCheckMs } from './account-limits.ts'

export type DiskWatch = { hasRoom(): boolean }

export function diskWatch(freeBytes: () => number, clock: Clock, reserveBytes: number): DiskWatch {
  let askedAt = -Infinity
  let room = true
  return {
    hasRoom() {
      const now = clock.monotonic()
      if (now - askedAt >= diskCheckMs) {
        askedAt = now
        room = freeBytes() > reserveBytes
      }
      return room
    },
  }
}
