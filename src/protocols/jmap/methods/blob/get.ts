/** RFC 9404 §4.2: octets of blobs, or of a part of each, in an answer; and their digests. */
import { createHash, type Hash } from 'node:crypto'
import { concatBytes } from '#base/bytes.ts'
import { type Blob, openBlob } from '../../blob/open-blob.ts'
import { digestAlgorithms, digestNames } from '../../blob/facts.ts'
import { octetsIn, rangeIn } from '../../blob/range.ts'
import { askedIds, getShape } from '../../get.ts'
import { maxBlobDataBytes, maxBlobReadBytes } from '../../limits.ts'
import { accountOf, type Method, type MethodContext, MethodFault } from '../../method.ts'
import { ArgumentFault, checkArguments, idOrCreated, list, optional, unsigned } from '../../syntax/arguments.ts'
import { blobCapability } from '../../wire.ts'

const shape = { ...getShape, ids: list(idOrCreated), offset: optional(unsigned), length: optional(unsigned) }

const dataProperties = ['data', 'data:asText', 'data:asBase64'] as const
const known: readonly string[] = [...dataProperties, 'size', 'id', ...digestAlgorithms.map(name => `digest:${name}`)]

type Asked = {
  readonly properties: ReadonlySet<string>
  readonly offset: number | undefined
  readonly length: number | undefined
}
type Room = { dataBytes: number; readBytes: number }

export const blobGet: Method = {
  capability: blobCapability,
  async run(given, context) {
    const asked = checkArguments(given, shape)
    const properties = new Set(asked.properties ?? ['data', 'size'])
    const unknown = [...properties].find(name => !known.includes(name))
    if (unknown !== undefined) throw new ArgumentFault(`properties: there is no “${unknown.slice(0, 100)}”`)
    const account = await accountOf(asked.accountId, context)
    const room = { dataBytes: maxBlobDataBytes, readBytes: maxBlobReadBytes }
    const found: object[] = []
    const notFound: string[] = []
    for (const id of askedIds(asked.ids, context) ?? []) {
      const blob = await openBlob(context, account.id, id)
      if (blob) found.push({ id, ...(await shown(blob, { ...asked, properties }, room, context)) })
      else notFound.push(id)
    }
    return { accountId: asked.accountId, list: found, notFound }
  },
}

/** Digests are of the part that was asked for, `size` is of the whole. */
async function shown(
  blob: Blob,
  { properties, offset, length }: Asked,
  room: Room,
  { signal }: MethodContext,
): Promise<object> {
  const range = rangeIn(blob.sizeBytes, offset, length)
  const wantsData = dataProperties.some(name => properties.has(name))
  const hashes = digestAlgorithms
    .filter(name => properties.has(`digest:${name}`))
    .map(name => [name, createHash(digestNames[name])] as const)
  const chunks: Uint8Array[] = []
  if (wantsData || hashes.length > 0) {
    take(room, range.end, wantsData ? range.end - range.start : 0)
    for await (const chunk of octetsIn(blob.open(), range)) {
      signal.throwIfAborted()
      for (const [, hash] of hashes) hash.update(chunk)
      if (wantsData) chunks.push(chunk)
    }
  }
  return {
    ...(wantsData && dataOf(concatBytes(chunks), properties)),
    ...digestsOf(hashes),
    ...(range.beyond && { isTruncated: true }),
    ...(properties.has('size') && { size: blob.sizeBytes }),
  }
}

function take(room: Room, readBytes: number, dataBytes: number): void {
  room.readBytes -= readBytes
  room.dataBytes -= dataBytes
  if (room.readBytes < 0 || room.dataBytes < 0)
    throw new MethodFault(
      'requestTooLarge',
      'So much is for the download URL, or for several calls with offset and length',
    )
}

/** `data` is text where it is UTF-8; `data:asText` of what is not is null and says so. */
function dataOf(bytes: Uint8Array, properties: ReadonlySet<string>): object {
  const wantsText = properties.has('data') || properties.has('data:asText')
  const text = wantsText ? textOf(bytes) : undefined
  const asText = properties.has('data:asText') || text !== undefined
  const asBase64 = properties.has('data:asBase64') || (properties.has('data') && text === undefined)
  return {
    ...(wantsText && asText && { 'data:asText': text ?? null }),
    ...(asBase64 && { 'data:asBase64': Buffer.from(bytes).toString('base64') }),
    ...(wantsText && text === undefined && { isEncodingProblem: true }),
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function digestsOf(hashes: readonly (readonly [name: string, hash: Hash])[]): object {
  return Object.fromEntries(hashes.map(([name, hash]) => [`digest:${name}`, hash.digest('base64')]))
}
