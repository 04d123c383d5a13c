/** Every request a client can make, as plain data. Names as on the wire; RFC 9051 §6 unless said otherwise. */
import type { MailboxRole } from './roles.ts'
import type { Literal } from './framing.ts'
import type { MailboxFilter } from './mailbox-filter.ts'
import type { ResultRange } from './result-range.ts'
import type { SequenceRange, SequenceSet } from './sequence-set.ts'

export type Request =
  | {
      readonly name:
        | 'CAPABILITY'
        | 'NOOP'
        | 'LOGOUT'
        | 'UNAUTHENTICATE'
        | 'STARTTLS'
        | 'COMPRESS'
        | 'NAMESPACE'
        | 'IDLE'
        | 'CHECK'
        | 'CLOSE'
        | 'UNSELECT'
    }
  /** `initial`: RFC 4959; an empty one is `=` on the wire */
  | { readonly name: 'AUTHENTICATE'; readonly mechanism: string; readonly initial: Uint8Array | undefined }
  | { readonly name: 'LOGIN'; readonly user: Uint8Array; readonly password: Uint8Array }
  /** RFC 2971: undefined for NIL */
  | { readonly name: 'ID'; readonly parameters: readonly IdParameter[] | undefined }
  | { readonly name: 'ENABLE'; readonly capabilities: readonly string[] }
  | (Named & {
      readonly name: 'SELECT' | 'EXAMINE'
      readonly condstore: boolean
      readonly resync: Resync | undefined
    })
  /** 'unknown': a special use, or several, that no mailbox of ours can have */
  | (Named & { readonly name: 'CREATE'; readonly role: MailboxRole | 'unknown' | undefined })
  | (Named & { readonly name: 'DELETE' })
  | { readonly name: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly mailbox: string }
  | (Named & { readonly name: 'RENAME'; readonly to: string })
  | { readonly name: 'LSUB'; readonly reference: string; readonly pattern: string }
  | ListRequest
  /** RFC 9208 §4.1 */
  | { readonly name: 'GETQUOTA'; readonly root: string }
  | { readonly name: 'GETQUOTAROOT'; readonly mailbox: string }
  | { readonly name: 'SETQUOTA'; readonly root: string; readonly limits: readonly QuotaLimit[] }
  /** RFC 5464 §4.2; the mailbox '' is the server. `maxSize` in octets */
  | {
      readonly name: 'GETMETADATA'
      readonly mailbox: string
      readonly maxSize: number | undefined
      readonly depth: MetadataDepth
      readonly entries: readonly string[]
    }
  | { readonly name: 'SETMETADATA'; readonly mailbox: string; readonly values: readonly MetadataValue[] }
  | NotifyRequest
  | { readonly name: 'STATUS'; readonly mailbox: string; readonly items: readonly StatusItem[] }
  | (Named & { readonly name: 'APPEND'; readonly messages: readonly AppendMessage[] })
  /** RFC 8508; `replaced` is a number, or a UID, or `star` */
  | (Named & {
      readonly name: 'REPLACE'
      readonly byUid: boolean
      readonly replaced: number
      readonly message: AppendMessage
    })
  /** `uids` by UID EXPUNGE, RFC 4315 §2.1 */
  | { readonly name: 'EXPUNGE'; readonly uids: SequenceSet | undefined }
  | SearchRequest
  | ESearchRequest
  /** RFC 5267 §4.3.5 */
  | { readonly name: 'CANCELUPDATE'; readonly tags: readonly string[] }
  | SortRequest
  | ThreadRequest
  | FetchRequest
  | StoreRequest
  | {
      readonly name: 'COPY' | 'MOVE'
      readonly byUid: boolean
      readonly messages: SequenceSet
      readonly mailbox: string
    }

export type RequestName = Request['name']
export type RequestNamed<Name extends RequestName> = NamedIn<Request, Name>
type NamedIn<One extends Request, Name> = One extends Request ? (Name extends One['name'] ? One : never) : never
export type TaggedRequest = { readonly tag: string; readonly request: Request }

