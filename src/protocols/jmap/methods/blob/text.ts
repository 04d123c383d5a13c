/** Ours (wire-view.ts): the beginning of blobs as text, in the charset that was found or chosen. */
import { concatBytes } from '#base/bytes.ts'
import { decodeAs, type Decoded, decodeFound } from '#formats/charset/decode.ts'
import { maxTextBytes } from '#formats/message/limits.ts'
import { type Blob, openBlob } from '../../blob/open-blob.ts'
import { octetsIn } from '../../blob/range.ts'
import { checkedCharset } from '../../email/view.ts'
import { maxViewedBlobs } from '../../limits.ts'
import { accountOf, type Method, MethodFault, resolvedId } from '../../method.ts'
import { checkArguments, id, idOrCreated, list, optional, text } from '../../syntax/arguments.ts'
import { viewCapability } from '../../wire.ts'
import type { BlobText, BlobTexts } from '../../wire-view.ts'

const shape = { accountId: id, ids: list(idOrCreated), declaredCharset: optional(text), viewCharset: optional(text) }

type Charsets = { readonly declared: string | undefined; readonly chosen: string | undefined }

export const blobText: Method = {
  capability: viewCapability,
  async run(given, context): Promise<BlobTexts> {
    const asked = checkArguments(given, shape)
    if (asked.ids.length > maxViewedBlobs) throw new MethodFault('requestTooLarge', `At most ${maxViewedBlobs} blobs`)
    const charsets = { declared: asked.declaredCharset, chosen: checkedCharset(asked.viewCharset, 'viewCharset') }
    const account = await accountOf(asked.accountId, context)
    const found: BlobText[] = []
    const notFound: string[] = []
    for (const one of new Set(asked.ids)) {
      context.signal.throwIfAborted()
      const blob = await openBlob(context, account.id, resolvedId(one, context) ?? one)
      if (blob) found.push({ id: one, ...(await textOf(blob, charsets)) })
      else notFound.push(one)
    }
    return { accountId: asked.accountId, list: found, notFound }
  },
}

async function textOf(blob: Blob, { declared, chosen }: Charsets): Promise<Omit<BlobText, 'id'>> {
  const octets: Uint8Array[] = []
  for await (const chunk of octetsIn(blob.open(), { start: 0, end: Math.min(blob.sizeBytes, maxTextBytes) }))
    octets.push(chunk.slice())
  const bytes = concatBytes(octets)
  const isTruncated = blob.sizeBytes > maxTextBytes
  const { text: decoded, charset }: Decoded =
    (chosen === undefined ? undefined : decodeAs(bytes, chosen)) ?? decodeFound(bytes, declared)
  // a character that the end has cut through is no fault
  const value = (isTruncated ? withoutCutEnd(decoded) : decoded).replaceAll('\r\n', '\n').replaceAll('\0', '')
  return { value, charset, isEncodingProblem: value.includes('\ufffd'), isTruncated }
}

/** Position by position: a pattern would begin anew at each of a million faults before the end. */
function withoutCutEnd(text: string): string {
  let end = text.length
  while (text[end - 1] === '\ufffd') end--
  return text.slice(0, end)
}
