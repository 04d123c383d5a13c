/**
 * What the directory says of an account and JMAP shows (its limit, its addresses) is looked at when the directory changes, for accounts that somebody follows:
 * what is other than before becomes a change of the account, which is told in order with all others. Once for each account, however many follow it.
 */
import type { Account } from '#mail/account.ts'
import { noticeAddresses } from '../identity/identities.ts'
import { noticeLimit } from '../quota/quota.ts'
import type { Sending } from '../sending.ts'

type Followed = { count: number; readonly watch: Disposable }

const followed = new WeakMap<Account, Followed>()

export function followDirectory(account: Account, sending: Sending): Disposable {
  let known = followed.get(account)
  if (!known) {
    const look = inTurns(() => noticeDirectory(account, sending))
    known = { count: 0, watch: sending.directory.watch(look) }
    followed.set(account, known)
  }
  const own = known
  own.count++
  return {
    [Symbol.dispose]() {
      if (--own.count > 0) return
      own.watch[Symbol.dispose]()
      if (followed.get(account) === own) followed.delete(account)
    },
  }
}

/** Also of what changed while nobody looked. */
export async function noticeDirectory(account: Account, sending: Sending): Promise<void> {
  await noticeLimit(account)
  await noticeAddresses(account, sending)
}

/** One at a time: what is asked for meanwhile is done once more. One that fails is made good by the next, or by whoever asks for the object itself. */
function inTurns(act: () => Promise<void>): () => void {
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
