/** What a letter that is being written consists of. */
import type { EmailAddress, Id } from '#protocols/jmap/wire.ts'

export type Attachment = {
  readonly key: string
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  readonly blobId: Id | undefined
  /** Of an image that stands in the text */
  readonly cid: string | undefined
  /** 0 to 1 while it goes up; a fault when it did not; `waiting`: for the network */
  readonly progress: number | 'failed' | 'waiting'
  /** Its octets stand in this browser too, under `key`, until they are known to be in a draft of the server */
  readonly isKept?: true
}

/** What the letter answers or passes on, which is marked so when it is sent */
export type Answered = { readonly emailId: Id; readonly keyword: '$answered' | '$forwarded' }

export type Content = {
  readonly identityId: Id
  readonly from: EmailAddress
  readonly to: readonly EmailAddress[]
  readonly cc: readonly EmailAddress[]
  readonly bcc: readonly EmailAddress[]
  readonly subject: string
  readonly format: 'rich' | 'plain'
  /** Where it is rich: clean, with `cid:` in the places of its images */
  readonly html: string
  /** What is sent as text: all there is where it is plain */
  readonly text: string
  readonly attachments: readonly Attachment[]
  readonly inReplyTo: readonly string[] | null
  readonly references: readonly string[] | null
  readonly answered: Answered | undefined
}
