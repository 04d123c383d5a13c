/** The body of a thread whose calls have nothing to gain from each other: each is answered or refused, and told, before the next one begins. */
import { failureOf } from './account/failures.ts'
import type { ThreadCall } from './thread.ts'
import { serveThread } from './thread-port.ts'

/** `operate` gives the answer, or throws what the caller is refused with. `close`: the thread ends. */
export function serveEach(operate: (call: ThreadCall) => unknown, close: () => void): void {
  serveThread(batch => {
    for (const call of batch.calls) {
      try {
        batch.answer(call, operate(call))
      } catch (error) {
        const { message, code } = failureOf(error)
        batch.refuse(call, message, code)
      }
      batch.flush()
    }
  }, close)
}
