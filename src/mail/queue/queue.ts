/** One durable queue type, for the gateway's hold and for outbound mail. */
import type { Envelope, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { AccountId, DeliveryId } from '../ids.ts'

export type NewEntry = {
  /** Unique in the queue: adding the same id again changes nothing and answers 'exists' */
  readonly id: DeliveryId
  readonly envelope: Envelope
  /** Header fields of ours that go before the message (Received …) */
  readonly trace: Uint8Array
  readonly message: MessageSource
  /** What the transport must know besides, as JSON: the hold keeps DeliveryFacts here */
  readonly facts: string
  /** Keyed hash (32 octets) of reverse-path, recipients and bytes as received, or one for each recipient, one after the other; see delivery.ts */
  readonly fingerprint: Uint8Array
  /** Milliseconds since 1970 */
  readonly receivedAt: number
  readonly expiresAt: number
  /** First attempt not before; now when absent */
  readonly notBefore?: number
  /** FUTURERELEASE: no attempt before, except by `retry` of this entry. RFC 4865 */
  readonly releaseAt?: number
  /** It waits until somebody releases it */
  readonly held?: boolean
  /** Submission: a copy for the sender's Sent mailbox, filed once */
  readonly sentCopy?: AccountId
  /** Header fields with their line ends that stand in that copy and nowhere else: Bcc */
  readonly sentCopyFields?: Uint8Array
  /** Somebody will ask how it ended, when it has left (`endOf`) */
  readonly keepsEnd?: boolean
  /** Somebody else wrote it, and one of our people sends it on */
  readonly foreign?: boolean
  /** The submitter, for limits and `queue list` */
  readonly submitter?: string
}

/** Straight to the recipients' servers, or upstreams by name, in order */
export type Via = 'mx' | readonly string[]

export type QueueState = 'waiting' | 'trying' | 'held'

export type QueueRecipient = {
  readonly address: string
  readonly state: QueueState | 'delivered' | 'failed'
  readonly attempts: number
  /** Milliseconds since 1970 */
  readonly nextAttemptAt: number
  readonly last: RecipientResult | undefined
}

export type QueueEntry = {
  readonly id: DeliveryId
  readonly reversePath: string
  readonly sizeBytes: number
  readonly receivedAt: number
  readonly expiresAt: number
  readonly submitter: string | undefined
  readonly releaseAt: number | undefined
  /** The way chosen for it by hand */
  readonly via: Via | undefined
  readonly recipients: readonly QueueRecipient[]
}

/** What happened to an entry, on disk by then; `results`: of one attempt. An entry was held or released by its id, tried, or removed. */
export type QueueChange = {
  readonly id: DeliveryId
  readonly results: readonly {
    readonly address: string
    /** Undefined: its time was over before any attempt */
    readonly result: RecipientResult | undefined
    readonly state: 'waiting' | 'held' | 'delivered' | 'failed'
  }[]
}

export type Queue = {
  /** On disk when it resolves. Throws when it cannot be written (answer 451) or the disk reserve is reached (452 4.3.1). */
  add(entry: NewEntry): Promise<'added' | 'exists'>
  /**
   * Entries whose sender never saw our 250 and which hold the same message, or held it until it was delivered, oldest first: the
   * sender's retry becomes such an entry's attempt.
   */
  findUnconfirmed(fingerprint: Uint8Array): readonly DeliveryId[]
  /** The sender has its 250, for these fingerprints or for all. Lazy. */
  confirm(id: DeliveryId, fingerprints?: readonly Uint8Array[]): void
  /** A later message goes in its place for these: no retry finds it by them any more. Lazy. */
  supersede(id: DeliveryId, fingerprints: readonly Uint8Array[]): void
  /** An entry's sender has its 250 for all of it, as far as is known now */
  isConfirmed(id: DeliveryId): boolean
  /** The sender vanished without its 250 and may send again. */
  gone(id: DeliveryId): void

  list(): Promise<readonly QueueEntry[]>
  show(id: string): Promise<QueueEntry | undefined>
  /** What became of an entry with `keepsEnd` that has left, until that is forgotten: after 40 days, or when 20,000 others have left since */
  endOf(id: string): Promise<QueueChange['results'] | undefined>
  /** Whoever asked has noted it. */
  forgetEnds(ids: readonly string[]): Promise<void>
  /** Try now: one entry, or all */
  retry(id?: string): Promise<number>
  hold(id: string): Promise<boolean>
  release(id: string): Promise<boolean>
  /** Everything of one submitter; how many */
  holdFrom(submitter: string): Promise<number>
  releaseFrom(submitter: string): Promise<number>
  /** Another way than the rules', for this one entry; undefined: the rules' again. It is tried at once. False while it is being tried. */
  sendVia(id: string, via: Via | undefined): Promise<boolean>
  /** Removes without a DSN */
  remove(id: string): Promise<boolean>
  /** Called after each change of an entry, in order; not for those that come. A listener that throws is not heard. */
  watch(listener: (change: QueueChange) => void): Disposable
  /** A destination is back: everything that waits for it is tried now, live mail first, then by age */
  wake(): void
  readonly depth: number
  [Symbol.asyncDispose](): Promise<void>
}
