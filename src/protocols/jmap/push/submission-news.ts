/**
 * What the queue does to an account's submissions is noticed while somebody follows the account (submission/status.ts): once, however many do.
 */
import type { Account } from '#mail/account.ts'
import type { QueueChange } from '#mail/queue/queue.ts'
import type { Sending } from '../sending.ts'
import { reportKind } from '#mail/account-reader.ts'
import { noticeQueue } from '../submission/status.ts'
import { submissionKind } from '../submission/submissions.ts'
import { inTurns, shared } from './followed.ts'

export const followQueue = shared((account: Account, sending: Sending): Disposable => {
  let open: ReadonlySet<string> = new Set()
  let results = new Map<string, QueueChange['results']>()
  const look = inTurns(async () => {
    const came = results
    results = new Map()
    open = await noticeQueue(account, sending, came)
  })
  const queue = sending.queue.watch(change => {
    if (!open.has(change.id)) return
    results.set(change.id, [...(results.get(change.id) ?? []), ...change.results])
    look()
  })
  const submitted = account.watch(({ missed, objects }) => {
    if (missed || objects.some(({ kind }) => kind === submissionKind || kind === reportKind)) look()
  })
  look()
  return {
    [Symbol.dispose]() {
      queue[Symbol.dispose]()
      submitted[Symbol.dispose]()
    },
  }
})
