/** The thread for hashes that node:crypto computes only synchronously, so that no login stops the main thread. */
import { serveThread } from '#store/thread-port.ts'
import { verifySynchronously } from './verify.ts'
import type { SynchronousHash } from './verify.ts'

serveThread(
  batch => {
    for (const call of batch.calls) {
      const { password, stored } = call.input as { password: string; stored: SynchronousHash }
      batch.answer(call, verifySynchronously(password, stored))
    }
  },
  () => {},
)
