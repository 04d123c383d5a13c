/**
 * The journal of a writer thread: deliveries into many accounts made durable by one sync, ahead of each account's own commit.
 *
 * A record is `length, CRC-32, generation` (32 bits each, little-endian) and its payload; the CRC covers generation and payload.
 * Once everything in it is durable in the accounts the file is written anew from its beginning with the next generation:
 * overwriting costs a disk less than growing, and what lies behind the last record is told by its older generation.
 */
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writevSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { syncFolderNow } from '../message-files.ts'

/** Where a record lies, for those who must read it again. */
export type RecordPlace = { readonly path: string; readonly offset: number }
export type FoundRecord = { readonly place: RecordPlace; readonly payload: Uint8Array }

const headBytes = 12
/** More than any delivery: what a broken length could ask for. */
const maxPayloadBytes = 64 * 1024 * 1024

export class Journal {
  readonly path: string
  readonly #descriptor: number
  #generation = 1
  #end = 0

  /** A new file, its name durable. Throws what the file system says. */
  constructor(path: string) {
    this.path = path
    this.#descriptor = openSync(path, 'wx+', 0o600)
    syncFolderNow(dirname(path))
  }

  /** Octets of records since the last `reset`. */
  get sizeBytes(): number {
    return this.#end
  }

  /** On disk when it returns, or an error and nothing counts as written. After an error the file must not be used again. */
  append(payloads: readonly (readonly Uint8Array[])[]): readonly RecordPlace[] {
    const places: RecordPlace[] = []
    const pieces: Uint8Array[] = []
    let offset = this.#end
    for (const parts of payloads) {
      const head = this.#headOf(parts)
      // It could not be read again, nor what follows it
      if (head.readUInt32LE(0) > maxPayloadBytes) throw new RangeError('Too large for the journal')
      places.push({ path: this.path, offset })
      pieces.push(head, ...parts)
      offset += headBytes + head.readUInt32LE(0)
    }
    writeAll(this.#descriptor, pieces, this.#end)
    fdatasyncSync(this.#descriptor)
    this.#end = offset
    return places
  }

  #headOf(parts: readonly Uint8Array[]): Buffer {
    const head = Buffer.alloc(headBytes)
    head.writeUInt32LE(
      parts.reduce((length, part) => length + part.length, 0),
      0,
    )
    head.writeUInt32LE(this.#generation, 8)
    let checksum = crc32(head.subarray(8))
    for (const part of parts) checksum = crc32(part, checksum)
    head.writeUInt32LE(checksum, 4)
    return head
  }

  /** Everything in it is durable elsewhere. */
  reset(): void {
    this.#generation++
    this.#end = 0
  }

  /** After a reset, when nothing will come soon: gives the room back. */
  shrink(): void {
    ftruncateSync(this.#descriptor, 0)
  }

  /** After an error: what was not answered is not to be found either, as far as the file system still allows it. */
  cutBack(): void {
    try {
      ftruncateSync(this.#descriptor, this.#end)
    } catch {
      // Whoever delivers it again is told that it is there
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  /** Only when nothing in it is needed any more. */
  remove(): void {
    this.close()
    unlinkSync(this.path)
  }
}

function writeAll(descriptor: number, pieces: readonly Uint8Array[], from: number): void {
  let left = pieces as Uint8Array[]
  for (let position = from; left.length > 0; ) {
    // At most as many as one call takes (IOV_MAX)
    let written = writevSync(descriptor, left.slice(0, 1000), position)
    position += written
    let whole = 0
    while (left[whole] && written >= (left[whole]?.length ?? 0)) written -= left[whole++]?.length ?? 0
    left = left.slice(whole)
    if (written > 0 && left[0]) left[0] = left[0].subarray(written)
  }
}

/** The records of a journal as a crash left it: up to the first that is not whole or of another generation. */
export function* readJournal(path: string): Generator<FoundRecord> {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    let generation: number | undefined
    for (let offset = 0; offset + headBytes <= size; ) {
      const found = readRecord(descriptor, offset, size)
      generation ??= found?.generation
      if (!found || found.generation !== generation) return
      yield { place: { path, offset }, payload: found.payload }
      offset += headBytes + found.payload.length
    }
  } finally {
    closeSync(descriptor)
  }
}

/** A record that was appended by this process or found by `readJournal`. */
export function readRecordAt({ path, offset }: RecordPlace): Uint8Array {
  const descriptor = openSync(path, 'r')
  try {
    const found = readRecord(descriptor, offset, fstatSync(descriptor).size)
    if (!found) throw new Error(`The record at ${offset} of the journal cannot be read`)
    return found.payload
  } finally {
    closeSync(descriptor)
  }
}

function readRecord(
  descriptor: number,
  offset: number,
  fileBytes: number,
): { readonly generation: number; readonly payload: Uint8Array } | undefined {
  const head = Buffer.alloc(headBytes)
  if (readSync(descriptor, head, 0, headBytes, offset) < headBytes) return undefined
  const length = head.readUInt32LE(0)
  if (length > maxPayloadBytes || offset + headBytes + length > fileBytes) return undefined
  const payload = new Uint8Array(length)
  for (let filled = 0; filled < length; ) {
    const read = readSync(descriptor, payload, filled, length - filled, offset + headBytes + filled)
    if (read === 0) return undefined
    filled += read
  }
  if (crc32(payload, crc32(head.subarray(8))) !== head.readUInt32LE(4)) return undefined
  return { generation: head.readUInt32LE(8), payload }
}
