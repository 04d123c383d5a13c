/** What is said between the queue's thread and its callers: plain data, times in milliseconds since 1970. */

export type StoredState = 'waiting' | 'held' | 'delivered' | 'failed'
export type Tell = 'failed' | 'delivered' | 'delayed'

export type StoredRecipient = {
  readonly position: number
  /** JSON of an EnvelopeRecipient */
  readonly recipient: string
  readonly state: StoredState
  readonly attempts: number
  readonly nextAttemptAt: number
  /** JSON of a RecipientResult */
  readonly last: string | null
  readonly tell: Tell | null
  /** Recipients with the same tell and group belong into one report */
  readonly tellGroup: number | null
  readonly delayTold: 0 | 1
}

/** An entry as the schedule needs it: no body, no facts. */
export type StoredEntry = {
  readonly number: number
  readonly id: string
  readonly reversePath: string
  readonly fingerprint: Uint8Array
  readonly confirmed: boolean
  readonly sizeBytes: number
  readonly receivedAt: number
  readonly expiresAt: number
  readonly submitter: string | null
  readonly sentCopy: string | null
  readonly releaseAt: number | null
  /** JSON of the way chosen for it by hand */
  readonly via: string | null
  readonly recipients: readonly StoredRecipient[]
}

export type AddInput = {
  /** Given by the caller, above all numbers in use */
  readonly number: number
  readonly id: string
  readonly reversePath: string
  readonly envelope: string
  readonly facts: string
  readonly trace: Uint8Array
  readonly fingerprint: Uint8Array
  readonly sizeBytes: number
  readonly body: { readonly bytes: Uint8Array } | { readonly spool: string }
  readonly receivedAt: number
  readonly expiresAt: number
  readonly nextAttemptAt: number
  readonly held: boolean
  readonly submitter: string | null
  readonly sentCopy: string | null
  readonly releaseAt: number | null
  /** How it ends is kept until somebody was told (endOf) */
  readonly keepsEnd: boolean
  /** Header fields for the sender's own copy alone */
  readonly sentCopyFields: Uint8Array | null
  readonly recipients: readonly string[]
}

/** How an entry has ended for one recipient; `last`: JSON of its last RecipientResult */
export type EndedRecipient = { readonly address: string; readonly state: StoredState; readonly last: string | null }

/** Everything an attempt needs, and what the sender's copy has besides. */
export type TakenEntry = {
  readonly id: string
  readonly receivedAt: number
  readonly expiresAt: number
  readonly sentCopyFields: Uint8Array | null
  readonly envelope: string
  readonly facts: string
  readonly trace: Uint8Array
  readonly sizeBytes: number
  readonly body: { readonly bytes: Uint8Array } | { readonly spool: string }
  readonly recipients: readonly StoredRecipient[]
}

export type RecordedResult = {
  readonly position: number
  readonly state: StoredState
  /** null keeps what was there */
  readonly last: string | null
  readonly tell: Tell | null
}

export type RecordInput = {
  readonly number: number
  /** By position, ascending */
  readonly results: readonly RecordedResult[]
  /** 0 when time decided and not an attempt */
  readonly attempted: 0 | 1
  /** null keeps what was there */
  readonly nextAttemptAt: number | null
  readonly now: number
}

/** `left`: the entry has nothing more to do and is gone from the queue. */
export type Progress = {
  readonly left: boolean
  /** It left with every recipient delivered */
  readonly delivered?: boolean
}

export type ConfirmInput = {
  readonly id: string
  readonly number: number
  /** Fingerprints by which a retry may still find it */
  readonly left: Uint8Array
  /** The sender has its answer for all of it */
  readonly confirmed: boolean
}

/** Delivered, and its sender may not know that we took it. */
export type FinishedUnconfirmed = {
  readonly id: string
  readonly fingerprint: Uint8Array
  readonly receivedAt: number
}

export type ToldInput = {
  readonly number: number
  readonly kind: Tell
  readonly group: number
  readonly now: number
}

export type PageInput = { readonly after: number; readonly limit: number }

/** An add whose caller was refused although its commit may have reached the disk. */
export type DoubtfulAdd = { readonly id: string; readonly number: number; readonly spool: string | undefined }

export type QueueThreadData = {
  readonly file: string
  readonly spoolFolder: string
  /** From the thread before this one; undefined: this is the first, so spool files without an owner are swept. */
  readonly doubtful: readonly DoubtfulAdd[] | undefined
}

export function doubtfulAdd(input: AddInput): DoubtfulAdd {
  return { id: input.id, number: input.number, spool: 'spool' in input.body ? input.body.spool : undefined }
}
