/**
 * Memory that a reading thread fills with whole messages, used again by all connections: of new memory every 4 KiB is a page
 * fault, which was a tenth of what the thread did for a FETCH of a thousand letters.
 */
import { keptRooms, roomBytes } from '../limits.ts'

const free: SharedArrayBuffer[] = []

/** Of `roomBytes`, with whatever it held before. */
export function takeRoom(): SharedArrayBuffer {
  return free.pop() ?? new SharedArrayBuffer(roomBytes)
}

/** When no thread writes into it any more and nobody looks at it. One that is never given back is only memory to be collected. */
export function giveRoom(room: SharedArrayBuffer): void {
  if (free.length < keptRooms) free.push(room)
}
