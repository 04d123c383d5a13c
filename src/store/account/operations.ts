/**
 * What the threads of an account understand: named operations on plain data. Ids are plain numbers here; mail/ brands them.
 * Nothing that crosses a thread is a slice of a shared buffer.
 */
import type { QueryContactsInput, QueryContactsOutput } from './query-contacts.ts'
import type { SetContactsInput, SetContactsOutput } from './set-contacts.ts'
import type { SetScriptsInput, SetScriptsOutput } from './set-scripts.ts'
import type { ChangesInput, ChangesOutput } from './email-changes.ts'
import type { DeriveInput } from './derived-columns.ts'
import type { EmailColumnsOutput, TouchedColumnsOutput, TouchedMessages } from './email-columns.ts'
import type { SetObjectsInput, SetObjectsOutput } from './jmap-objects.ts'
import type { PackedEmails, PackedFactName, PackedPartName } from './tables/packed-emails.ts'
import type { SetMailboxesInput, SetMailboxesOutput } from './set-mailboxes.ts'
import type { SetEmailsInput, SetEmailsOutput } from './set-emails.ts'
import type { ThreadCall } from '../thread.ts'
import type { PackedRuns } from './message-runs.ts'
import type { KeptOutboxItem } from './tables/outbox.ts'
import type { TypeModSeqs } from './tables/counters.ts'
import type { MailboxRow } from './tables/mailbox.ts'

/** Stored bytes (trace block and message) ready to be kept: in memory when small, else a synced file under messages/. */
export type KeptBytes = {
  readonly sizeBytes: number
  readonly traceBytes: number
  readonly receivedHash: Uint8Array
} & (
  | { readonly kind: 'memory'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly name: string; readonly checksum: number }
)

/** At most `blobLimitBytes` of a spool file, to be read by the writer: without a trace block. */
export type SpooledBytes = {
  readonly kind: 'spool'
  readonly path: string
  readonly offset: number
  readonly sizeBytes: number
}

export type FlagInput = {
  readonly mode: 'add' | 'remove' | 'replace'
  readonly system: number
  readonly keywords: readonly string[]
}

/** Where a script puts a letter; what is not there is the inbox (RFC 5228 §4.1), unless it is to be made */
export type MailboxInput =
  | { readonly role: string }
  | { readonly id: number; readonly orName?: string; readonly create?: boolean }
  | { readonly name: string; readonly create: boolean; readonly newRole?: string | undefined }

/** One email, placed once in each of these mailboxes. */
export type FiledEmail = {
  readonly kept: KeptBytes
  /** 0: as received. Each other number is an edited version of the letter */
  readonly version: number
  readonly flags: FlagInput
  readonly mailboxes: readonly MailboxInput[]
  /** Not the letter but a message of ours beside it (RFC 8580); with a key of `remember`, see there */
  readonly copy?: { readonly once: string | undefined }
}

/** What the account's script decided. */
export type FilingInput = {
  /** The letter itself is discarded when none of them is it, or rejected with `reply` */
  readonly emails: readonly FiledEmail[]
  /** What says `once` with a key that an earlier delivery has remembered is left out */
  readonly remember: readonly { readonly key: string; readonly until: number }[]
  readonly reply: string | undefined
}

export type DeliverInput = {
  readonly recipient: string
  readonly attempt: {
    readonly id: string
    readonly origin: string
    readonly boot: number
    readonly gone: readonly string[]
    readonly confirmed: boolean
  }
  readonly fingerprint: Uint8Array
  readonly mailbox: { readonly role: string } | { readonly id: number }
  readonly flags: FlagInput
  readonly internalDate: number
  /** Empty with `filing`, which says all of it */
  readonly kept: KeptBytes
  readonly filing?: FilingInput
  readonly outbox: readonly KeptOutboxItem[]
  readonly overQuota: 'refuse' | 'accept'
  readonly quotaBytes: number | undefined
  readonly nowMs: number
  readonly confirms: readonly Confirmation[]
  /** Somebody looks at the account: the letter is to be seen at once */
  readonly prompt: boolean
}
export type Confirmation = { readonly recipient: string; readonly ids: readonly string[] }

