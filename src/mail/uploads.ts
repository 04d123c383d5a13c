/**
 * What clients have uploaded and not used yet (RFC 8620 §6.1): files in a folder of their own, empty at each start, forgotten after some hours.
 * Bounded for each account and together; when there is no room, an account's oldest make way for its next.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { AccountId } from './ids.ts'

export type Upload = { readonly id: string; readonly sizeBytes: number; readonly source: MessageSource }
export type UploadRefusal = { readonly refused: 'too-large' | 'no-room' }

export type Uploads = Disposable & {
  /** Reads all of `chunks`, unless it is refused. What is thrown while reading leaves nothing behind. */
  keep(
    account: AccountId,
    chunks: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number; readonly expectedBytes?: number },
  ): Promise<Upload | UploadRefusal>
  /** Undefined when it was never there, or is no more. */
  find(account: AccountId, id: string): Upload | undefined
}

export type UploadsOptions = {
  readonly folder: string
  readonly clock: Clock
  /** Of one account. At least what one upload may have */
  readonly accountBytes: number
  readonly totalBytes: number
}

/** RFC 8620 §6.1 wants an hour at least. */
const keptMs = 6 * 60 * 60_000
const sweepMs = 5 * 60_000
/** Files of one account: small ones are no way around the bound */
const maxFiles = 1_000
const suffix = '.upload'

type Kept = Upload & { readonly account: AccountId; readonly path: string; readonly until: number }

export async function openUploads(options: UploadsOptions): Promise<Uploads> {
  const { folder } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of await readdir(folder)) if (name.endsWith(suffix)) await rm(join(folder, name), { force: true })
  return new UploadFolder(options)
}

class UploadFolder implements Uploads {
  readonly #options: UploadsOptions
  /** Oldest first */
  readonly #kept = new Map<string, Kept>()
  readonly #sizes = new Map<AccountId, { bytes: number; files: number }>()
  readonly #sweeping: NodeJS.Timeout
  #totalBytes = 0

  constructor(options: UploadsOptions) {
    this.#options = options
    this.#sweeping = setInterval(() => this.#sweep(), sweepMs).unref()
  }

  find(account: AccountId, id: string): Upload | undefined {
    const kept = this.#kept.get(id)
    return kept?.account === account ? kept : undefined
  }

  async keep(
    account: AccountId,
    chunks: AsyncIterable<Uint8Array>,
    { maxBytes, expectedBytes = 0 }: { readonly maxBytes: number; readonly expectedBytes?: number },
  ): Promise<Upload | UploadRefusal> {
    if (expectedBytes > maxBytes) return { refused: 'too-large' }
    if (!this.#makeRoom(account, expectedBytes)) return { refused: 'no-room' }
    const id = `U${randomBytes(16).toString('hex')}`
    const path = join(this.#options.folder, id + suffix)
    let sizeBytes = 0
    let refusal: UploadRefusal | undefined
    let complete = false
    const file = await open(path, 'wx', 0o600)
    try {
      for await (const chunk of chunks) {
        if (sizeBytes + chunk.length > maxBytes) refusal = { refused: 'too-large' }
        else if (!this.#reserve(account, chunk.length)) refusal = { refused: 'no-room' }
        if (refusal) return refusal
        sizeBytes += chunk.length
        await writeAll(file, chunk)
      }
      complete = true
    } finally {
      await file.close()
      if (!complete) {
        this.#giveBack(account, sizeBytes)
        await rm(path, { force: true })
      }
    }
    const upload = { id, sizeBytes, source: fileSource(path, sizeBytes) }
    const until = this.#options.clock.monotonic() + keptMs
    this.#kept.set(id, { ...upload, account, path, until })
    this.#sizesOf(account).files++
    return upload
  }

  #sizesOf(account: AccountId): { bytes: number; files: number } {
    const known = this.#sizes.get(account)
    if (known) return known
    const sizes = { bytes: 0, files: 0 }
    this.#sizes.set(account, sizes)
    return sizes
  }

  /** Counted before it is written: uploads that run beside each other share the room. */
  #reserve(account: AccountId, bytes: number): boolean {
    if (!this.#makeRoom(account, bytes)) return false
    this.#sizesOf(account).bytes += bytes
    this.#totalBytes += bytes
    return true
  }

  #giveBack(account: AccountId, bytes: number): void {
    this.#sizesOf(account).bytes -= bytes
    this.#totalBytes -= bytes
  }

  #makeRoom(account: AccountId, bytes: number): boolean {
    const sizes = this.#sizesOf(account)
    for (const kept of this.#kept.values()) {
      if (this.#hasRoom(sizes, bytes)) return true
      if (kept.account === account) this.#forget(kept)
    }
    return this.#hasRoom(sizes, bytes)
  }

  #hasRoom(sizes: { readonly bytes: number; readonly files: number }, bytes: number): boolean {
    const { accountBytes, totalBytes } = this.#options
    return sizes.bytes + bytes <= accountBytes && sizes.files < maxFiles && this.#totalBytes + bytes <= totalBytes
  }

  #forget(kept: Kept): void {
    this.#kept.delete(kept.id)
    this.#giveBack(kept.account, kept.sizeBytes)
    const sizes = this.#sizesOf(kept.account)
    sizes.files--
    if (sizes.files === 0 && sizes.bytes === 0) this.#sizes.delete(kept.account)
    // who is reading it reads on; what cannot be removed goes at the next start
    void rm(kept.path, { force: true }).catch(() => undefined)
  }

  #sweep(): void {
    const now = this.#options.clock.monotonic()
    for (const kept of this.#kept.values()) {
      if (kept.until > now) return
      this.#forget(kept)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeping)
    for (const kept of this.#kept.values()) this.#forget(kept)
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten
}

function fileSource(path: string, sizeBytes: number): MessageSource {
  return {
    sizeBytes,
    place: { kind: 'file', path, offset: 0 },
    open: () => createReadStream(path, { highWaterMark: 64 * 1024 }) as AsyncIterable<Uint8Array>,
  }
}
