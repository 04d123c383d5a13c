/** The border between delivery at home and what judges content: one message, one account, one verdict with its reasons. */
import type { Envelope } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { AccountId } from './ids.ts'
import type { Verdicts } from './verdicts.ts'

export type MessageToJudge = {
  readonly account: AccountId
  /** As addressed, canonical */
  readonly recipient: string
  readonly envelope: Envelope
  /** As received, without our trace block */
  readonly message: MessageSource
  /** SHA-256 of it: what does not depend on the account is asked once a message */
  readonly receivedHash: Uint8Array
  /** Empty for a peer that tells none */
  readonly verdicts: Verdicts
  /** Empty when home does not know */
  readonly clientAddress: string
  readonly helo: string
  /** It has its 250 already: whatever the verdict, it is kept */
  readonly held: boolean
}

export type ContentVerdict = {
  readonly verdict: 'clean' | 'junk' | 'reject' | 'try-later'
  /** The higher the more like junk; `junk` from `junkFrom` on */
  readonly score: number
  readonly junkFrom: number
  /** The weightiest first */
  readonly reasons: readonly ContentReason[]
  /** The name that a virus scanner gave */
  readonly virus?: string
  /** For RFC 5235: spamtest 0 (not tested) to 10, virustest 0 (not tested) to 5 */
  readonly spamtest: number
  readonly virustest: number
}

/** Shown in words by its code (both languages): plain data, kept with the message. */
export type ContentReason = {
  readonly code: string
  /** Positive speaks for junk */
  readonly points: number
  readonly detail?: Readonly<Record<string, string | number>>
}

/** Never rejects for what a scanner did or did not do: that is a reason in the verdict. */
export type ContentJudge = (message: MessageToJudge, signal: AbortSignal) => Promise<ContentVerdict>
