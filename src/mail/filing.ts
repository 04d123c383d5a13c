/**
 * The border between delivery and the account's own rules (Sieve, RFC 5228): where a message goes and what else happens. Effects outside the
 * account are rows of its outbox, written in the delivery's own transaction.
 */
import type { Text } from '#base/text.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { MailboxRole } from './account.ts'
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
  /** It goes to Junk unless the script decides otherwise, for its content or because its sender is not who it says */
  readonly junk?: boolean
  readonly receivedAt: number
  /** Where home knows it; for RFC 5183 */
  readonly client?: { readonly address: string; readonly name: string }
  /** Of this delivery of this very message, the same for a repeat: Message-IDs of effects are made from it */
  readonly deliveryId: string
  /** Set when the script runs because of an IMAP command (RFC 6785): then the message lies in its mailbox already */
  readonly event?: ImapEvent
}

/** RFC 6785 §4.2.1 */
export type ImapEvent = {
  readonly cause: 'APPEND' | 'COPY' | 'FLAG'
  readonly mailbox: string
  /** Flags that were added or removed; for FLAG only */
  readonly changedFlags: readonly string[]
  /** That the message has now: what scripts begin with */
  readonly flags: readonly string[]
  readonly user: string
  readonly email: string
}

export type MailboxChoice =
  | { readonly role: 'inbox' | 'junk' | 'sent' | 'drafts' | 'trash' | 'archive' }
  /** Full path as in account.ts. Missing: made when `create`, else the message goes to the inbox (RFC 5228 §4.1) */
  | {
      readonly name: string
      readonly create: boolean
      /** With `create` only, RFC 8579 §4: the role that the new mailbox gets */
      readonly newRole?: MailboxRole
    }
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
    /** No action asked for it (RFC 5228 §2.10.2): junk that a script says nothing of goes to Junk */
    readonly implicit?: true
  }[]
  /**
   * The sender is told no (RFC 5429): as an SMTP reply where that is still possible (then no effect of the kind `reply` goes out), else
   * by the `reply` in `effects`, a DSN for ereject, an MDN for reject; there is none for the null reverse-path.
   */
  readonly rejected?: { readonly kind: 'reject' | 'ereject'; readonly reason: string }
  readonly effects: readonly FilingEffect[]
  /** Messages of our own for the owner's mailboxes: `:fcc` of vacation and notify (RFC 8580). Emails of their own, \Seen unless flags say else */
  readonly copies: readonly FiledCopy[]
  /**
   * Written in the delivery's transaction, so that a delivery that fails or is repeated remembers nothing twice. A key that is there
   * already gets the later `until`.
   */
  readonly remember: readonly Remembered[]
  /** The script failed at run time or could not be read: the message was kept in the inbox, and the owner is told once a day */
  readonly problem?: { readonly script: string; readonly line: number; readonly column: number; readonly text: Text }
}

export type FiledCopy = {
  readonly index: number
  readonly mailbox: MailboxChoice
  readonly flags: readonly string[]
  readonly message: Uint8Array
  /** As that of a reply: where the reply is dropped, so is its copy */
  readonly once?: string
}

/** For `duplicate` and `vacation`; the key is at most 64 characters and is one account's own. */
export type Remembered = {
  readonly key: string
  /** Milliseconds since 1970; forgotten then */
  readonly until: number
}

/** `by`: absent for what the owner's own script does */
export type FilingEffect = { readonly by?: 'administrator' } & EffectOf

/** `index`: place of the action in the script's run, for its deterministic id */
type EffectOf =
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
      /**
       * A key of `remember`. Two letters of one sender at the same time both find that no reply has gone: the transaction that finds
       * the key remembered by another delivery drops this effect (RFC 5230 §4.2).
       */
      readonly once?: string
    }

/** Rejects with `signal.reason` only, after an abort: nothing is decided then. What else goes wrong is a `problem`, and the message is kept. */
export type MessageFiler = (message: MessageToFile, signal: AbortSignal) => Promise<Filed>
