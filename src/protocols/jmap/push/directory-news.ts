/**
 * What the directory says of an account and JMAP shows (its limit, its addresses) is looked at when the directory changes, while somebody follows the account:
 * what is other than before becomes a change of the account, which is told in order with all others.
 */
import { setImmediate as nextTick } from 'node:timers/promises'
import type { Account } from '#mail/account.ts'
import { noticeAddresses } from '../identity/identities.ts'
import { noticeLimit } from '../quota/quota.ts'
import type { Sending } from '../sending.ts'
import { inTurns, shared } from './followed.ts'

export const followDirectory = shared(
  (account: Account, sending: Sending): Disposable =>
    sending.directory.watch(
      inTurns(async () => {
        // others that follow the directory have heard of it by then, and limits are theirs
        await nextTick()
        await noticeDirectory(account, sending)
      }),
    ),
)

/** Also of what changed while nobody looked. */
export async function noticeDirectory(account: Account, sending: Sending): Promise<void> {
  await noticeLimit(account)
  await noticeAddresses(account, sending)
}
