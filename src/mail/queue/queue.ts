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
  /** Keyed hash of reverse-path, recipients and bytes as received; see delivery.ts */
  readonly fingerprint: Uint8Array
  /** Milliseconds since 1970 */
  readonly receivedAt: number
  readonly expiresAt: number
  /** First attempt not before; now when absent */
  readonly notBefore?: number
  /** Submission: a copy for the sender's Sent mailbox, filed once */
  readonly sentCopy?: AccountId
  /** The submitter, for limits and `queue list` */
  readonly submitter?: string
}

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
  readonly recipients: readonly QueueRecipient[]
}

export type Queue = {
  /** On disk when it resolves. Throws when it cannot be written (answer 451) or the disk reserve is reached (452 4.3.1). */
  add(entry: NewEntry): Promise<'added' | 'exists'>
  /** An entry whose sender never saw our 250 and which holds the same message: the sender's retry becomes this entry's attempt. */
  findUnconfirmed(fingerprint: Uint8Array): DeliveryId | undefined
  /** The sender has its 250. Lazy. */
  confirm(id: DeliveryId): void
  /** The sender vanished without its 250 and may send again. */
  gone(id: DeliveryId): void

  list(): Promise<readonly QueueEntry[]>
  show(id: string): Promise<QueueEntry | undefined>
  /** Try now: one entry, or all */
  retry(id?: string): Promise<number>
  hold(id: string): Promise<boolean>
  release(id: string): Promise<boolean>
  /** Removes without a DSN */
  remove(id: string): Promise<boolean>
  /** A destination is back: everything that waits for it is tried now, live mail first, then by age */
  wake(): void
  readonly depth: number
  [Symbol.asyncDispose](): Promise<void>
}
