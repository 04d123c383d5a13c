/** Annotations as they are asked for. RFC 5464 §4.2 */
import { readMetadata, readMetadataSizes, wholeAccount } from '#store/account/tables/metadata.ts'
import type { Database } from '#store/sqlite.ts'
import type { Metadata, MetadataEntry, MetadataQuery } from './account.ts'
import type { MailboxId } from './ids.ts'

export function readAccountMetadata(
  database: Database,
  mailbox: MailboxId | undefined,
  { entries, depth, maxBytes }: MetadataQuery,
): Metadata {
  const box = mailbox ?? wholeAccount
  const sizes = readMetadataSizes(database, box)
  const wanted = new Map<string, number>()
  for (const entry of entries)
    for (const { name, sizeBytes } of sizes) if (isWithin(name, entry, depth)) wanted.set(name, sizeBytes)
  const found: MetadataEntry[] = []
  let largest: number | undefined
  for (const [name, sizeBytes] of wanted)
    if (sizeBytes > (maxBytes ?? Infinity)) largest = Math.max(largest ?? 0, sizeBytes)
    else found.push({ name, value: readMetadata(database, box, name) ?? new Uint8Array(0) })
  return { found, largest }
}

/** §4.2.2: the entry itself, and so many levels below it. */
export function isWithin(name: string, entry: string, depth: MetadataQuery['depth']): boolean {
  if (name === entry) return true
  if (depth === 0 || !name.startsWith(`${entry}/`)) return false
  return depth === 'infinity' || !name.includes('/', entry.length + 1)
}
