/** What is done for an account as long as anybody follows it, once for all of them. */
import type { Account } from '#mail/account.ts'
import type { Sending } from '../sending.ts'

export function shared(begin: (account: Account, sending: Sending) => Disposable) {
  const followed = new WeakMap<Account, { count: number; readonly work: Disposable }>()
  return (account: Account, sending: Sending): Disposable => {
    const own = followed.get(account) ?? { count: 0, work: begin(account, sending) }
    followed.set(account, own)
    own.count++
    return {
      [Symbol.dispose]() {
        if (--own.count > 0) return
        own.work[Symbol.dispose]()
        followed.delete(account)
      },
    }
  }
}

/** One at a time: what is asked for meanwhile is done once more. One that fails is made good by the next, or by whoever asks for the object itself. */
export function inTurns(act: () => Promise<void>): () => void {
  let running = false
  let again = false
  const run = async () => {
    running = true
    while (again) {
      again = false
      await act().catch(() => undefined)
    }
    running = false
  }
  return () => {
    again = true
    if (!running) void run()
  }
}