/** `unusedFiles`: of those that an account's script brought; `fileUnused`: all of them */
export type DeliverOutput = { readonly unusedFiles?: readonly string[] } & DeliverResult
type DeliverResult =
  | {
      readonly status: 'stored'
      readonly repeated: boolean
      readonly emailId: number
      readonly mailbox: number
      readonly uid: number
      /** The offered files are not the ones kept (a repeat, or an equal sent copy): the caller removes them */
      readonly fileUnused: boolean
    }
  | { readonly status: 'over-quota'; readonly repeated: boolean; readonly fileUnused: true }
  | { readonly status: 'discarded'; readonly repeated: boolean; readonly fileUnused: boolean }
  | { readonly status: 'rejected'; readonly repeated: boolean; readonly fileUnused: boolean; readonly reply: string }

/** Set by sessions of IMAP: what they do raises events for scripts (RFC 6785). */
export type ImapActor = {
  /** Who is logged in */
  readonly login: string
  /** Name of the script of mailboxes that name none, also not the empty one */
  readonly script: string | undefined
  readonly nowMs: number
}

export type AppendInput = {
  readonly mailbox: number
  readonly messages: readonly {
    readonly kept: KeptBytes | SpooledBytes
    readonly flags: FlagInput
    readonly internalDate: number
  }[]
  /** Leaves in the same operation. RFC 8508 */
  readonly replaced: { readonly mailbox: number; readonly uid: number } | undefined
  readonly quotaBytes: number | undefined
  readonly nowMs: number
  readonly actor?: ImapActor | undefined
  /** Somebody looks at the mailbox: the messages are to be seen with the answer */
  readonly prompt: boolean
}

/** Long lists travel packed. */
export type UidList = readonly number[] | Uint32Array
/** First and last of a range (both included), then those of the next. What is not there is passed over. */
export type UidRanges = UidList

export type Refusal = { readonly refused: string; readonly why?: string; readonly limitBytes?: number }
export type PlacedRow = { readonly uid: number; readonly emailId: number }
export type CopiedRows = {
  readonly uidValidity: number
  readonly from: UidRanges
  readonly to: UidRanges
}
/** What is named, as it was when the mailbox had this modseq: threes of a first UID, so many UIDs without a gap, their flags. */
export type KnownFlags = { readonly modSeq: number; readonly runs: UidList }
export type FlagsOutput = {
  readonly changed: UidRanges
  readonly failed: UidList
  readonly modSeq: number
}
export type MessagesInput = {
  readonly from: number
  readonly uids: UidRanges
  readonly to: number
  readonly nowMs: number
  readonly actor?: ImapActor | undefined
}

export type DecidedEvent = {
  /** Of the message where it lies */
  readonly flags: { readonly add: FlagInput; readonly remove: FlagInput }
  /** It is marked \\Deleted */
  readonly discard: boolean
  /** Further placements of it */
  readonly share: readonly MailboxInput[]
  /** Emails of their own: edited, or with flags that it has not itself */
  readonly filing: FilingInput
  readonly outbox: readonly KeptOutboxItem[]
}

