/** RFC 9404 §4.1: blobs made of text, base64 and parts of other blobs, without a request of their own. */
import { utf8 } from '#base/bytes.ts'
import type { AccountId } from '#mail/ids.ts'
import { type Blob, openBlob } from '../../blob/open-blob.ts'
import { octetsIn, rangeIn } from '../../blob/range.ts'
import { maxDataSources, maxObjectsInSet } from '../../limits.ts'
import { mediaType } from '../../media-type.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import {
  anyObject,
  ArgumentFault,
  checkArguments,
  id,
  idOrCreated,
  list,
  object,
  optional,
  record,
  text,
  unsigned,
} from '../../syntax/arguments.ts'
import { blobCapability, type JsonObject, type SetError } from '../../wire.ts'
import { noMembers } from '../../set.ts'

const shape = { accountId: id, create: record(anyObject, id) }

const source = object({
  'data:asText': optional(text),
  'data:asBase64': optional(text),
  blobId: optional(idOrCreated),
  offset: optional(unsigned),
  length: optional(unsigned),
})
const upload = { data: list(source), type: optional(text) }

type Source = ReturnType<typeof source>
type Made = { readonly id: string; readonly type: string; readonly size: number }

export const blobUpload: Method = {
  capability: blobCapability,
  async run(given, context) {
    const asked = checkArguments(given, shape)
    if (asked.create.size > maxObjectsInSet)
      throw new MethodFault('requestTooLarge', `At most ${maxObjectsInSet} blobs at a time`)
    const account = await accountOf(asked.accountId, context)
    const created: Record<string, Made> = noMembers()
    const notCreated: Record<string, SetError> = noMembers()
    for (const [creation, wanted] of asked.create) {
      const made = await make(wanted, account.id, context)
      if ('error' in made) notCreated[creation] = made.error
      else {
        created[creation] = made
        context.created.set(creation, made.id)
      }
    }
    const orNull = (members: object) => (Object.keys(members).length > 0 ? members : null)
    return { accountId: asked.accountId, created: orNull(created), notCreated: orNull(notCreated) }
  },
}

type Failed = { readonly error: SetError }

/** All pieces are found and measured before the first octet is written. */
async function make(wanted: JsonObject, account: AccountId, context: MethodContext): Promise<Made | Failed> {
  const checked = check(wanted)
  if ('error' in checked) return checked
  const pieces: Blob[] = []
  for (const one of checked.data) {
    const piece = await pieceOf(one, account, context)
    if ('error' in piece) return piece
    pieces.push(piece)
  }
  const size = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const { maxSizeUpload: maxBytes, uploads, signal } = context
  if (size > maxBytes) return { error: { type: 'tooLarge', description: `A blob has at most ${maxBytes} octets` } }
  const kept = await uploads.keep(account, joined(pieces, signal), { maxBytes, expectedBytes: size })
  if ('refused' in kept)
    return {
      error: { type: kept.refused === 'no-room' ? 'overQuota' : 'tooLarge', description: 'There is no room for it' },
    }
  return { id: kept.id, type: checked.type, size: kept.sizeBytes }
}

function check(wanted: JsonObject): { readonly data: readonly Source[]; readonly type: string } | Failed {
  try {
    const { data, type } = checkArguments(wanted, upload)
    const known = type === undefined ? 'application/octet-stream' : mediaType(type)
    if (known === undefined) return invalid('type', 'Not a media type')
    if (data.length > maxDataSources) return invalid('data', `At most ${maxDataSources} pieces`)
    return { data, type: known }
  } catch (error) {
    if (error instanceof ArgumentFault) return invalid('data', error.message)
    throw error
  }
}

function invalid(property: string, description: string): Failed {
  return { error: { type: 'invalidProperties', properties: [property], description } }
}

async function pieceOf(one: Source, account: AccountId, context: MethodContext): Promise<Blob | Failed> {
  const { 'data:asText': asText, 'data:asBase64': asBase64, blobId, offset, length } = one
  if ([asText, asBase64, blobId].filter(value => value !== undefined).length !== 1)
    return invalid('data', 'Each piece is one of data:asText, data:asBase64 and blobId')
  if (blobId === undefined && (offset !== undefined || length !== undefined))
    return invalid('data', 'offset and length belong to blobId')
  if (asText !== undefined) return inMemory(utf8(asText))
  if (asBase64 !== undefined)
    return isBase64(asBase64) ? inMemory(Buffer.from(asBase64, 'base64')) : invalid('data', 'Not base64')
  const known = resolvedId(blobId ?? '', context)
  const blob = known === undefined ? undefined : await openBlob(context, account, known)
  if (!blob) return { error: { type: 'blobNotFound', notFound: [blobId ?? ''] } }
  const range = rangeIn(blob.sizeBytes, offset, length)
  // a range that the blob has not is an error, not cut (RFC 9404 §4.1)
  if (range.beyond) return invalid('data', 'The blob ends before')
  return { sizeBytes: range.end - range.start, open: () => octetsIn(blob.open(), range) }
}

/** RFC 4648 §4, with its padding. Checked by length and characters: expressions over megabytes are slow. */
function isBase64(value: string): boolean {
  return value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
}

function inMemory(bytes: Uint8Array): Blob {
  return {
    sizeBytes: bytes.length,
    async *open() {
      await Promise.resolve()
      yield bytes
    },
  }
}

async function* joined(pieces: readonly Blob[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const piece of pieces)
    for await (const chunk of piece.open()) {
      signal.throwIfAborted()
      yield chunk
    }
}
