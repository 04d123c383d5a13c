/**
 * The border between delivery and the account's own rules (Sieve, RFC 5228): where a message goes and what else happens. Effects outside the
 * account are rows of its outbox, written in the delivery's own transaction.
 */
import type { Envelope } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { AccountId } from './ids.ts'
import type { ContentVerdict } from './judging.ts'

export type MessageToFile = {
  readonly account: AccountId
  /** As addressed, canonical */
  readonly recipient: string
  readonly envelope: Envelope
  /** With our trace block before it, as it will be stored */
  readonly message: MessageSource
  readonly content: ContentVerdict | undefined
  readonly receivedAt: number
  /** Deterministic: ids of effects are made from it */
  readonly deliveryId: string
}

export type MailboxChoice =
  | { readonly role: 'inbox' | 'junk' | 'sent' | 'drafts' | 'trash' | 'archive' }
  /** Full path as in account.ts. Missing: made when `create`, else the message goes to the inbox (RFC 5228 §4.1) */
  | { readonly name: string; readonly create: boolean }
  /** RFC 9042; where it is gone `orName` counts */
  | { readonly mailboxId: string; readonly orName: string; readonly create: boolean }

export type Filed = {
  /** In the order of the script; one email with several placements, but for those whose bytes were edited. Empty: discarded */
  readonly placements: readonly {
    readonly mailbox: MailboxChoice
    /** IMAP flags and keywords */
    readonly flags: readonly string[]
    /** Set when editheader, replace or enclose changed what is stored */
    readonly edited?: MessageSource
  }[]
  /** The sender is told no: as an SMTP reply (ereject) where that is still possible, else as a message (RFC 5429) */
  readonly rejected?: { readonly kind: 'reject' | 'ereject'; readonly reason: string }
  readonly effects: readonly FilingEffect[]
  /** The script failed at run time or could not be read: the message was kept in the inbox, and the owner is told once a day */
  readonly problem?: { readonly script: string; readonly line: number; readonly column: number; readonly text: string }
}

/** `index`: place of the action in the script's run, for its deterministic id */
export type FilingEffect =
  | {
      readonly kind: 'redirect'
      readonly index: number
      readonly to: string
      readonly message: MessageSource
      readonly notify?: string
      readonly ret?: string
    }
  /** vacation, reject, ereject, notify: a message of ours */
  | {
      readonly kind: 'reply' | 'notify'
      readonly index: number
      readonly envelope: Envelope
      readonly message: Uint8Array
    }

/** Never rejects: what goes wrong is a `problem`, and the message is kept. */
export type MessageFiler = (message: MessageToFile, signal: AbortSignal) => Promise<Filed>
