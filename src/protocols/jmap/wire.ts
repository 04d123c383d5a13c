/**
 * The types of JMAP as they go over the wire, shared with the browser: nothing is imported here, and nothing runs but constants.
 * RFC 8620 (core). Optional members that a server always sends are not optional here.
 */

/** 1 to 255 octets of A-Z a-z 0-9 - _ (RFC 8620 §1.2) */
export type Id = string
/** 0 to 2⁵³-1 */
export type UnsignedInt = number
/** `2026-11-27T09:30:00Z` */
export type UtcDate = string
/** With the sender's offset: `2026-11-27T18:30:00+09:00` */
export type DateWithOffset = string

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export type JsonObject = { readonly [name: string]: JsonValue }

export const coreCapability = 'urn:ietf:params:jmap:core'
export const mailCapability = 'urn:ietf:params:jmap:mail'
export const quotaCapability = 'urn:ietf:params:jmap:quota'
export const submissionCapability = 'urn:ietf:params:jmap:submission'
export const sieveCapability = 'urn:ietf:params:jmap:sieve'
export const vacationCapability = 'urn:ietf:params:jmap:vacationresponse'
/** Ours: the condition `attachmentName` of Email/query, a text in the name of an attached file */
export const searchCapability = 'urn:hikyaku:jmap:search'
/** Ours: letters and blobs as text in a charset that a person chooses, and what archives hold (wire-view.ts) */
export const viewCapability = 'urn:hikyaku:jmap:view'
/** Ours: Preferences/get and /set (wire-preferences.ts) */
export const preferencesCapability = 'urn:hikyaku:jmap:preferences'
export const blobCapability = 'urn:ietf:params:jmap:blob'
export const vapidCapability = 'urn:ietf:params:jmap:webpush-vapid'
export const webSocketCapability = 'urn:ietf:params:jmap:websocket'

/** RFC 8620 §2 */
export type CoreCapability = {
  readonly maxSizeUpload: UnsignedInt
  readonly maxConcurrentUpload: UnsignedInt
  readonly maxSizeRequest: UnsignedInt
  readonly maxConcurrentRequests: UnsignedInt
  readonly maxCallsInRequest: UnsignedInt
  readonly maxObjectsInGet: UnsignedInt
  readonly maxObjectsInSet: UnsignedInt
  readonly collationAlgorithms: readonly string[]
}

export type SessionAccount = {
  readonly name: string
  readonly isPersonal: boolean
  readonly isReadOnly: boolean
  readonly accountCapabilities: { readonly [capability: string]: object }
}

export type Session = {
  readonly capabilities: { readonly [coreCapability]: CoreCapability } & { readonly [capability: string]: object }
  readonly accounts: { readonly [accountId: Id]: SessionAccount }
  readonly primaryAccounts: { readonly [capability: string]: Id }
  readonly username: string
  readonly apiUrl: string
  /** URI templates (RFC 6570, level 1) */
  readonly downloadUrl: string
  readonly uploadUrl: string
  readonly eventSourceUrl: string
  readonly state: string
}

/** Name, arguments, method call id. RFC 8620 §3.2 */
export type Invocation = readonly [name: string, arguments: JsonObject, callId: string]

/** RFC 8620 §3.3 */
export type Request = {
  readonly using: readonly string[]
  readonly methodCalls: readonly Invocation[]
  readonly createdIds?: { readonly [creationId: Id]: Id }
}

/** RFC 8620 §3.4 */
export type Response = {
  readonly methodResponses: readonly Invocation[]
  readonly createdIds?: { readonly [creationId: Id]: Id }
  readonly sessionState: string
}

/** RFC 8620 §3.7 */
export type ResultReference = { readonly resultOf: string; readonly name: string; readonly path: string }