/** Names of mailboxes are in NFC. `oldName`: the one as it was written, when it, or that of a RENAME beside it, was not. RFC 9051 §6.3.9.7 */
export type Named = { readonly mailbox: string; readonly oldName?: string }

/** What the client knows of the mailbox since it was here. RFC 7162 §3.2.5 */
export type Resync = {
  readonly uidValidity: number
  readonly modSeq: number
  readonly known: readonly SequenceRange[] | undefined
  /** Message numbers and their UIDs as they were, ascending and equally many */
  readonly matches: { readonly numbers: readonly SequenceRange[]; readonly uids: readonly SequenceRange[] } | undefined
}

export type IdParameter = { readonly field: string; readonly value: string | undefined }

/** RFC 5258, RFC 5819, RFC 6154 */
export type ListRequest = {
  readonly name: 'LIST'
  /** Parentheses or RETURN were used: answers may have the extended form */
  readonly extended: boolean
  readonly select: readonly ListSelection[]
  readonly reference: string
  readonly patterns: readonly string[]
  readonly give: readonly ListReturn[]
  /** RETURN (STATUS (…)) */
  readonly status: readonly StatusItem[] | undefined
  /** RETURN (METADATA (…)), RFC 9590: names of entries */
  readonly metadata: readonly string[] | undefined
}
export const listSelections = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'] as const
export type ListSelection = (typeof listSelections)[number]
export const listReturns = ['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE'] as const
export type ListReturn = (typeof listReturns)[number]

export const statusItems = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'DELETED-STORAGE',
  'SIZE',
  'HIGHESTMODSEQ',
  'MAILBOXID',
  'APPENDLIMIT',
] as const
export type StatusItem = (typeof statusItems)[number]

export type MetadataDepth = 0 | 1 | 'infinity'
/** `value` undefined: NIL, the entry goes */
export type MetadataValue = { readonly entry: string; readonly value: Uint8Array | undefined }

/** RFC 5465 §8; `set` undefined: NOTIFY NONE */
export type NotifyRequest = { readonly name: 'NOTIFY'; readonly set: NotifySet | undefined }
/** `status`: the counters of what is watched are told at once */
export type NotifySet = { readonly status: boolean; readonly groups: readonly NotifyGroup[] }
/** Without events: NONE */
export type NotifyGroup = { readonly filter: MailboxFilter; readonly events: readonly NotifyEvent[] }
export const messageEvents = ['MessageNew', 'MessageExpunge', 'FlagChange', 'AnnotationChange'] as const
export const notifyEvents = [
  ...messageEvents,
  'MailboxName',
  'SubscriptionChange',
  'MailboxMetadataChange',
  'ServerMetadataChange',
] as const
export type NotifyEventName = (typeof notifyEvents)[number]
export type NotifyEvent =
  /** `items`: what is fetched of a new message */
  | { readonly event: 'MessageNew'; readonly items: readonly FetchItem[] }
  | { readonly event: Exclude<NotifyEventName, 'MessageNew'> }
  | { readonly event: 'unknown'; readonly name: string }

export type QuotaLimit = { readonly resource: string; readonly limit: number }

export type AppendMessage = {
  readonly flags: readonly string[]
  /** Milliseconds since 1970 */
  readonly internalDate: number | undefined
  readonly message: Literal | Utf8Literal | Catenation
}

/** `UTF8 (~{…})`: the header may be in UTF-8. RFC 6855 §4; RFC 9755 does without, and any literal may bring one */
export type Utf8Literal = { readonly kind: 'utf8'; readonly literal: Literal }

/** RFC 4469 */
export type Catenation = { readonly kind: 'catenation'; readonly parts: readonly CatenatedPart[] }
/** `url`: as sent, not looked at yet */
export type CatenatedPart =
  | { readonly kind: 'text'; readonly literal: Literal }
  | Utf8Literal
  | { readonly kind: 'url'; readonly url: Uint8Array }

