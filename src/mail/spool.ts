/**
 * Messages over 1 MiB, and many at a time, while they arrive: files in a folder of their own, gone when they are discarded or at the next start.
 *
 * Not durable on purpose: who answers 250 has put the bytes elsewhere. With `encrypt` the file has no name (unlinked as soon as
 * it is open) and is AES-256-CTR under a random key that lives only in this object, so nothing readable outlives the process.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { MessageSource } from '#formats/message-source.ts'

export type Spool = {
  /** Throws what the file system says (ENOSPC …). */
  create(options?: { readonly encrypt?: boolean }): Promise<SpoolFile>
}

export type SpoolFile = {
  /** Keeps a view until enough is gathered: the bytes must not change. Throws ENOSPC and the like. */
  write(bytes: Uint8Array): Promise<void>
  /** What was written since the last such call is a message, and another may follow; readable from `finish` on. Not with `encrypt`. */
  endMessage(): MessageSource
  /** All written; the source (of what came since `endMessage`) is readable until `discard`. */
  finish(): Promise<MessageSource>
  /** Idempotent, never throws. */
  discard(): Promise<void>
}

const suffix = '.spool'
/** Small pieces are gathered to one write of this size */
const writeBytes = 256 * 1024
const readBytes = 64 * 1024

/** Makes the folder when it is missing and removes what an earlier process left in it. */
export async function openSpool(folder: string): Promise<Spool> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of await readdir(folder))
    if (name.endsWith(suffix)) await rm(path.join(folder, name), { force: true })
  return { create: options => createSpoolFile(folder, options?.encrypt ?? false) }
}

async function createSpoolFile(folder: string, encrypt: boolean): Promise<SpoolFile> {
  const file = path.join(folder, `${randomUUID()}${suffix}`)
  const handle = await open(file, 'wx+', 0o600)
  if (encrypt) await rm(file)
  return new OpenSpoolFile(handle, file, encrypt ? { key: randomBytes(32), iv: randomBytes(16) } : undefined)
}

type Secret = { readonly key: Uint8Array; readonly iv: Uint8Array }

class OpenSpoolFile implements SpoolFile {
  readonly #handle: FileHandle
  readonly #path: string
  readonly #secret: Secret | undefined
  readonly #cipher: ReturnType<typeof createCipheriv> | undefined
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #sizeBytes = 0
  /** Where the message that is being written begins */
  #start = 0
  #discarded = false

  constructor(handle: FileHandle, file: string, secret: Secret | undefined) {
    this.#handle = handle
    this.#path = file
    this.#secret = secret
    this.#cipher = secret && createCipheriv('aes-256-ctr', secret.key, secret.iv)
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
    if (this.#gatheredBytes >= writeBytes) await this.#flush()
  }

  endMessage(): MessageSource {
    const start = this.#start
    if (start > 0 && this.#secret) throw new Error('An encrypted spool file holds one message')
    this.#start = this.#sizeBytes + this.#gatheredBytes
    const sizeBytes = this.#start - start
    return {
      sizeBytes,
      place: this.#secret ? { kind: 'stream' } : { kind: 'file', path: this.#path, offset: start },
      open: () => this.#read(start, sizeBytes),
    }
  }

  async finish(): Promise<MessageSource> {
    await this.#flush()
    return this.endMessage()
  }

  async discard(): Promise<void> {
    if (this.#discarded) return
    this.#discarded = true
    await this.#handle.close().catch(() => undefined)
    if (!this.#secret) await rm(this.#path, { force: true }).catch(() => undefined)
  }

  async #flush(): Promise<void> {
    if (this.#gatheredBytes === 0) return
    const plain = Buffer.concat(this.#gathered)
    this.#gathered = []
    this.#gatheredBytes = 0
    const bytes = this.#cipher ? this.#cipher.update(plain) : plain
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#sizeBytes)
      done += bytesWritten
      this.#sizeBytes += bytesWritten
    }
  }

  async *#read(start: number, sizeBytes: number): AsyncGenerator<Uint8Array> {
    const decipher = this.#secret && createDecipheriv('aes-256-ctr', this.#secret.key, this.#secret.iv)
    const end = start + sizeBytes
    for (let at = start; at < end; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, end - at))
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) throw new Error('The spool file is shorter than what was written')
      at += bytesRead
      const piece = buffer.subarray(0, bytesRead)
      yield decipher ? decipher.update(piece) : piece
    }
  }
}