/** RFC 7807 with the types of RFC 8620 §3.6.1 */
export type ProblemDetails = {
  readonly type:
    | 'about:blank'
    | 'urn:ietf:params:jmap:error:unknownCapability'
    | 'urn:ietf:params:jmap:error:notJSON'
    | 'urn:ietf:params:jmap:error:notRequest'
    | 'urn:ietf:params:jmap:error:limit'
    /** Of `/session` alone: docs/plan-webmail.md */
    | '/problems/second-factor-needed'
    | '/problems/wrong-code'
    | '/problems/other-person'
  readonly status: number
  readonly title?: string
  readonly detail: string
  /** Name of the limit, with `…:limit` */
  readonly limit?: keyof CoreCapability
}

/** RFC 8620 §3.6.2, the errors of the standard methods (§5), and of Blob/lookup (RFC 9404 §4.3) */
export type MethodErrorType =
  | 'serverUnavailable'
  | 'serverFail'
  | 'serverPartialFail'
  | 'unknownMethod'
  | 'invalidArguments'
  | 'invalidResultReference'
  | 'forbidden'
  | 'accountNotFound'
  | 'accountNotSupportedByMethod'
  | 'accountReadOnly'
  | 'requestTooLarge'
  | 'stateMismatch'
  | 'cannotCalculateChanges'
  | 'anchorNotFound'
  | 'unsupportedSort'
  | 'unsupportedFilter'
  | 'tooManyChanges'
  | 'fromAccountNotFound'
  | 'fromAccountNotSupportedByMethod'
  | 'unknownDataType'

export type MethodError = { readonly type: MethodErrorType; readonly description?: string }

/** RFC 8620 §5.3 and RFC 8621 §2.5, §4.6, §6.3, §7.5; serverFail: we could not, and it may be tried again */
export type SetErrorType =
  | 'forbidden'
  | 'overQuota'
  | 'tooLarge'
  | 'rateLimit'
  | 'notFound'
  | 'invalidPatch'
  | 'willDestroy'
  | 'invalidProperties'
  | 'singleton'
  | 'alreadyExists'
  | 'mailboxHasChild'
  | 'mailboxHasEmail'
  | 'blobNotFound'
  | 'invalidEmail'
  | 'tooManyKeywords'
  | 'tooManyMailboxes'
  | 'tooManyRecipients'
  | 'noRecipients'
  | 'invalidRecipients'
  | 'forbiddenMailFrom'
  | 'forbiddenFrom'
  | 'forbiddenToSend'
  | 'cannotUnsend'
  | 'serverFail'
  /** RFC 9661 §2.4 */
  | 'invalidSieve'
  | 'sieveIsActive'
  /** RFC 9610 §2.3 */
  | 'addressBookHasContents'

export type SetError = {
  readonly type: SetErrorType
  readonly description?: string
  readonly properties?: readonly string[]
  readonly existingId?: Id
  readonly maxSize?: UnsignedInt
  readonly maxRecipients?: UnsignedInt
  readonly invalidRecipients?: readonly string[]
  readonly notFound?: readonly Id[]
}

/** RFC 8620 §5.1 */
export type GetResponse<Value> = {
  readonly accountId: Id
  readonly state: string
  readonly list: readonly Value[]
  readonly notFound: readonly Id[]
}

/** RFC 8620 §5.2 */
export type ChangesResponse = {
  readonly accountId: Id
  readonly oldState: string
  readonly newState: string
  readonly hasMoreChanges: boolean
  readonly created: readonly Id[]
  readonly updated: readonly Id[]
  readonly destroyed: readonly Id[]
}

/** RFC 8620 §5.3 */
export type SetResponse<Value> = {
  readonly accountId: Id
  readonly oldState: string | null
  readonly newState: string
  readonly created: { readonly [creationId: Id]: Partial<Value> } | null
  readonly updated: { readonly [id: Id]: Partial<Value> | null } | null
  readonly destroyed: readonly Id[] | null
  readonly notCreated: { readonly [creationId: Id]: SetError } | null
  readonly notUpdated: { readonly [id: Id]: SetError } | null
  readonly notDestroyed: { readonly [id: Id]: SetError } | null
}

