/**
 * Messages too large for the database: a file each under messages/, written and synced with its folder before the row that
 * names it. A name begins with the boot that made it, so that a later boot can tell orphans from files being written.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { ByteReader } from '#formats/message/byte-reader.ts'
import type { Database } from '../sqlite.ts'
import { accountFailure } from './failures.ts'
import { readFileNames } from './tables/email.ts'
import { readOutboxFiles } from './tables/outbox.ts'

/** This process's own files begin with this. */
export function newBootMark(): string {
  return randomBytes(6).toString('hex')
}

export type WrittenFile = { readonly name: string; readonly checksum: number; readonly sizeBytes: number }

let counter = 0

/** Streams the chunks into a new synced file. Nothing is left behind when it fails. */
export async function writeMessageFile(
  folder: string,
  bootMark: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<WrittenFile> {
  const name = `${bootMark}-${(++counter).toString(36)}`
  const path = join(folder, 'messages', name)
  await mkdir(join(folder, 'messages'), { recursive: true })
  const file = await open(path, 'wx', 0o600)
  let done = false
  try {
    let checksum = 0
    let sizeBytes = 0
    for await (const chunk of chunks) {
      signal?.throwIfAborted()
      await file.writeFile(chunk)
      checksum = crc32(chunk, checksum)
      sizeBytes += chunk.length
    }
    await file.sync()
    done = true
    return { name, checksum, sizeBytes }
  } finally {
    await file.close()
    if (done) await syncFolder(join(folder, 'messages'))
    else await rm(path, { force: true })
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export function syncFolderNow(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

export function removeMessageFile(folder: string, name: string): void {
  rmSync(join(folder, 'messages', name), { force: true })
}

/** Lets `use` read the file synchronously, piece by piece. */
export function withFileReader<Result>(path: string, sizeBytes: number, use: (reader: ByteReader) => Result): Result {
  const descriptor = openSync(path, 'r')
  try {
    return use({
      sizeBytes,
      read: (offset, length) => readPiece(descriptor, offset, Math.min(length, sizeBytes - offset)),
    })
  } finally {
    closeSync(descriptor)
  }
}

function readPiece(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(length, 0))
  let filled = 0
  while (filled < bytes.length) {
    const read = readSync(descriptor, bytes, filled, bytes.length - filled, offset + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}

/** Removes files that no email and no waiting effect names and no write of this boot can be about to name. Returns how many. */
export function sweepOrphans(database: Database, folder: string, bootMark: string): number {
  const path = join(folder, 'messages')
  mkdirSync(path, { recursive: true })
  const named = new Set([...readFileNames(database), ...readOutboxFiles(database)])
  const orphans = readdirSync(path).filter(name => !named.has(name) && !name.startsWith(`${bootMark}-`))
  for (const name of orphans) rmSync(join(path, name), { force: true })
  return orphans.length
}

/** The file's bytes in chunks of 64 KiB; throws at the end when they are not what was stored. */
export async function* readMessageFile(
  path: string,
  expected: { readonly checksum: number; readonly sizeBytes: number; readonly named: string },
): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r')
  try {
    let checksum = 0
    let position = 0
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(64 * 1024), 0, 64 * 1024, position)
      if (bytesRead === 0) break
      const chunk = buffer.subarray(0, bytesRead)
      checksum = crc32(chunk, checksum)
      position += bytesRead
      yield chunk
    }
    if (checksum !== expected.checksum || position !== expected.sizeBytes) throw corruptMessage(expected.named)
  } finally {
    await file.close()
  }
}

export function corruptMessage(named: string): Error {
  return accountFailure('CORRUPT_MESSAGE', `The stored bytes of ${named} no longer match their checksum`)
}