/** Operations of a writer thread: input and output of each. */
export type WriterOperations = {
  open: { input: object; output: { readonly epoch: number } }
  create: { input: { readonly names: Readonly<Record<string, string>>; readonly nowMs: number }; output: object }
  close: { input: object; output: object }
  /** Commits what was answered and not committed yet, so that it can be read */
  settle: { input: object; output: object }
  /** The thread has read the journals that a crash left; false when something of them is still needed */
  ready: { input: object; output: { readonly recovered: boolean } }
  deliver: { input: DeliverInput; output: DeliverOutput }
  confirm: { input: { readonly confirms: readonly Confirmation[] }; output: object }
  append: { input: AppendInput; output: { readonly placed: readonly PlacedRow[] } | Refusal }
  keepPreviews: {
    input: { readonly previews: readonly { readonly email: number; readonly preview: string }[] }
    output: object
  }
  copy: { input: MessagesInput; output: CopiedRows | Refusal }
  move: { input: MessagesInput; output: CopiedRows | Refusal }
  changeFlags: {
    input: {
      readonly mailbox: number
      readonly uids: UidRanges
      readonly change: FlagInput
      readonly unchangedSince: number | undefined
      readonly known: KnownFlags | undefined
      readonly actor?: ImapActor | undefined
    }
    output: FlagsOutput | Refusal
  }
  expunge: {
    input: { readonly mailbox: number; readonly uids: UidRanges | undefined; readonly nowMs: number }
    output: { readonly expunged: UidRanges; readonly modSeq: number }
  }
  createMailbox: {
    input: {
      readonly name: string
      readonly role: string | undefined
      readonly subscribe: boolean
      readonly nowMs: number
    }
    output: { readonly mailbox: MailboxRow } | Refusal
  }
  renameMailbox: {
    input: { readonly name: string; readonly to: string; readonly nowMs: number }
    output: object | Refusal
  }
  deleteMailbox: { input: { readonly name: string; readonly nowMs: number }; output: object | Refusal }
  subscribe: { input: { readonly name: string; readonly on: boolean }; output: object }
  /** `mailbox` 0: the account as a whole. Names in lower case; without a value an entry is removed */
  setMetadata: {
    input: {
      readonly mailbox: number
      readonly entries: readonly { readonly name: string; readonly value: Uint8Array | undefined }[]
    }
    output: object | Refusal
  }
  setEmails: { input: SetEmailsInput; output: SetEmailsOutput }
  setMailboxes: { input: SetMailboxesInput; output: SetMailboxesOutput }
  /** `mark`: of what stands elsewhere and belongs to the kind (tables/kind-state.ts) */
  setMark: { input: { readonly kind: string; readonly mark: string }; output: object }
  setObjects: { input: SetObjectsInput; output: SetObjectsOutput }
  setContacts: { input: SetContactsInput; output: SetContactsOutput }
  outboxDone: { input: { readonly ids: readonly string[] }; output: object }
  /** The script has seen message `index` of an event; a repeat changes nothing */
  finishImapEvent: {
    input: {
      readonly event: number
      readonly modSeq: number
      readonly index: number
      /** Undefined: the event has no script any more, and is done with all its messages */
      readonly decided: DecidedEvent | undefined
      readonly internalDate: number
      readonly overQuota: 'refuse'
      readonly quotaBytes: number | undefined
      readonly nowMs: number
    }
    output:
      | { readonly status: 'done'; readonly unusedFiles: readonly string[] }
      /** Nothing was done: finished earlier; the message is gone; it needs more room than there is */
      | { readonly status: 'known' | 'gone' | 'over-quota' }
  }
  putScript: {
    input: { readonly name: string; readonly bytes: Uint8Array; readonly nowMs: number }
    output: object | Refusal
  }
  renameScript: { input: { readonly name: string; readonly to: string }; output: object | Refusal }
  deleteScript: { input: { readonly name: string }; output: object | Refusal }
  activateScript: { input: { readonly name: string | undefined }; output: object | Refusal }
  setScripts: { input: SetScriptsInput; output: SetScriptsOutput }
  tidy: { input: { readonly nowMs: number }; output: { readonly removed: number } }
}
export type WriterOperation = keyof WriterOperations
/** What travels: every call names its account. */
export type AccountInput<Input> = {
  readonly account: string
  readonly input: Input
  /** Which session asks: its changes carry the mark, so that it is not told what it did itself */
  readonly by?: string | undefined
}

