/** Brings a message's bytes to where the writer takes them: a buffer of their own when small, else a synced file. */
import { createHash, hash } from 'node:crypto'
import type { Transferable } from 'node:worker_threads'
import { emptyBytes, ownBytes, unfilledBytes } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isDiskFull } from '#store/account/failures.ts'
import { blobLimitBytes } from '#store/account/limits.ts'
import { removeMessageFile, writeMessageFile } from '#store/account/message-files.ts'
import type { KeptBytes, SpooledBytes } from '#store/account/operations.ts'
import { ThreadFailure } from '#store/thread.ts'

export type BroughtBytes = { readonly kept: KeptBytes; readonly transfer: readonly Transferable[] }

/** `receivedHash` is computed when it is not known: SHA-256 over what `message` holds, `trace` not included. */
export async function bringBytes(
  place: { readonly folder: string; readonly bootMark: string },
  trace: Uint8Array,
  message: MessageSource,
  receivedHash: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<BroughtBytes> {
  const sizeBytes = trace.length + message.sizeBytes
  if (sizeBytes > blobLimitBytes) return bringFile(place, trace, message, receivedHash, signal)
  const bytes = unfilledBytes(sizeBytes)
  bytes.set(trace)
  if (message.place.kind === 'memory') bytes.set(message.place.bytes, trace.length)
  else await fill(bytes, trace.length, message)
  const kept: KeptBytes = {
    kind: 'memory',
    bytes,
    sizeBytes,
    traceBytes: trace.length,
    receivedHash: ownBytes(receivedHash ?? hash('sha256', bytes.subarray(trace.length), 'buffer')),
  }
  return { kept, transfer: [bytes.buffer] }
}

/** A small message in a plain spool file stays there: the writer reads many such at once. */
export function spooledBytes({ place, sizeBytes }: MessageSource): SpooledBytes | undefined {
  if (place.kind !== 'file' || sizeBytes > blobLimitBytes) return undefined
  return { kind: 'spool', path: place.path, offset: place.offset, sizeBytes }
}

async function fill(bytes: Uint8Array, from: number, message: MessageSource): Promise<void> {
  let offset = from
  for await (const chunk of message.open()) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  if (offset !== bytes.length) throw new Error('The message is shorter than its source said')
}

async function bringFile(
  place: { readonly folder: string; readonly bootMark: string },
  trace: Uint8Array,
  message: MessageSource,
  receivedHash: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<BroughtBytes> {
  const digest = receivedHash ? undefined : createHash('sha256')
  async function* stored(): AsyncGenerator<Uint8Array> {
    if (trace.length > 0) yield trace
    for await (const chunk of message.open()) {
      digest?.update(chunk)
      yield chunk
    }
  }
  const written = await writeMessageFile(place.folder, place.bootMark, stored(), signal).catch((error: unknown) => {
    throw isDiskFull(error) ? new ThreadFailure('The disk is full', 'DISK_FULL') : error
  })
  if (written.sizeBytes !== trace.length + message.sizeBytes) {
    removeMessageFile(place.folder, written.name)
    throw new Error('The message is not as long as its source said')
  }
  const kept: KeptBytes = {
    kind: 'file',
    name: written.name,
    checksum: written.checksum,
    sizeBytes: written.sizeBytes,
    traceBytes: trace.length,
    receivedHash: ownBytes(receivedHash ?? digest?.digest() ?? emptyBytes),
  }
  return { kept, transfer: [] }
}

/** The file was written, but no row will name it. */
export function dropBytes(folder: string, kept: KeptBytes | SpooledBytes): void {
  if (kept.kind === 'file') removeMessageFile(folder, kept.name)
}

/**
 * The writer answered, so nothing was committed. When its thread ended, or it does not know itself, a file stays, and a later
 * sweep decides.
 */
export function wasRefused(error: unknown): boolean {
  return error instanceof ThreadFailure && error.code !== 'ENDED' && error.code !== 'UNCERTAIN'
}
