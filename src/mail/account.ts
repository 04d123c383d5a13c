/**
 * The nouns that every protocol sees. An account owns mailboxes, which hold messages.
 *
 * An *email* is immutable bytes with keywords; a *placement* puts it into a mailbox under a UID (several per email, even in
 * one mailbox). Keywords belong to the email, \Deleted to the placement. One modseq counts for the whole account.
 * Every method is asynchronous: the account lives in a writer thread, reads may go to reader threads. What a method that
 * changes something resolves with is on disk.
 */
import type { MessageSource } from '#formats/message-source.ts'
import type { SearchTerm } from '#formats/search/term.ts'
import type { AccountChange } from './account-change.ts'
import type { EmailFactName, EmailPartName, EmailParts, EmailRow } from './account-email.ts'
import type { AccountReader } from './account-reader.ts'
import type { Contacts } from './contacts.ts'
import type { DerivedName } from './image/derived.ts'
import type { EmailColumns } from './image/email-columns.ts'
import type { MailboxCount } from './image/count-mailboxes.ts'
import type { AccountId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from './ids.ts'
import type { MailboxView } from './account-view.ts'
import type {
  EmailChange,
  EmailsSet,
  MailboxSetting,
  MailboxesSet,
  ObjectChange,
  ObjectsSet,
} from './account-settings.ts'

export type { EmailColumns, MailboxCount }

/** RFC 6154, RFC 8621 §2. 'inbox' cannot be deleted; there is at most one mailbox per role. */
export type MailboxRole = 'inbox' | 'sent' | 'drafts' | 'junk' | 'trash' | 'archive'

export type Mailbox = {
  readonly id: MailboxId
  /** Full path, levels separated by '/', UTF-8 in NFC. The inbox is 'INBOX'. */
  readonly name: string
  readonly role: MailboxRole | undefined
  readonly subscribed: boolean
  readonly uidValidity: number
  readonly uidNext: Uid
  readonly highestModSeq: ModSeq
  /** Placements, those marked \Deleted included */
  readonly messages: number
  /** Without \Seen */
  readonly unseen: number
  /** Marked \Deleted */
  readonly deleted: number
  /** Sum of the messages' sizes, octets (RFC 8438 STATUS=SIZE) */
  readonly sizeBytes: number
}

export type MailboxCounters = Omit<Mailbox, 'subscribed'>

/** Packed flags of a placement: the system flags, then the account's keywords by their index in `keywordNames`. */
export const seenFlag = 1
export const answeredFlag = 2
export const flaggedFlag = 4
export const draftFlag = 8
/** Of the placement; the others are the email's */
export const deletedFlag = 16
/** Keyword i (0…25) is the bit `firstKeywordFlag << i`; an account has at most 26 distinct keywords beyond the system flags in packed form */
export const firstKeywordFlag = 32
export const maxKeywords = 26

export type FlagChange = {
  readonly mode: 'add' | 'remove' | 'replace'
  /** System flags as bits (with `deletedFlag`) */
  readonly system: number
  /** Keyword names; matched without regard to ASCII case, kept as first written. Limit and syntax are checked by the account. */
  readonly keywords: readonly string[]
}

export type NewMessage = {
  readonly message: MessageSource
  readonly flags: FlagChange
  /** Milliseconds since 1970 */
  readonly internalDate: number
}

/** Both ends included; UIDs between them that are not there are passed over. */
export type UidRange = { readonly first: Uid; readonly last: Uid }
/** Messages of a mailbox: as ranges a hundred thousand are as easily named as one. */
export type UidSet = readonly Uid[] | readonly UidRange[]
/** Ranges, both ends included: the first UID and the last one of each, one after the other */
export type UidPairs = ArrayLike<Uid>

export type Placed = { readonly uid: Uid; readonly emailId: EmailId }

/** Expected refusals; anything else is thrown and is our fault. */
export type AccountRefusal =
  | { readonly refused: 'no-such-mailbox' }
  /** It was there when the session last looked */
  | { readonly refused: 'no-such-message' }
  | { readonly refused: 'exists' }
  | { readonly refused: 'bad-name'; readonly why: string }
  | { readonly refused: 'has-role' }
  | { readonly refused: 'over-quota' }
  | { readonly refused: 'too-many-keywords' }
  | { readonly refused: 'too-many-mailboxes' }
  /** Annotations, RFC 5464 */
  | { readonly refused: 'value-too-large'; readonly limitBytes: number }
  | { readonly refused: 'too-many-entries' }

export function isRefusal<Value extends object>(value: Value | AccountRefusal): value is AccountRefusal {
  return 'refused' in value
}

export type Quota = {
  readonly usedBytes: number
  readonly limitBytes: number | undefined
  readonly messages: number
}

/**
 * An annotation of a mailbox, or of the account as a whole (RFC 5464). Names are in lower case and begin with /private or /shared:
 * once mailboxes are shared, a private entry belongs to whoever asks.
 */
export type MetadataEntry = { readonly name: string; readonly value: Uint8Array }

/** `entries` in lower case; `depth`: so many levels below each (RFC 5464 §4.2.2). Values above `maxBytes` are passed over. */
export type MetadataQuery = {
  readonly entries: readonly string[]
  readonly depth: 0 | 1 | 'infinity'
  readonly maxBytes: number | undefined
}

export type Metadata = {
  /** In the order of the query, what lies below by name; no entry twice */
  readonly found: readonly MetadataEntry[]
  /** Octets of the largest value passed over */
  readonly largest: number | undefined
}

/** What is done through an account of such a session raises events for scripts (RFC 6785). */
export type ImapSession = {
  /** Who is logged in */
  readonly login: string
  /** Name of the script of mailboxes that have no entry of their own; read at each change */
  readonly script: string | undefined
}

export type Account = {
  readonly id: AccountId
  /** The same account for one session: changes made through it carry `by`, any string that no other session has. */
  as(by: string, imap?: ImapSession): Account
  /** Address books and cards */
  readonly contacts: Contacts
  /** Index i names keyword flag `firstKeywordFlag << i` */
  keywordNames(): Promise<readonly string[]>

  mailboxes(): Promise<readonly Mailbox[]>
  /** 'INBOX' in any case; other names exactly */
  mailboxNamed(name: string): Promise<Mailbox | undefined>
  /** Names that are subscribed, existing or not (RFC 3501 §6.3.6) */
  subscriptions(): Promise<readonly string[]>
  createMailbox(name: string, options?: { role?: MailboxRole; subscribe?: boolean }): Promise<Mailbox | AccountRefusal>
  /** Children move along. Renaming the inbox moves its messages to a new mailbox (RFC 9051 §6.3.6). */
  renameMailbox(name: string, to: string): Promise<object | AccountRefusal>
  /** One with children stays as a name that cannot be selected only if the store chooses so; ours refuses nothing and keeps the children. */
  deleteMailbox(name: string): Promise<object | AccountRefusal>
  subscribe(name: string, on: boolean): Promise<void>

  /** Of a mailbox; with undefined of the account as a whole. Nothing where the mailbox is gone. */
  metadata(mailbox: MailboxId | undefined, query: MetadataQuery): Promise<Metadata>
  /** All or none. Without a value an entry is removed. */
  setMetadata(
    mailbox: MailboxId | undefined,
    entries: readonly { readonly name: string; readonly value: Uint8Array | undefined }[],
  ): Promise<object | AccountRefusal>

  open(mailbox: MailboxId): Promise<MailboxView | undefined>

  append(
    mailbox: MailboxId,
    messages: readonly NewMessage[],
    signal?: AbortSignal,
  ): Promise<readonly Placed[] | AccountRefusal>
  /**
   * Puts a message into `mailbox` and takes another out of its own, in one commit: both or nothing. The room that the old one
   * gives back counts (RFC 8508 §3.4).
   */
  replace(
    mailbox: MailboxId,
    message: NewMessage,
    replaced: { readonly mailbox: MailboxId; readonly uid: Uid },
    signal?: AbortSignal,
  ): Promise<Placed | AccountRefusal>
  /** In the order of `uids`; those that no longer exist are left out. `uids` ascending. */
  copy(from: MailboxId, uids: UidSet, to: MailboxId): Promise<Copied | AccountRefusal>
  move(from: MailboxId, uids: UidSet, to: MailboxId): Promise<Copied | AccountRefusal>
  /**
   * `unchangedSince`: messages with a higher modseq are left as they are and named in `failed` (RFC 7162 §3.1.3).
   */
  changeFlags(
    mailbox: MailboxId,
    uids: UidSet,
    change: FlagChange,
    options?: { unchangedSince?: number },
  ): Promise<FlagsChanged | AccountRefusal>
  /** Removes those marked \Deleted among `uids` (all, when undefined). */
  expunge(mailbox: MailboxId, uids?: UidSet): Promise<Expunged>
  /**
   * Emails made, their mailboxes and keywords, emails destroyed, in one commit; each change for itself is made or refused. `ifModSeq`: only
   * while no email has changed after it.
   */
  setEmails(
    changes: readonly EmailChange[],
    options?: { readonly ifModSeq?: number | undefined },
  ): Promise<EmailsSet | { readonly refused: 'state-mismatch' }>
  /** Mailboxes made, changed and destroyed by id, in one commit; otherwise as `setEmails`. */
  setMailboxes(
    changes: readonly MailboxSetting[],
    options?: { readonly ifModSeq?: number | undefined },
  ): Promise<MailboxesSet | { readonly refused: 'state-mismatch' }>
  /**
   * Small objects of JMAP of one kind, in one commit; each change for itself is made or refused (`changed`: it is not what it had to be).
   * `value` is JSON; undefined: the object is removed. When there are too many, the oldest make way or the new ones are refused.
   */
  setObjects(
    kind: string,
    changes: readonly ObjectChange[],
    options: { readonly ifModSeq?: number | undefined; readonly dropOldest: boolean },
  ): Promise<ObjectsSet | { readonly refused: 'state-mismatch' }>
  /** What stands elsewhere and belongs to objects of this kind is now as `mark` says: another one than before is a change of the kind. */
  setMark(kind: string, mark: string): Promise<void>
  /** UIDs removed after `since`, for QRESYNC and CONDSTORE; `complete: false` when tombstones no longer reach so far. */
  expungedSince(
    mailbox: MailboxId,
    since: ModSeq,
  ): Promise<{ readonly uids: readonly Uid[]; readonly complete: boolean }>

  /** In one read transaction, on the calling thread: a few hundred rows by key at most. */
  read<Result>(act: (reader: AccountReader) => Result): Promise<Result>
  /** Counts for JMAP of all mailboxes that have anything to count, from `emailColumns` */
  mailboxCounts(): Promise<MailboxCounts>
  /** Everything about all emails but their texts: read once, then kept up by what is noticed */
  emailColumns(): Promise<EmailColumns>
  /** A value for each email of these columns: see store/account/derived-columns.ts. The first time half a second for a hundred thousand */
  derivedColumn(columns: EmailColumns, name: DerivedName): Promise<Float64Array>
  /** Which are other than they were at `since`; at most `limit` */
  emailChanges(since: number, limit: number, upTo?: number): Promise<ObjectChanges<EmailId>>
  threadChanges(since: number, limit: number, upTo?: number): Promise<ObjectChanges<ThreadId>>

  /** Rows in the order asked; undefined where the email is gone. At most 1000 at a time. */
  emails(ids: readonly EmailId[]): Promise<readonly (EmailRow | undefined)[]>
  /**
   * The same for many at once, in packed form: several times faster. At most 1000 at a time. `room`: memory in which the octets
   * of messages may come, until it is given again; without it thousands of messages in a row keep the collector busy.
   */
  emailParts(
    ids: readonly EmailId[],
    names: readonly (EmailPartName | EmailFactName)[],
    room?: SharedArrayBuffer,
  ): Promise<EmailParts>
  /** The email that lies in a mailbox under this UID */
  emailAt(mailbox: MailboxId, uid: number): Promise<EmailId | undefined>
  /** All emails of a thread, in any mailbox (RFC 8621 §3) */
  threadEmails(thread: ThreadId): Promise<ReadonlySet<EmailId>>
  /** The message's bytes, our trace block included. Undefined when gone. */
  message(id: EmailId): Promise<MessageSource | undefined>
  /**
   * For each term a column: a state (formats/search/segment.ts) for each of these emails, as far as the search index knows.
   * `undecided` is whatever it does not: the letters have to be read.
   */
  narrow(terms: readonly SearchTerm[], emails: Float64Array): Promise<readonly Uint8Array[]>
  /** The same by reading the letters: nothing stays undecided. An email that is gone has `goneState` (search-index.ts). */
  readTerms(terms: readonly SearchTerm[], emails: Float64Array, signal?: AbortSignal): Promise<readonly Uint8Array[]>
  /**
   * The beginning of each letter's text (formats/message/preview.ts), undefined where the email is gone. `lazy`: null where
   * it would have to be made first, which is so for letters from earlier releases alone.
   */
  previews(
    emails: readonly EmailId[],
    options?: { readonly lazy?: boolean; readonly signal?: AbortSignal },
  ): Promise<readonly (string | null | undefined)[]>
  /** The message ids in each letter's References, normalised, the oldest first; none when the email is gone. */
  references(emails: Float64Array, signal?: AbortSignal): Promise<readonly (readonly string[])[]>
  /** Milliseconds since 1970, as in the rows, but as many as wanted; undefined where the email is gone. */
  internalDates(emails: readonly EmailId[]): Promise<readonly (number | undefined)[]>
  /** When each message came into this mailbox, milliseconds (RFC 8514); undefined where it is gone. */
  saveDates(mailbox: MailboxId, uids: readonly Uid[]): Promise<readonly (number | undefined)[]>

  quota(): Promise<Quota>
  /** Sizes of the messages marked \Deleted, together (RFC 9208 DELETED-STORAGE) */
  deletedBytes(mailbox: MailboxId): Promise<number>
  /** Called after every commit that changed the account, in commit order. */
  watch(listener: (change: AccountChange) => void): Disposable
}

/** RFC 8621 §2, by mailbox. Those without any email that is shown are not in it. */
export type MailboxCounts = {
  /** When mailboxes last changed, counts and all */
  readonly modSeq: ModSeq
  readonly of: ReadonlyMap<MailboxId, MailboxCount>
}
/** RFC 8620 §5.2. An email all of whose placements are marked \Deleted is not there. */
export type ObjectChanges<Id> = {
  /** When things of the kind last changed, when they were read */
  readonly modSeq: ModSeq
  /** False: what was removed is not known so far back */
  readonly complete: boolean
  /** Ascending by modseq and id */
  readonly changes: readonly {
    readonly id: Id
    readonly modSeq: ModSeq
    readonly kind: 'created' | 'updated' | 'destroyed'
  }[]
  /** There are more after the last one … */
  readonly more: boolean
  /** … some of them of its modseq, with higher ids */
  readonly split: boolean
}

export type Copied = {
  readonly uidValidity: number
  readonly from: UidPairs
  readonly to: UidPairs
}

export type FlagsChanged = {
  readonly changed: UidPairs
  readonly failed: ArrayLike<Uid>
  readonly modSeq: ModSeq
}

export type Expunged = { readonly expunged: UidPairs; readonly modSeq: ModSeq }

export type Accounts = {
  /** Opened on demand; no need to close. Throws when the account's database cannot be used (callers answer 4xx, [UNAVAILABLE]). */
  account(id: AccountId): Promise<Account>
}
