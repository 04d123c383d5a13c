/**
 * All emails of an account that are shown in any mailbox, in columns, as of one moment: by the time they were received, then by id. They never change; what
 * comes later is another object, which shares the columns that are the same.
 */
import type { TypeModSeqs } from '#store/account/tables/counters.ts'
import type { MailboxId, ModSeq } from '../ids.ts'
import { type MailboxCount, countMailboxes } from './count-mailboxes.ts'
import { type ThreadFlags, type ThreadNumbers, flagsOfThreads, numberThreads } from './threads.ts'

/** Email i lies in mailboxes[starts[i]] up to and without mailboxes[starts[i + 1]]. */
export type ColumnData = {
  readonly length: number
  readonly ids: Float64Array
  readonly threads: Float64Array
  /** Milliseconds since 1970, as `sent`, which is that of the Date field where there is one */
  readonly received: Float64Array
  readonly sent: Float64Array
  /** Octets */
  readonly sizes: Float64Array
  /** Packed, without \Deleted */
  readonly flags: Uint32Array
  readonly starts: Uint32Array
  readonly mailboxes: Float64Array
}

/** Up to where columns go, and when each type last changed up to there */
export type ColumnsAsOf = { readonly modSeq: ModSeq; readonly types: TypeModSeqs }

export class EmailColumns implements ColumnData, ColumnsAsOf {
  readonly modSeq: ModSeq
  readonly types: TypeModSeqs
  readonly length: number
  readonly ids: Float64Array
  readonly threads: Float64Array
  readonly received: Float64Array
  readonly sent: Float64Array
  readonly sizes: Float64Array
  readonly flags: Uint32Array
  readonly starts: Uint32Array
  readonly mailboxes: Float64Array
  #threadFlags: ThreadFlags | undefined
  #counts: { readonly trash: MailboxId | undefined; readonly of: ReadonlyMap<MailboxId, MailboxCount> } | undefined

  constructor({ modSeq, types }: ColumnsAsOf, data: ColumnData) {
    this.modSeq = modSeq
    this.types = types
    this.length = data.length
    this.ids = data.ids
    this.threads = data.threads
    this.received = data.received
    this.sent = data.sent
    this.sizes = data.sizes
    this.flags = data.flags
    this.starts = data.starts
    this.mailboxes = data.mailboxes
  }

  /** Small numbers that stand for threads */
  get threadNumbers(): ThreadNumbers {
    return numberThreads(this.threads)
  }

  get threadFlags(): ThreadFlags {
    this.#threadFlags ??= flagsOfThreads(this, this.threadNumbers)
    return this.#threadFlags
  }

  /** Of mailboxes that show anything */
  counts(trash: MailboxId | undefined): ReadonlyMap<MailboxId, MailboxCount> {
    if (!this.#counts || this.#counts.trash !== trash)
      this.#counts = { trash, of: countMailboxes(this, this.threadNumbers, trash) }
    return this.#counts.of
  }
}
