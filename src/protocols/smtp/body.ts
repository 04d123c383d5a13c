/** A message while it arrives: in memory up to 1 MiB, then in a spool file. Too big or no room: refused, and the rest thrown away. */
import { concatBytes } from '#base/bytes.ts'
import type { Log } from '#base/log.ts'
import { inMemoryLimitBytes, memorySource, type MessageSource } from '#formats/message-source.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Spool, SpoolFile } from '#mail/spool.ts'

export type BodyOptions = {
  readonly spool: Spool
  readonly encryptSpool: boolean
  readonly maxBytes: number
  readonly log: Log
}

/** Pieces below this are copied together, so that a message full of stuffed dots costs no object each. */
const smallPieceBytes = 256
const blockBytes = 32 * 1024

export class MessageBody {
  readonly #options: BodyOptions
  #pieces: Uint8Array[] = []
  #block: Buffer | undefined
  #blockUsed = 0
  #sizeBytes = 0
  #file: SpoolFile | undefined
  #refusal: SmtpReply | undefined

  constructor(options: BodyOptions) {
    this.#options = options
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }
  /** Set once nothing more is kept; the reply the peer gets at the end. */
  get refusal(): SmtpReply | undefined {
    return this.#refusal
  }

  refuse(reply: SmtpReply): void {
    this.#refusal ??= reply
    this.#pieces = []
    this.#block = undefined
  }

  /** Keeps a view of the piece (or a copy of a small one). Call `settle` when `pressing` before adding much more. */
  add(piece: Uint8Array): void {
    this.#sizeBytes += piece.length
    if (this.#refusal) return
    if (this.#sizeBytes > this.#options.maxBytes) this.refuse(tooBig)
    else if (piece.length >= smallPieceBytes) this.#keep(piece)
    else this.#gather(piece)
  }

  /** There are bytes to be written out of memory. */
  get pressing(): boolean {
    return this.#refusal === undefined && (this.#file !== undefined || this.#sizeBytes > inMemoryLimitBytes)
  }

  /** Moves what is in memory to the spool file. A full disk becomes a refusal. */
  async settle(): Promise<void> {
    this.#closeBlock()
    const pieces = this.#pieces
    this.#pieces = []
    try {
      this.#file ??= await this.#options.spool.create({ encrypt: this.#options.encryptSpool })
      for (const piece of pieces) await this.#file.write(piece)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Undefined when it was refused. */
  async finish(): Promise<MessageSource | undefined> {
    if (this.#refusal) return undefined
    this.#closeBlock()
    if (!this.pressing) return memorySource(concatBytes(this.#pieces))
    await this.settle()
    try {
      return this.#refusal ? undefined : await this.#file?.finish()
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  discard(): void {
    this.#pieces = []
    this.#block = undefined
    void this.#file?.discard()
  }

  #keep(piece: Uint8Array): void {
    this.#closeBlock()
    this.#pieces.push(piece)
  }

  #gather(piece: Uint8Array): void {
    if (this.#block && this.#blockUsed + piece.length > this.#block.length) this.#closeBlock()
    this.#block ??= Buffer.allocUnsafeSlow(blockBytes)
    this.#block.set(piece, this.#blockUsed)
    this.#blockUsed += piece.length
  }

  #closeBlock(): void {
    if (this.#block) this.#pieces.push(this.#block.subarray(0, this.#blockUsed))
    this.#block = undefined
    this.#blockUsed = 0
  }

  #fail(error: unknown): void {
    const full = isNoSpace(error)
    this.#options.log.error(full ? 'No room to spool a message' : 'A message could not be spooled', { err: error })
    this.refuse(full ? noRoom : spoolFailed)
  }
}

function isNoSpace(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT'
}

const tooBig = smtpReply(552, '5.3.4', 'The message is bigger than this server takes')
const noRoom = smtpReply(452, '4.3.1', 'No room for the message now; try again later')
const spoolFailed = smtpReply(451, '4.3.0', 'The message could not be kept; try again later')
