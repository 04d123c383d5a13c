/**
 * One message for one recipient into one account: the border between mail/deliver.ts and the account store.
 *
 * Exactly once. The store keeps a row per (delivery id, recipient as addressed) in the delivery's own transaction and answers a
 * repeat with the first result. It also keeps the fingerprint; while a row is unconfirmed and its attempt is gone, another
 * delivery with the same fingerprint gets the first result too, and the row follows the newer attempt.
 */
import type { MessageSource } from '#formats/message-source.ts'
import type { MailboxRole, FlagChange } from './account.ts'
import type { AccountId, DeliveryId, EmailId, MailboxId, Uid } from './ids.ts'

/** Which take-in of a message this is. Rows made by an earlier boot of the same origin are gone by definition. */
export type Attempt = {
  readonly id: DeliveryId
  /** The box that took the message in: a gateway's name, or this home's own for peers that speak plain LMTP */
  readonly origin: string
  /** Start count of that box, from its own durable counter */
  readonly boot: number
  /** Earlier attempts of the same origin and boot whose peer vanished without our answer */
  readonly gone: readonly DeliveryId[]
  /** The sender is known to have its 250 (mail from the hold whose 250 was confirmed): never merged by fingerprint */
  readonly confirmed: boolean
}

export type LocalDelivery = {
  readonly account: AccountId
  /** As addressed, canonical form: two addresses of one account are two deliveries */
  readonly recipient: string
  readonly attempt: Attempt
  /** Keyed hash (32 octets) of reverse-path, recipient and the bytes as received */
  readonly fingerprint: Uint8Array
  readonly mailbox: { readonly role: MailboxRole } | { readonly id: MailboxId }
  readonly flags: FlagChange
  readonly internalDate: number
  /** Our own block of header fields, CRLF line ends, stored before the message */
  readonly trace: Uint8Array
  readonly message: MessageSource
  /** SHA-256 of the bytes as received (what `message` holds) */
  readonly receivedHash: Uint8Array
  readonly outbox: readonly OutboxItem[]
  readonly overQuota: 'refuse' | 'accept'
}

/** An effect outside the account, written in the same transaction; a pump moves it to the queue, where the id is unique. */
export type OutboxItem = {
  readonly id: string
  readonly kind: 'redirect' | 'reply' | 'dsn' | 'submission'
  /** JSON of an Envelope */
  readonly envelope: string
  readonly message: Uint8Array
}

export type LocalResult =
  | {
      readonly status: 'stored'
      readonly repeated: boolean
      readonly emailId: EmailId
      readonly mailbox: MailboxId
      readonly uid: Uid
    }
  | { readonly status: 'over-quota'; readonly repeated: boolean }

export type LocalDeliveries = {
  deliver(delivery: LocalDelivery, signal: AbortSignal): Promise<LocalResult>
  /** The peer has our answer: these ids are never merged with later mail. Lazy: rides on the account's next commit, or within 30 s. */
  confirm(account: AccountId, recipient: string, ids: readonly DeliveryId[]): void
  /** Room for so many more octets, asked at RCPT before any byte is sent. From memory where possible. */
  hasRoom(account: AccountId, sizeBytes: number): Promise<boolean>
  /** The data folder's file system has more than the reserve free. Cheap: cached for a second. */
  diskHasRoom(): boolean
}
