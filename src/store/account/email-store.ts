/** Keeps a message's bytes and what is computed of them, once, before it is placed anywhere. */
import { crc32 } from 'node:zlib'
import type { AccountWriter } from './account-writer.ts'
import { describeKept } from './describe.ts'
import type { KeptBytes } from './operations.ts'
import { insertBody } from './tables/body.ts'
import { insertEmail } from './tables/email.ts'
import { hash53, joinThread, packKeys, threadKeys } from './threading.ts'

export type KeptEmail = { readonly id: number; readonly sizeBytes: number; readonly messageId: number | null }

/** What must be known before the email is stored. */
export type DescribedEmail = ReturnType<typeof describeEmail>

export function describeEmail(account: AccountWriter, kept: KeptBytes) {
  const described = describeKept(account, kept)
  return { ...described, messageIdHash: described.messageId === undefined ? null : hash53(described.messageId) }
}

export function keepEmail(
  account: AccountWriter,
  kept: KeptBytes,
  described: DescribedEmail,
  facts: { readonly internalDate: number; readonly filed: boolean },
): KeptEmail {
  const counters = account.changeCounters()
  const id = counters.nextEmail++
  const keys = threadKeys(described)
  insertEmail(account.database, {
    id,
    thread: joinThread(account, id, keys),
    internalDate: facts.internalDate,
    sizeBytes: kept.sizeBytes,
    traceBytes: kept.traceBytes,
    headerBytes: described.headerBytes,
    receivedHash: kept.receivedHash,
    checksum: kept.kind === 'memory' ? crc32(kept.bytes) : kept.checksum,
    file: kept.kind === 'memory' ? null : kept.name,
    envelope: described.envelope,
    bodyStructure: described.bodyStructure,
    body: described.body,
    messageId: described.messageIdHash,
    sentDate: described.date ?? null,
    referenceKeys: packKeys(keys),
    filed: facts.filed ? 1 : 0,
    parsed: described.parsed ? 1 : 0,
    createdModSeq: account.modSeq(),
    preview: described.preview,
    commonFields: described.commonFields ?? null,
  })
  if (kept.kind === 'memory') insertBody(account.database, id, kept.bytes)
  counters.emails++
  counters.usedBytes += kept.sizeBytes
  account.touch('used')
  return { id, sizeBytes: kept.sizeBytes, messageId: described.messageIdHash }
}
