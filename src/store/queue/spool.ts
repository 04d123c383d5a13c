/** Bodies too large for a row: one file each, on disk (with its folder entry) before the row that names it. */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { MessageSource } from '#formats/message-source.ts'

export async function createSpoolFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await syncFolder(join(folder, '..'))
}

/** Writes `before` and the message into a new file; its name when it is on disk. */
export async function writeSpoolFile(folder: string, before: Uint8Array, message: MessageSource): Promise<string> {
  const name = `${randomUUID()}.msg`
  const path = join(folder, name)
  try {
    await using file = await open(path, 'wx', 0o600)
    await file.writeFile(joined(before, message))
    await file.datasync()
    await syncFolder(folder)
    return name
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

async function* joined(before: Uint8Array, message: MessageSource): AsyncIterable<Uint8Array> {
  if (before.length > 0) yield before
  yield* message.open()
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

/** Part of a file as a message. The file must stay for as long as somebody reads. */
export function fileSource(path: string, offset: number, sizeBytes: number): MessageSource {
  return {
    sizeBytes,
    place: { kind: 'file', path, offset },
    async *open() {
      if (sizeBytes > 0) yield* createReadStream(path, { start: offset, end: offset + sizeBytes - 1 })
    },
  }
}