export type FetchRequest = {
  readonly name: 'FETCH'
  readonly byUid: boolean
  readonly messages: SequenceSet
  readonly items: readonly FetchItem[]
  /** RFC 7162 §3.1.4.1 */
  readonly changedSince: number | undefined
  /** RFC 7162 §3.2.6 */
  readonly vanished: boolean
  /** RFC 9394 §3.3: of the messages named */
  readonly partial: ResultRange | undefined
}

export type FetchItem =
  | {
      readonly item: 'FLAGS' | 'UID' | 'INTERNALDATE' | 'RFC822.SIZE' | 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE' | 'MODSEQ'
    }
  /** RFC 8474 §5 */
  | { readonly item: 'EMAILID' | 'THREADID' }
  /** RFC 8514 */
  | { readonly item: 'SAVEDATE' }
  /** RFC 8970 */
  | { readonly item: 'PREVIEW'; readonly lazy: boolean }
  | BinaryItem
  /** RFC822.PEEK is of RFC 1730 §6.4.5, and Outlook says it still */
  | { readonly item: 'RFC822' | 'RFC822.HEADER' | 'RFC822.TEXT' | 'RFC822.PEEK' }
  | {
      readonly item: 'BODY[]'
      readonly section: Section
      readonly peek: boolean
      readonly partial: Partial | undefined
    }

/** RFC 9051 §6.4.5, RFC 3516 §4.2 */
type BinaryItem =
  | {
      readonly item: 'BINARY[]'
      /** As in a section; empty for the message itself */
      readonly part: readonly number[]
      readonly peek: boolean
      readonly partial: Partial | undefined
    }
  | { readonly item: 'BINARY.SIZE[]'; readonly part: readonly number[] }