/** RFC 8620 §7.1. EmailDelivery (RFC 8621 §1.5) is no type that can be fetched: it is news when an email comes in */
export const pushTypes = [
  'Mailbox',
  'Thread',
  'Email',
  'EmailDelivery',
  'Quota',
  'Identity',
  'EmailSubmission',
  'VacationResponse',
  'SieveScript',
  'Preferences',
  'AddressBook',
  'ContactCard',
] as const
export type PushType = (typeof pushTypes)[number]

export type StateChange = {
  readonly '@type': 'StateChange'
  readonly changed: { readonly [accountId: Id]: { readonly [type: string]: string } }
}

/** RFC 8620 §7.2.2 */
export type PushVerification = {
  readonly '@type': 'PushVerification'
  readonly pushSubscriptionId: string
  readonly verificationCode: string
}

/** RFC 8620 §7.2. `url` and `keys` are never told. */
export type PushSubscription = {
  readonly id: Id
  readonly deviceClientId: string
  readonly verificationCode: string | null
  readonly expires: UtcDate
  readonly types: readonly string[] | null
}

/** RFC 9749 §3 */
export type VapidCapability = { readonly applicationServerKey: string }

/** RFC 8887 §4.1 */
export type WebSocketCapability = { readonly url: string; readonly supportsPush: boolean }

/** What a client says on a WebSocket. RFC 8887 §4.3 */
export type WebSocketRequest = Request & { readonly '@type': 'Request'; readonly id?: string }
export type WebSocketPushEnable = {
  readonly '@type': 'WebSocketPushEnable'
  /** null: all of them */
  readonly dataTypes: readonly string[] | null
  readonly pushState?: string
}
export type WebSocketPushDisable = { readonly '@type': 'WebSocketPushDisable' }

/** What a server says there. */
export type WebSocketResponse = Response & { readonly '@type': 'Response'; readonly requestId?: string }
export type WebSocketRequestError = ProblemDetails & {
  readonly '@type': 'RequestError'
  readonly requestId: string | null
}
export type WebSocketStateChange = StateChange & { readonly pushState: string }

/** RFC 8620 §6.1 */
export type UploadResponse = {
  readonly accountId: Id
  readonly blobId: Id
  readonly type: string
  readonly size: UnsignedInt
}

/** RFC 8620 §5.5 */
export type QueryResponse = {
  readonly accountId: Id
  readonly queryState: string
  readonly canCalculateChanges: boolean
  readonly position: UnsignedInt
  readonly ids: readonly Id[]
  readonly total?: UnsignedInt
  /** Set by us because the client asked for more */
  readonly limit?: UnsignedInt
}

/** RFC 8620 §5.6 */
export type QueryChangesResponse = {
  readonly accountId: Id
  readonly oldQueryState: string
  readonly newQueryState: string
  readonly total?: UnsignedInt
  readonly removed: readonly Id[]
  readonly added: readonly { readonly id: Id; readonly index: UnsignedInt }[]
}

/** RFC 8621 §5 */
export type SearchSnippet = { readonly emailId: Id; readonly subject: string | null; readonly preview: string | null }

/** RFC 8621 §2 */
export type MailboxRole = 'inbox' | 'sent' | 'drafts' | 'junk' | 'trash' | 'archive'

export type MailboxRights = {
  readonly mayReadItems: boolean
  readonly mayAddItems: boolean
  readonly mayRemoveItems: boolean
  readonly maySetSeen: boolean
  readonly maySetKeywords: boolean
  readonly mayCreateChild: boolean
  readonly mayRename: boolean
  readonly mayDelete: boolean
  readonly maySubmit: boolean
}

export type Mailbox = {
  readonly id: Id
  readonly name: string
  readonly parentId: Id | null
  readonly role: string | null
  readonly sortOrder: UnsignedInt
  readonly totalEmails: UnsignedInt
  readonly unreadEmails: UnsignedInt
  readonly totalThreads: UnsignedInt
  readonly unreadThreads: UnsignedInt
  readonly myRights: MailboxRights
  readonly isSubscribed: boolean
}

