/** The octets that a blob id names. */
import { concatBytes } from '#base/bytes.ts'
import type { Log } from '#base/log.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { transferDecoder } from '#formats/message/transfer-stream.ts'
import type { Account, Accounts } from '#mail/account.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Uploads } from '#mail/uploads.ts'
import { messageBytes } from '#mail/message-bytes.ts'
import { deletedFlag } from '#mail/account.ts'
import type { Letters } from '../letters/letters.ts'
import type { FoundPart } from '../letters/work.ts'
import type { Sending } from '../sending.ts'
import { scriptOfBlob } from '../sieve/scripts.ts'
import { type BlobId, readBlobId } from './id.ts'

export type Blob = {
  readonly sizeBytes: number
  open(): AsyncIterable<Uint8Array>
}

/** A part of a part is brought into memory so that it can be read as a message: no larger ones. */
const maxInnerBytes = 16 * 1024 * 1024

type Places = {
  readonly accounts: Accounts
  readonly uploads: Uploads
  readonly sending: Pick<Sending, 'scripts'>
  readonly letters: Letters
  readonly log: Log
}

export async function openBlob(places: Places, account: AccountId, text: string): Promise<Blob | undefined> {
  const id = readBlobId(text)
  let source = id && (await openRoot(places, account, id.root))
  for (const [level, path] of (id?.parts ?? []).entries()) {
    if (!source) return undefined
    const part = await partOf(places, source, `${account} ${text}`, path)
    if (!part || level + 1 === id?.parts.length) return part
    source = part.sizeBytes <= maxInnerBytes ? memorySource(await collected(part)) : undefined
  }
  return source
}

/** The same as a message that can be read as often as wanted: from where it lies, or part by part anew. */
export async function openMessage(
  places: Places,
  account: AccountId,
  text: string,
): Promise<MessageSource | undefined> {
  const blob = await openBlob(places, account, text)
  if (!blob) return undefined
  return 'place' in blob ? (blob as MessageSource) : { ...blob, place: { kind: 'stream' } }
}

/** For the parsers: what lies nowhere is brought into memory; undefined when that is too much. */
export async function readableMessage(source: MessageSource): Promise<MessageSource | undefined> {
  if (source.place.kind !== 'stream') return source
  return source.sizeBytes <= maxInnerBytes ? memorySource(await collected(source)) : undefined
}

async function openRoot(
  { accounts, uploads, sending }: Places,
  account: AccountId,
  root: BlobId['root'],
): Promise<MessageSource | undefined> {
  if (root.kind === 'upload') return uploads.find(account, root.id)?.source
  if (root.kind === 'script') {
    const bytes = await scriptOfBlob(sending.scripts, account, root)
    return bytes && memorySource(bytes)
  }
  const opened = await accounts.account(account)
  if (root.kind === 'photo') {
    const bytes = await opened.contacts.blob(root.hash)
    return bytes && memorySource(bytes)
  }
  return (await isShown(opened, root.email)) ? await opened.message(root.email) : undefined
}

async function isShown(account: Account, email: Parameters<Account['message']>[0]): Promise<boolean> {
  return (await account.read(reader => reader.placements(email))).some(({ flags }) => !(flags & deletedFlag))
}

async function partOf(
  { letters, log }: Places,
  source: MessageSource,
  name: string,
  path: readonly number[],
): Promise<Blob | undefined> {
  const { place, sizeBytes } = await readable(source)
  const read = await letters.read({ kind: 'part', letter: { place, sizeBytes }, path }, name, log)
  const found = read?.output
  if (!found) return undefined
  return { sizeBytes: found.sizeBytes, open: () => decoded(source, found.part) }
}

/** A stream cannot go to another thread. */
async function readable(source: MessageSource): Promise<MessageSource> {
  return source.place.kind === 'stream' ? memorySource(await collected(source)) : source
}

async function* decoded(
  source: MessageSource,
  { encoding, bodyStart, bodyEnd }: FoundPart['part'],
): AsyncGenerator<Uint8Array> {
  const octets = messageBytes(source, bodyStart, bodyEnd)
  const decoder = /^(?:base64|quoted-printable)$/.test(encoding) ? transferDecoder(encoding) : undefined
  if (!decoder) return yield* octets
  for await (const chunk of octets) yield decoder.push(chunk)
  yield decoder.end()
}

async function collected(blob: Blob): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of blob.open()) chunks.push(chunk)
  return concatBytes(chunks)
}
