/** Deliveries into accounts: bytes are brought to the writer, everything else is in one commit; what is asked before is answered from memory. */
import { join } from 'node:path'
import { ownBytes } from '#base/bytes.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import { wasRefused } from './account-bytes.ts'
import type { Confirmations } from './account-confirmations.ts'
import { bringDelivery } from './account-delivery.ts'
import type { AccountSurroundings } from './account-surroundings.ts'
import type { LocalDeliveries, LocalDelivery, LocalResult } from './delivery.ts'
import type { DiskWatch } from './disk-watch.ts'
import { type OpenedAccounts, requireAccountId } from './opened-accounts.ts'
import type { UsedBytes } from './used-bytes.ts'

export type DeliveringParts = {
  readonly around: AccountSurroundings
  readonly opened: OpenedAccounts
  readonly confirmations: Confirmations
  readonly usedBytes: UsedBytes
  readonly disk: DiskWatch
}

export function localDeliveries(parts: DeliveringParts): LocalDeliveries {
  const { around, confirmations, disk, usedBytes } = parts
  return {
    deliver: (delivery, signal) => deliver(parts, delivery, signal),
    confirm: (id, recipient, ids) => confirmations.add(id, recipient, ids),
    async hasRoom(id, sizeBytes) {
      const limit = around.quotaOf(id)
      return limit === undefined || (await usedBytes.of(id)) + sizeBytes <= limit
    },
    diskHasRoom: () => disk.hasRoom(),
  }
}

async function deliver(
  { around, confirmations, opened }: DeliveringParts,
  delivery: LocalDelivery,
  signal: AbortSignal,
): Promise<LocalResult> {
  const { clock, heads, store } = around
  signal.throwIfAborted()
  requireAccountId(delivery.account)
  around.requireDiskRoom()
  const folder = join(store.folder, delivery.account)
  const brought = await bringDelivery({ folder, bootMark: store.bootMark }, delivery, signal)
  const { kept, filing, outbox } = brought
  const { recipient, attempt, mailbox, flags, internalDate, overQuota } = delivery
  const confirms = confirmations.take(delivery.account)
  let unused: 'all' | readonly string[] = 'all'
  try {
    const result = await store.write(
      delivery.account,
      'deliver',
      {
        recipient,
        attempt,
        fingerprint: ownBytes(delivery.fingerprint),
        mailbox,
        flags,
        internalDate,
        kept,
        ...(filing && { filing }),
        outbox,
        overQuota,
        quotaBytes: around.quotaOf(delivery.account),
        nowMs: clock.now(),
        confirms,
        prompt: heads.isOpen(delivery.account) || opened.isWatched(delivery.account),
      },
      brought.transfer,
    )
    const { fileUnused, unusedFiles = [], ...answer } = result
    unused = fileUnused ? 'all' : unusedFiles
    if (answer.status === 'rejected') return { ...answer, reply: JSON.parse(answer.reply) as SmtpReply }
    return answer as LocalResult
  } catch (error) {
    if (!wasRefused(error)) unused = []
    confirmations.giveBack(delivery.account, confirms)
    throw error
  } finally {
    if (unused.length > 0) brought.drop(unused)
  }
}
