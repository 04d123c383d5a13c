/** Ours: what happened to a letter, over all our boxes (`urn:hikyaku:jmap:trace`). */
import type { Id } from './wire.ts'

export const traceCapability = 'urn:hikyaku:jmap:trace'

/** One of the two, not both. The id of an email or of a submission, or `#` and a creation id */
export type EmailTraceGetRequest = {
  readonly accountId: Id
  readonly emailId?: Id | null
  readonly emailSubmissionId?: Id | null
}

export type EmailTrace = {
  readonly accountId: Id
  readonly emailId: Id | null
  /** `stored`: it came by no delivery that is known */
  readonly direction: 'received' | 'sent' | 'stored'
  /** By what it was found; by its Message-ID alone it may be another copy of the letter */
  readonly foundBy: 'submission' | 'delivery' | 'messageId' | null
  /** UTCDate with milliseconds, as all here: when it came into the first of its mailboxes */
  readonly storedAt: string | null
  readonly recipients: readonly TraceRecipient[]
  /** In order of time */
  readonly list: readonly TraceEvent[]
  /** There are older ones, which are not told */
  readonly omitted: boolean
  readonly boxes: readonly TraceBox[]
}

export type TraceRecipient = {
  readonly email: string
  /** `held`: until somebody releases it. `removed`: by an administrator, and nobody was told. `unknown`: longer ago than is kept */
  readonly state: 'waiting' | 'trying' | 'held' | 'delivered' | 'failed' | 'removed' | 'unknown'
  /** The last words about it */
  readonly reply: string | null
  readonly server: TracePeer | null
  readonly attempts: number
  readonly nextAttempt: string | null
  /** When it became so */
  readonly since: string | null
}

export type TraceBox = {
  readonly box: string
  readonly role: 'gateway' | 'home' | 'both'
  /** `unknown`: it has not been heard of since the server's start */
  readonly state: 'asked' | 'away' | 'unknown'
  readonly asOf: string | null
}

export type TracePeer = {
  readonly name: string | null
  readonly address: string | null
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`; null: plaintext, or not known */
  readonly tls: string | null
}

export type TraceEvent = {
  readonly at: string
  readonly box: string
  readonly role: TraceBox['role']
  readonly kind: TraceKind
  readonly recipient: string | null
  /** Who brought it (`received`), or was asked */
  readonly server: TracePeer | null
  /** Verbatim: of that server, or ours */
  readonly reply: string | null
  readonly attempts: number | null
  readonly nextAttempt: string | null
  readonly verdicts: { readonly [method in 'spf' | 'dkim' | 'dmarc' | 'arc']?: string } | null
  readonly filed: TraceFiling | null
  /** How long it was from one of our boxes to the other, milliseconds */
  readonly delay: number | null
  /** Known from what that box told with the letter: it was not asked just now */
  readonly secondHand: boolean
}

export type TraceKind =
  | 'received'
  | 'held'
  | 'passed-on'
  | 'attempt-deferred'
  | 'attempt-failed'
  | 'refused'
  | 'delivered'
  | 'repeated'
  | 'sent-on'
  | 'expired'
  | 'removed'
  | 'submitted'
  | 'sent'
  | 'dsn-made'

export type TraceFiling = {
  /** Names, or roles: `inbox`, `junk` …; none: kept nowhere */
  readonly mailboxes: readonly string[]
  /** `script`, `junk filter`, `loop`, `default`; empty for what was sent on */
  readonly by: string
  readonly score: number | null
  /** Codes of reasons, the weightiest first */
  readonly reasons: readonly string[]
  /** `sent-on`: `redirect`, `reply`, `notify` … */
  readonly effect: string | null
}
