import { join } from 'node:path'

/**
 * Flags of each Node that serves mail; the launcher `hikyaku` has the same. With the default (16 MiB) the socket buffers of
 * letters of 50 KB made V8 go through its whole heap eight times a second; with this the two boxes take a quarter less
 * processor time for such a letter, and less memory.
 *
 * The old generation is collected once it has grown by half. V8 would let it grow up to fourfold, and since on a machine with much
 * memory it starts from a generous guess, a burst of letters left hundreds of MiB of garbage that was collected an hour later. It
 * is a pace and no limit: what a process truly needs it gets. Letters are added to the queue no slower with it (docs/performance.md).
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=50']

/**
 * The same for the environment. A password hash takes 19 MiB for a moment; glibc, having seen it freed once, would keep such
 * blocks in the heap of each thread from then on: after a hundred logins home held 520 MB, with this 235 MB. Blocks from 1 MiB on
 * come from the system and go back to it. What lies free below that is kept, for each thread: else glibc gives back what is more
 * than 128 KiB after each few messages that are read, which stops all threads for a moment, to take it again at once.
 */
export const nodeEnvironment: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: String(1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(1024 * 1024),
  // Types are stripped once and not at each start in each thread, which costs a thread 5 to 10 MiB and a start half its time; Node looks
  // at what a file holds and not at its date. Where this folder cannot be written nothing changes.
  NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', '.cache', 'compiled'),
}
