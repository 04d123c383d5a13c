/** Is there more than the reserve left on a file system? Asked often, answered from a second's memory. */
import { statfs } from 'node:fs/promises'
import { diskRoomCacheMs } from './limits.ts'

export type DiskRoom = { has(sizeBytes: number): Promise<boolean> }

export function diskRoom(folder: string, reserveBytes: number, monotonic: () => number): DiskRoom {
  let freeBytes: Promise<number> | undefined
  let askedAt = 0
  let takenBytes = 0
  return {
    async has(sizeBytes) {
      const now = monotonic()
      if (!freeBytes || now - askedAt > diskRoomCacheMs) {
        askedAt = now
        takenBytes = 0
        freeBytes = statfs(folder).then(found => found.bavail * found.bsize)
      }
      takenBytes += sizeBytes
      return (await freeBytes) - takenBytes >= reserveBytes
    },
  }
}
