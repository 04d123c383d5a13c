import type { Brand } from '#base/brand.ts'

/** Names the account's folder: 16 lower-case base32 characters, never reused. */
export type AccountId = Brand<string, 'AccountId'>
/** Row ids within one account. JMAP and OBJECTID print them with a letter before: M, E, T. RFC 8474 */
export type MailboxId = Brand<number, 'MailboxId'>
export type EmailId = Brand<number, 'EmailId'>
export type ThreadId = Brand<number, 'ThreadId'>
/** 1…2³²-1, ascending within a mailbox. RFC 9051 §2.3.1.1 */
export type Uid = Brand<number, 'Uid'>
/** 1…2⁵³-1, one counter for the whole account. RFC 7162 §3 (63 bit there; ours stays within a double) */
export type ModSeq = Brand<number, 'ModSeq'>
/** `origin.boot.sequence`: which box took the message in, its how-manieth start, and a count. Never reused. */
export type DeliveryId = Brand<string, 'DeliveryId'>
