/** Types of what is sent and of what happens to mail by itself: identities, submissions, Sieve scripts, vacation responses. As in `wire.ts`, nothing runs. */
import type { EmailAddress, Id, UnsignedInt, UtcDate } from './wire.ts'

/** RFC 8621 §1.3.2 */
export type SubmissionCapability = {
  readonly maxDelayedSend: UnsignedInt
  readonly submissionExtensions: { readonly [name: string]: readonly string[] }
}

/** RFC 8621 §6 */
export type Identity = {
  readonly id: Id
  readonly name: string
  readonly email: string
  readonly replyTo: readonly EmailAddress[] | null
  readonly bcc: readonly EmailAddress[] | null
  readonly textSignature: string
  readonly htmlSignature: string
  readonly mayDelete: boolean
}

/** RFC 8621 §7 */
export type SubmissionAddress = {
  readonly email: string
  readonly parameters: { readonly [name: string]: string | null } | null
}
export type SubmissionEnvelope = { readonly mailFrom: SubmissionAddress; readonly rcptTo: readonly SubmissionAddress[] }

export type DeliveryStatus = {
  readonly smtpReply: string
  readonly delivered: 'queued' | 'yes' | 'no' | 'unknown'
  readonly displayed: 'unknown' | 'yes'
}

export type EmailSubmission = {
  readonly id: Id
  readonly identityId: Id
  readonly emailId: Id
  readonly threadId: Id
  readonly envelope: SubmissionEnvelope
  readonly sendAt: UtcDate
  readonly undoStatus: 'pending' | 'final' | 'canceled'
  readonly deliveryStatus: { readonly [address: string]: DeliveryStatus } | null
  readonly dsnBlobIds: readonly Id[]
  readonly mdnBlobIds: readonly Id[]
}

/** RFC 9661 §2 */
export type SieveScript = {
  readonly id: Id
  readonly name: string
  readonly blobId: Id
  readonly isActive: boolean
}

/** Of an account. RFC 9661 §1.2.1 */
export type SieveCapability = {
  readonly maxSizeScriptName: UnsignedInt
  readonly maxSizeScript: UnsignedInt | null
  readonly maxNumberScripts: UnsignedInt | null
  readonly maxNumberRedirects: UnsignedInt | null
  readonly sieveExtensions: readonly string[]
  readonly notificationMethods: readonly string[] | null
  readonly externalLists: readonly string[] | null
}

/** RFC 8621 §8 */
export type VacationResponse = {
  readonly id: Id
  readonly isEnabled: boolean
  readonly fromDate: UtcDate | null
  readonly toDate: UtcDate | null
  readonly subject: string | null
  readonly textBody: string | null
  readonly htmlBody: string | null
}
