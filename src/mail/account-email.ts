/** What is known of emails without their letters: one by one, or many at once in packed form. */
import type { EmailId, ThreadId } from './ids.ts'

/** What is stored of a message besides its bytes, in ready-made form. */
export type EmailRow = {
  readonly id: EmailId
  readonly threadId: ThreadId
  /** Milliseconds since 1970 */
  readonly internalDate: number
  readonly sizeBytes: number
  /** ENVELOPE as IMAP sends it, outer parentheses included. RFC 9051 §7.5.2 */
  readonly envelope: Uint8Array
  /** BODYSTRUCTURE as IMAP sends it (extension data included). */
  readonly bodyStructure: Uint8Array
  /** BODY as IMAP sends it (no extension data) */
  readonly body: Uint8Array
  /** Octets of the header with its empty line */
  readonly headerBytes: number
}

/**
 * Parts of emails that can be had for many at once. `commonFields`: see formats/message/common-fields.ts; `header` and `message`: octets of
 * small messages only.
 */
export type EmailPartName = 'envelope' | 'bodyStructure' | 'body' | 'commonFields' | 'header' | 'message'
/** Units as in EmailRow; `sentDate`: of the Date field, milliseconds since 1970 */
export type EmailFactName = 'internalDate' | 'sizeBytes' | 'threadId' | 'headerBytes' | 'sentDate'

/** Octets from starts[i] to ends[i] of `bytes`; where `ends[i]` is 0 there are none, or they have to be read by `message`. */
export type EmailPart = { readonly bytes: Uint8Array; readonly starts: Uint32Array; readonly ends: Uint32Array }

/** What is known of many emails, in the order they were asked for. */
export type EmailParts = {
  /** So many of them, from the first on: the others did not fit. At least one. */
  readonly count: number
  /** 0 where the email is gone */
  readonly found: Uint8Array
  /** NaN where the email is gone or has none; there for what was asked, and for what its parts need */
  readonly facts: Readonly<Partial<Record<EmailFactName, Float64Array>>>
  /** Missing when each has to be read by itself */
  readonly parts: Readonly<Partial<Record<EmailPartName, EmailPart>>>
}
