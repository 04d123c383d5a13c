/** What a server says, as plain data. RFC 9051 §7 unless said otherwise. */
import type { MessageSource } from '#formats/message-source.ts'
import type { SequenceRange } from '../syntax/sequence-set.ts'

export type ServerLine =
  | {
      readonly kind: 'tagged'
      readonly tag: string
      readonly status: 'OK' | 'NO' | 'BAD'
      readonly code: ResponseCode | undefined
      readonly text: string
    }
  /** `+`: what follows it */
  | { readonly kind: 'continuation'; readonly text: string }
  | UntaggedResponse

export type UntaggedResponse =
  | {
      readonly kind: 'status'
      readonly status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH'
      readonly code: ResponseCode | undefined
      readonly text: string
    }
  /** Upper case */
  | { readonly kind: 'capability' | 'enabled'; readonly names: readonly string[] }
  | { readonly kind: 'flags'; readonly flags: readonly string[] }
  | { readonly kind: 'exists' | 'recent' | 'expunge'; readonly number: number }
  | { readonly kind: 'fetch'; readonly message: number; readonly values: FetchValues }
  /** RFC 7162 §3.2.10 */
  | { readonly kind: 'vanished'; readonly earlier: boolean; readonly uids: readonly SequenceRange[] }
  | ListedMailbox
  | { readonly kind: 'mailbox-status'; readonly mailbox: string; readonly items: ReadonlyMap<string, Nested> }
  /** SEARCH or SORT without RETURN; `modSeq`: RFC 7162 §3.1.5 */
  | {
      readonly kind: 'search' | 'sort'
      readonly numbers: readonly number[]
      readonly modSeq: number | undefined
    }
  | ExtendedSearch
  /** Known by its name only */
  | { readonly kind: 'other'; readonly name: string; readonly text: string }
  /** Not understood, and so not acted upon; the text is cut to a line of a log. */
  | { readonly kind: 'unparsed'; readonly text: string }

export type ListedMailbox = {
  readonly kind: 'list' | 'lsub'
  /** `\Noselect`, `\Sent`, … as written */
  readonly attributes: readonly string[]
  /** One character; undefined where names have no levels */
  readonly delimiter: string | undefined
  /** UTF-8 in NFC */
  readonly name: string
  /** RFC 5258 §6: `(CHILDINFO ("SUBSCRIBED"))` and its kin */
  readonly extended: Nested
}

/** RFC 4731 §3.1 */
export type ExtendedSearch = {
  readonly kind: 'esearch'
  readonly tag: string | undefined
  readonly byUid: boolean
  readonly min: number | undefined
  readonly max: number | undefined
  readonly count: number | undefined
  readonly all: readonly SequenceRange[] | undefined
  readonly modSeq: number | undefined
  /** PARTIAL and what else there may be */
  readonly others: ReadonlyMap<string, Nested>
}

/** Undefined: not told */
export type FetchValues = {
  readonly uid: number | undefined
  readonly flags: readonly string[] | undefined
  /** Milliseconds since 1970 */
  readonly internalDate: number | undefined
  /** RFC822.SIZE, octets */
  readonly sizeBytes: number | undefined
  readonly modSeq: number | undefined
  readonly emailId: string | undefined
  readonly threadId: string | undefined
  readonly envelope: Nested
  readonly bodyStructure: Nested
  readonly bodies: readonly FetchedBody[]
  /** Items that are not ours, such as X-GM-LABELS, by their names in upper case */
  readonly others: ReadonlyMap<string, Nested>
}

/** BODY[…], BINARY[…], RFC822, RFC822.HEADER, RFC822.TEXT */
export type FetchedBody = {
  /** What stands between the brackets, in upper case: `` for the whole message, `HEADER`, `1.2.MIME` */
  readonly section: string
  readonly binary: boolean
  /** Of a partial fetch */
  readonly offset: number | undefined
  /** Undefined for NIL. A body that went to a sink can be read only while its response is being handled. */
  readonly source: MessageSource | undefined
}

/** A string is an atom or a number as written, bytes are a string of IMAP, undefined is NIL. */
export type Nested = string | Uint8Array | undefined | readonly Nested[]

/** RFC 9051 §7.1, RFC 4315 §3, RFC 7162 */
export type ResponseCode =
  | { readonly name: 'CAPABILITY'; readonly names: readonly string[] }
  | { readonly name: 'PERMANENTFLAGS'; readonly flags: readonly string[] }
  | { readonly name: 'UIDVALIDITY' | 'UIDNEXT' | 'UNSEEN' | 'HIGHESTMODSEQ'; readonly number: number }
  | { readonly name: 'APPENDUID'; readonly uidValidity: number; readonly uids: readonly SequenceRange[] }
  | {
      readonly name: 'COPYUID'
      readonly uidValidity: number
      readonly from: readonly SequenceRange[]
      readonly to: readonly SequenceRange[]
    }
  | { readonly name: 'MODIFIED'; readonly numbers: readonly SequenceRange[] }
  | { readonly name: 'other'; readonly code: string; readonly argument: string | undefined }

export type ImapAnswer = {
  readonly status: 'OK' | 'NO' | 'BAD'
  readonly code: ResponseCode | undefined
  readonly text: string
  /** What came before it, as far as nobody took it as it came */
  readonly responses: readonly UntaggedResponse[]
}
