/** Annotations: set all or none. RFC 5464 §4.3 */
import type { AccountWriter } from './account-writer.ts'
import { maxMetadataBytes, maxMetadataEntries, maxMetadataValueBytes } from './limits.ts'
import type { Refusal, WriterOperations } from './operations.ts'
import {
  copyMetadata,
  deleteMetadata,
  metadataBytes,
  putMetadata,
  readMetadata,
  readMetadataSizes,
  wholeAccount,
} from './tables/metadata.ts'

type Input = WriterOperations['setMetadata']['input']

export function setMetadata(account: AccountWriter, input: Input): object | Refusal {
  const { database } = account
  const { mailbox, entries } = input
  const row = account.mailbox(mailbox)
  if (!row && mailbox !== wholeAccount) return { refused: 'no-such-mailbox' }
  const changes = changesOf(account, input)
  if (entries.some(({ value }) => (value?.length ?? 0) > maxMetadataValueBytes))
    return { refused: 'value-too-large', limitBytes: maxMetadataValueBytes }
  const refusal = checkRoom(account, mailbox, changes)
  if (refusal) return refusal
  for (const [name, value] of changes)
    if (value) putMetadata(database, mailbox, name, value)
    else deleteMetadata(database, mailbox, name)
  if (changes.size === 0) return {}
  account.modSeq()
  account.changes.metadata(row?.name, [...changes.keys()])
  return {}
}

/** By name, the last word counting; what stays as it is left out. */
function changesOf({ database }: AccountWriter, { mailbox, entries }: Input): Map<string, Uint8Array | undefined> {
  const changes = new Map(entries.map(({ name, value }) => [name, value]))
  for (const [name, value] of changes) {
    const kept = readMetadata(database, mailbox, name)
    if (value && kept ? Buffer.compare(value, kept) === 0 : value === kept) changes.delete(name)
  }
  return changes
}

function checkRoom(
  { database }: AccountWriter,
  mailbox: number,
  changes: ReadonlyMap<string, Uint8Array | undefined>,
): Refusal | undefined {
  const sizes = new Map(readMetadataSizes(database, mailbox).map(({ name, sizeBytes }) => [name, sizeBytes]))
  const before = sizes.size
  let growth = 0
  for (const [name, value] of changes) {
    const kept = sizes.get(name)
    growth += (value ? name.length + value.length : 0) - (kept === undefined ? 0 : name.length + kept)
    if (value) sizes.set(name, value.length)
    else sizes.delete(name)
  }
  if (sizes.size > maxMetadataEntries && sizes.size > before) return { refused: 'too-many-entries' }
  if (growth > 0 && metadataBytes(database) + growth > maxMetadataBytes) return { refused: 'over-quota' }
  return undefined
}

/** The inbox keeps its annotations when it is renamed, and the new mailbox has them too: §4.1. Without room for two it has none. */
export function copyAnnotations(account: AccountWriter, from: number, to: number): void {
  const { database } = account
  const sizes = readMetadataSizes(database, from)
  const added = sizes.reduce((sum, { name, sizeBytes }) => sum + name.length + sizeBytes, 0)
  if (metadataBytes(database) + added <= maxMetadataBytes) copyMetadata(database, from, to)
}
