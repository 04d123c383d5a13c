/**
 * One message for one recipient into one account: the border between mail/deliver.ts and the account store.
 *
 * Exactly once. The store keeps a row per (delivery id, recipient as addressed) in the delivery's own transaction and answers a
 * repeat with the first result. It also keeps the fingerprint; while a row is unconfirmed and its attempt is gone, another
 * delivery with the same fingerprint gets the first result too, and the row follows the newer attempt.
 */
import type { Envelope } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
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
  /** What the account's script decided; then `mailbox` and `flags` count for nothing */
  readonly filing?: LocalFiling
}

export type LocalFiling = {
  /** In order, one email however many there are, but for other flags or bytes. None: discarded, or rejected */
  readonly placements: readonly LocalPlacement[]
  /** Messages of ours beside it; one with a key that an earlier delivery has remembered is left out */
  readonly copies: readonly (LocalPlacement & { readonly edited: MessageSource; readonly once: string | undefined })[]
  /** Until when (milliseconds since 1970); a key that is there already gets the later time */
  readonly remember: readonly { readonly key: string; readonly until: number }[]
  /** Nothing is stored, and this is the answer, also to a repeat */
  readonly rejected: SmtpReply | undefined
}

export type LocalPlacement = {
  readonly mailbox: LocalMailbox
  readonly flags: FlagChange
  /** What is stored, whole, when it is not the message */
  readonly edited?: MessageSource
}

/** What is not there, and not to be made, is the inbox */
export type LocalMailbox =
  | { readonly role: MailboxRole }
  | { readonly name: string; readonly create: boolean; readonly newRole?: MailboxRole | undefined }
  | { readonly id: MailboxId; readonly orName: string; readonly create: boolean }

/** An effect outside the account, written in the same transaction; a pump moves it to the queue, where the id is unique. */
export type OutboxItem = {
  readonly id: string
  readonly kind: 'redirect' | 'reply' | 'notify' | 'dsn' | 'submission'
  /** JSON of an EffectEnvelope */
  readonly envelope: string
  readonly message: MessageSource
  /** Left out when an earlier delivery has remembered this key */
  readonly once?: string
}

/**
 * `letter`: the delivery that the effect is of, under which the trace tells of it. `by`: an administrator's script did it, so it is
 * nothing that the account's user sends.
 */
export type EffectEnvelope = Envelope & { readonly letter?: string; readonly by?: 'administrator' }

export type WaitingOutboxItem = Omit<OutboxItem, 'once'> & {
  /** Milliseconds since 1970 */
  readonly created: number
}

export type LocalResult =
  | {
      readonly status: 'stored'
      readonly repeated: boolean
      readonly emailId: EmailId
      readonly mailbox: MailboxId
      readonly uid: Uid
    }
  | { readonly status: 'over-quota' | 'discarded'; readonly repeated: boolean }
  | { readonly status: 'rejected'; readonly repeated: boolean; readonly reply: SmtpReply }

export type LocalDeliveries = {
  deliver(delivery: LocalDelivery, signal: AbortSignal): Promise<LocalResult>
  /** The peer has our answer: these ids are never merged with later mail. Lazy: rides on the account's next commit, or within 30 s. */
  confirm(account: AccountId, recipient: string, ids: readonly DeliveryId[]): void
  /** Room for so many more octets, asked at RCPT before any byte is sent. From memory where possible. */
  hasRoom(account: AccountId, sizeBytes: number): Promise<boolean>
  /** The data folder's file system has more than the reserve free. Cheap: cached for a second. */
  diskHasRoom(): boolean
}
