/** What a scanner outside is asked, and what it says: the border to protocols/rspamd and protocols/clamd. */
import type { Envelope } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'

export type MessageToScan = {
  readonly envelope: Envelope
  /** As received */
  readonly message: MessageSource
  /** Empty when home does not know */
  readonly clientAddress: string
  readonly helo: string
}

export type ScanFinding = {
  readonly advice: 'none' | 'junk' | 'reject' | 'try-later'
  /** The name of what was found */
  readonly virus?: string
  /** Its own points, and from how many on it calls a message junk */
  readonly score?: number
  readonly required?: number
  /** Its own names of its reasons, the weightiest first */
  readonly symbols?: readonly { readonly name: string; readonly points: number }[]
}

/** It could not look at the message, and would not at another try: it is too large, encrypted … */
export class NotScanned extends Error {
  override readonly name = 'NotScanned'
}

export type Scanner = {
  readonly name: 'rspamd' | 'clamav'
  /** Rejects when it cannot be asked, with NotScanned when it is there and does not take this message. */
  scan(message: MessageToScan, signal: AbortSignal): Promise<ScanFinding>
  /** Resolves when it answers at all; rejects otherwise. */
  ping?(signal: AbortSignal): Promise<void>
  /** What of a message its answer depends on, as text */
  keyOf(message: MessageToScan, hash: string): string
}
