/** What JMAP's /set methods change in an account, and what they hear of it (RFC 8620 §5.3, RFC 8621 §2.5, §4.6). */
import type {
  MailboxProperties as StoredProperties,
  MailboxSetting as StoredSetting,
  MailboxSettingRefusal,
} from '#store/account/set-mailboxes.ts'
import type { AccountRefusal, FlagChange, MailboxRole, NewMessage } from './account.ts'
import type { EmailId, MailboxId, ModSeq, ThreadId } from './ids.ts'

export type { MailboxSettingRefusal }
export type MailboxProperties = StoredProperties<MailboxId, MailboxRole>
export type MailboxSetting = StoredSetting<MailboxId, MailboxRole>
export type MailboxesSet = {
  /** When things of the type last changed, just before and after */
  readonly before: ModSeq
  readonly after: ModSeq
  /** In the order of the changes */
  readonly results: readonly ({ readonly mailbox: MailboxId } | MailboxSettingRefusal)[]
}

/** `flags`: in order; the first may replace all. Without `mailboxes` these stay. */
export type EmailChange =
  | EmailCreation
  | { readonly kind: 'destroy'; readonly email: EmailId }
  | {
      readonly kind: 'update'
      readonly email: EmailId
      readonly mailboxes:
        | { readonly all: readonly MailboxId[] }
        | { readonly add: readonly MailboxId[]; readonly remove: readonly MailboxId[] }
        | undefined
      readonly flags: readonly FlagChange[]
    }
/** In all of these mailboxes at once */
export type EmailCreation = NewMessage & { readonly kind: 'create'; readonly mailboxes: readonly MailboxId[] }
export type CreatedEmail = { readonly email: EmailId; readonly thread: ThreadId; readonly sizeBytes: number }
export type ObjectChange = { readonly id: string; readonly value: string | undefined; readonly before?: string | null }
export type ObjectsSet = {
  /** When things of the type last changed, just before and after */
  readonly before: ModSeq
  readonly after: ModSeq
  readonly results: readonly (
    | object
    | { readonly refused: 'changed' | 'no-such-object' | 'value-too-large' | 'too-many-entries' }
  )[]
}

export type EmailRefusal =
  | AccountRefusal
  /** It would be in no mailbox that shows it */
  | { readonly refused: 'no-mailbox' }
export type EmailsSet = {
  /** When things of the type last changed, just before and after */
  readonly before: ModSeq
  readonly after: ModSeq
  /** In the order of the changes */
  readonly results: readonly (object | CreatedEmail | EmailRefusal)[]
}
