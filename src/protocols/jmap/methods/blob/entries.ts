/** Ours (wire-view.ts): what archives hold, by their own directories. Nothing is unfolded. */
import { concatBytes } from '#base/bytes.ts'
import { maxArchiveEntries } from '#formats/content/limits.ts'
import { isZip, listArchive } from '#formats/content/zip.ts'
import { type Blob, openBlob } from '../../blob/open-blob.ts'
import { maxArchiveBytes, maxViewedBlobs } from '../../limits.ts'
import { accountOf, type Method, MethodFault, resolvedId } from '../../method.ts'
import { checkArguments, id, idOrCreated, list } from '../../syntax/arguments.ts'
import { viewCapability } from '../../wire.ts'
import type { BlobEntries } from '../../wire-view.ts'

const shape = { accountId: id, ids: list(idOrCreated) }

export const blobEntries: Method = {
  capability: viewCapability,
  async run(given, context): Promise<BlobEntries> {
    const asked = checkArguments(given, shape)
    if (asked.ids.length > maxViewedBlobs) throw new MethodFault('requestTooLarge', `At most ${maxViewedBlobs} blobs`)
    const account = await accountOf(asked.accountId, context)
    const found: BlobEntries['list'][number][] = []
    const notFound: string[] = []
    for (const one of new Set(asked.ids)) {
      context.signal.throwIfAborted()
      const blob = await openBlob(context, account.id, resolvedId(one, context) ?? one)
      if (blob) found.push({ id: one, ...(await entriesOf(blob)) })
      else notFound.push(one)
    }
    return { accountId: asked.accountId, list: found, notFound }
  },
}

async function entriesOf(blob: Blob): Promise<Omit<BlobEntries['list'][number], 'id'>> {
  const none = { entries: null, isTruncated: false }
  if (blob.sizeBytes > maxArchiveBytes) return none
  const octets: Uint8Array[] = []
  for await (const chunk of blob.open()) octets.push(chunk.slice())
  const bytes = concatBytes(octets)
  if (!isZip(bytes)) return none
  const entries = listArchive(bytes).map(({ name, size, encrypted }) => ({
    name: name.replaceAll('\0', ''),
    size,
    isEncrypted: encrypted,
  }))
  return { entries, isTruncated: entries.length >= maxArchiveEntries }
}