/** RFC 8621 §3 */
export type Thread = {
  readonly id: Id
  /** By receivedAt, the oldest first */
  readonly emailIds: readonly Id[]
}

/** RFC 8621 §1.3.1 */
export type MailCapability = {
  readonly maxMailboxesPerEmail: UnsignedInt | null
  readonly maxMailboxDepth: UnsignedInt | null
  readonly maxSizeMailboxName: UnsignedInt
  readonly maxSizeAttachmentsPerEmail: UnsignedInt
  readonly emailQuerySortOptions: readonly string[]
  readonly mayCreateTopLevelMailbox: boolean
}

/** RFC 8621 §4.1.2.3 */
export type EmailAddress = { readonly name: string | null; readonly email: string }
/** RFC 8621 §4.1.2.4; `name` null: addresses outside of groups */
export type EmailAddressGroup = { readonly name: string | null; readonly addresses: readonly EmailAddress[] }
export type EmailHeader = { readonly name: string; readonly value: string }

/** RFC 8621 §4.1.4; as many of its members as were asked for, and `header:…` */
export type EmailBodyPart = {
  readonly partId: string | null
  readonly blobId: Id | null
  readonly size: UnsignedInt
  readonly headers: readonly EmailHeader[]
  readonly name: string | null
  readonly type: string
  readonly charset: string | null
  readonly disposition: string | null
  readonly cid: string | null
  readonly language: readonly string[] | null
  readonly location: string | null
  readonly subParts: readonly Partial<EmailBodyPart>[] | null
}

export type EmailBodyValue = {
  readonly value: string
  readonly isEncodingProblem: boolean
  readonly isTruncated: boolean
  /** Ours, where viewCharset is given (wire-view.ts): the charset that it was read in */
  readonly charset?: string
}

/** RFC 8621 §4; `header:…` besides */
export type Email = {
  readonly id: Id
  readonly blobId: Id
  readonly threadId: Id
  readonly mailboxIds: { readonly [mailboxId: Id]: true }
  readonly keywords: { readonly [keyword: string]: true }
  readonly size: UnsignedInt
  readonly receivedAt: UtcDate
  readonly messageId: readonly string[] | null
  readonly inReplyTo: readonly string[] | null
  readonly references: readonly string[] | null
  readonly sender: readonly EmailAddress[] | null
  readonly from: readonly EmailAddress[] | null
  readonly to: readonly EmailAddress[] | null
  readonly cc: readonly EmailAddress[] | null
  readonly bcc: readonly EmailAddress[] | null
  readonly replyTo: readonly EmailAddress[] | null
  readonly subject: string | null
  readonly sentAt: DateWithOffset | null
  readonly headers: readonly EmailHeader[]
  readonly bodyStructure: Partial<EmailBodyPart>
  readonly bodyValues: { readonly [partId: string]: EmailBodyValue }
  readonly textBody: readonly Partial<EmailBodyPart>[]
  readonly htmlBody: readonly Partial<EmailBodyPart>[]
  readonly attachments: readonly Partial<EmailBodyPart>[]
  readonly hasAttachment: boolean
  readonly preview: string
}

/** RFC 9425 §4 */
export type Quota = {
  readonly id: Id
  readonly resourceType: 'count' | 'octets'
  readonly used: UnsignedInt
  readonly hardLimit: UnsignedInt
  readonly scope: 'account' | 'domain' | 'global'
  readonly name: string
  readonly types: readonly string[]
  readonly warnLimit: UnsignedInt | null
  readonly softLimit: UnsignedInt | null
  readonly description: string | null
}

/** RFC 9404 §3 */
export type BlobCapability = {
  readonly maxSizeBlobSet: UnsignedInt | null
  readonly maxDataSources: UnsignedInt
  readonly supportedTypeNames: readonly string[]
  readonly supportedDigestAlgorithms: readonly string[]
}