export type Section = {
  /** `1.2.3`; empty for the message itself */
  readonly part: readonly number[]
  readonly text: SectionText
}
export type SectionText =
  | { readonly kind: 'ALL' | 'HEADER' | 'TEXT' | 'MIME' }
  /** Names as the client wrote them: the answer repeats them */
  | { readonly kind: 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT'; readonly fields: readonly string[] }
export type Partial = { readonly offset: number; readonly count: number }

export type StoreRequest = {
  readonly name: 'STORE'
  readonly byUid: boolean
  readonly messages: SequenceSet
  /** RFC 7162 §3.1.3 */
  readonly unchangedSince: number | undefined
  readonly mode: 'add' | 'remove' | 'replace'
  readonly silent: boolean
  readonly flags: readonly string[]
}

export type SearchRequest = {
  readonly name: 'SEARCH'
  readonly byUid: boolean
  /** RFC 4731, SAVE RFC 5182, CONTEXT and UPDATE RFC 5267 §4; undefined without RETURN: the answer is an untagged SEARCH */
  readonly give: readonly SearchReturn[] | undefined
  /** RFC 9394 §3.1; with it there is a `give`, which may be empty */
  readonly partial: ResultRange | undefined
  /** UPDATE (…): what is fetched of a new message in the result. RFC 5465 §7 */
  readonly updateItems?: readonly FetchItem[]
  readonly charset: string | undefined
  readonly key: SearchKey
}
/** RFC 7377 */
export type ESearchRequest = {
  readonly name: 'ESEARCH'
  /** Without IN the selected mailbox */
  readonly sources: readonly MailboxFilter[]
  /** Without RETURN all of them */
  readonly give: readonly SearchReturn[]
  readonly partial: ResultRange | undefined
  readonly updateItems?: readonly FetchItem[]
  readonly charset: string | undefined
  readonly key: SearchKey
}

export const searchReturns = ['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE', 'CONTEXT', 'UPDATE', 'RELEVANCY'] as const
export type SearchReturn = (typeof searchReturns)[number]

/** RFC 5256 §5, RFC 5957 §5; RETURN by RFC 5267 §3 */
export type SortRequest = {
  readonly name: 'SORT'
  readonly byUid: boolean
  readonly give: readonly SearchReturn[] | undefined
  readonly partial: ResultRange | undefined
  readonly updateItems?: readonly FetchItem[]
  readonly program: readonly SortCriterion[]
  readonly charset: string
  readonly key: SearchKey
}
export const sortKeys = [
  'ARRIVAL',
  'CC',
  'DATE',
  'FROM',
  'SIZE',
  'SUBJECT',
  'TO',
  'DISPLAYFROM',
  'DISPLAYTO',
  'RELEVANCY',
] as const
export type SortKey = (typeof sortKeys)[number]
export type SortCriterion = { readonly key: SortKey; readonly reverse: boolean }

/** RFC 5256 §5 */
export type ThreadRequest = {
  readonly name: 'THREAD'
  readonly byUid: boolean
  readonly algorithm: ThreadAlgorithm
  readonly charset: string
  readonly key: SearchKey
}
export const threadAlgorithms = ['ORDEREDSUBJECT', 'REFERENCES', 'REFS'] as const
export type ThreadAlgorithm = (typeof threadAlgorithms)[number]

export const searchFlags = [
  'ANSWERED',
  'DELETED',
  'DRAFT',
  'FLAGGED',
  'SEEN',
  'UNANSWERED',
  'UNDELETED',
  'UNDRAFT',
  'UNFLAGGED',
  'UNSEEN',
] as const
export type SearchFlag = (typeof searchFlags)[number]
export const searchTexts = ['BCC', 'BODY', 'CC', 'FROM', 'SUBJECT', 'TEXT', 'TO'] as const
export type SearchText = (typeof searchTexts)[number]
export const searchDates = ['BEFORE', 'ON', 'SINCE', 'SENTBEFORE', 'SENTON', 'SENTSINCE'] as const
export type SearchDate = (typeof searchDates)[number]
export const searchSaveDates = ['SAVEDBEFORE', 'SAVEDON', 'SAVEDSINCE'] as const
export type SearchSaveDate = (typeof searchSaveDates)[number]

/** RFC 9051 §6.4.4, RFC 7162 §3.1.5. Strings are bytes in the request's charset. */
export type SearchKey =
  | { readonly key: 'ALL' | 'NEW' | 'OLD' | 'RECENT' | 'SAVEDATESUPPORTED' }
  | { readonly key: SearchFlag }
  | { readonly key: 'KEYWORD' | 'UNKEYWORD'; readonly keyword: string }
  | { readonly key: 'SEQUENCE' | 'UID'; readonly set: SequenceSet }
  | { readonly key: SearchText; readonly text: Uint8Array }
  | { readonly key: 'HEADER'; readonly field: string; readonly text: Uint8Array }
  /** `day`: days since 1970-01-01 */
  | { readonly key: SearchDate; readonly day: number }
  /** RFC 8514 §4.3; days as above */
  | { readonly key: SearchSaveDate; readonly savedDay: number }
  /** RFC 5032: by the internal date */
  | { readonly key: 'OLDER' | 'YOUNGER'; readonly seconds: number }
  | { readonly key: 'LARGER' | 'SMALLER'; readonly sizeBytes: number }
  | { readonly key: 'MODSEQ'; readonly modSeq: number }
  /** RFC 8474 §6 */
  | { readonly key: 'EMAILID' | 'THREADID'; readonly id: string }
  | { readonly key: 'NOT'; readonly of: SearchKey }
  /** RFC 6203 */
  | { readonly key: 'FUZZY'; readonly of: SearchKey }
  | { readonly key: 'OR'; readonly of: readonly [SearchKey, SearchKey] }
  | { readonly key: 'AND'; readonly of: readonly SearchKey[] }