/** Operations of a reader thread. */
export type ReaderOperations = {
  view: { input: { readonly mailbox: number }; output: LoadedView | undefined }
  scrub: {
    input: { readonly fromEmail: number; readonly limit: number }
    output: { readonly nextEmail: number | undefined; readonly checked: number; readonly damaged: readonly number[] }
  }
  hasOutbox: { input: object; output: boolean }
  emailColumns: { input: object; output: EmailColumnsOutput }
  touchedColumns: { input: TouchedMessages; output: TouchedColumnsOutput | undefined }
  derive: { input: DeriveInput; output: Float64Array<ArrayBuffer> }
  emailChanges: { input: ChangesInput; output: ChangesOutput }
  threadChanges: { input: ChangesInput; output: ChangesOutput }
  hasImapEvents: { input: object; output: boolean }
  queryContacts: { input: QueryContactsInput; output: QueryContactsOutput }
  emails: {
    input: {
      readonly ids: readonly number[]
      readonly wanted: readonly (PackedPartName | PackedFactName)[]
      /** The octets of messages are put here when they fit */
      readonly room: SharedArrayBuffer | undefined
    }
    output: PackedEmails
  }
}
export type ReaderOperation = keyof ReaderOperations

/** A mailbox in packed columns, as of one moment. The buffers are transferred. */
export type LoadedView = {
  readonly uidValidity: number
  readonly uidNext: number
  readonly modSeq: number
  readonly length: number
  readonly uids: Uint32Array<ArrayBuffer>
  readonly flags: Uint32Array<ArrayBuffer>
  readonly modSeqs: Float64Array<ArrayBuffer>
  readonly emailIds: Float64Array<ArrayBuffer>
}

/** What one commit changed, in the order it happened. */
export type AccountNotice = {
  readonly account: string
  readonly modSeq: number
  /** When each type last changed, by this commit or before */
  readonly types: TypeModSeqs
  readonly usedBytes: number
  readonly mailboxes: readonly number[]
  /** The mailboxes among them that still exist, and those made or renamed, as they are now */
  readonly rows: readonly Readonly<MailboxRow>[]
  readonly mailboxList: boolean
  readonly names: readonly NameEvent[]
  readonly metadata: readonly MetadataEvent[]
  /** Kinds of small objects of JMAP of which any was put or removed, and when */
  readonly objects: readonly { readonly kind: string; readonly modSeq: number }[]
  /** An email came that somebody sent: not one that was moved, made or filed here */
  readonly delivered: boolean
  readonly outbox: boolean
  /** Some wait for their scripts, or there were too many */
  readonly imapEvents: 'noted' | 'dropped' | undefined
  readonly events: readonly MailboxEvent[]
}
/** Deliveries into the account were answered that nobody can read yet: its next notice tells of them. */
export type DeferredNotice = { readonly account: string; readonly deferred: true }
/** What was deferred so far can be read. */
export type SettledNotice = { readonly account: string; readonly settled: true }
/** Something that no answer could say. `about`: an account or a file */
export type TroubleNotice = { readonly account: string; readonly trouble: string }
export type WriterNotice = AccountNotice | DeferredNotice | SettledNotice | TroubleNotice

export type MailboxEvent = {
  readonly kind: 'added' | 'changed' | 'removed' | 'gone'
  readonly mailbox: number
  /** `gone`: none */
  readonly runs: PackedRuns
  readonly by: string | undefined
}

/** `from`: the name before a renaming; children come along without events of their own */
export type NameEvent = {
  readonly kind: 'created' | 'deleted' | 'renamed' | 'subscribed' | 'unsubscribed'
  readonly name: string
  readonly from: string | undefined
  readonly by: string | undefined
}

/** Annotations that were set or removed. `name` undefined: of the account as a whole */
export type MetadataEvent = {
  readonly name: string | undefined
  readonly entries: readonly string[]
  readonly by: string | undefined
}

export type WriterCall = ThreadCall & { readonly input: AccountInput<unknown> }
