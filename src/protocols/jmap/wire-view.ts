/**
 * Ours (`urn:hikyaku:jmap:view`): what a person needs who looks at letters and files. Email/get and Email/parse take `viewCharset`, a label that is believed
 * for bodies and for header text that declares none (null: as always); body values then tell the charset that was found, and so does Blob/text. Blob/entries lists archives.
 */
import type { Id } from './wire.ts'

export type ViewCapability = {
  /** Labels for `viewCharset`, those first that are most used */
  readonly charsets: readonly string[]
  /** Octets of a blob that Blob/text reads */
  readonly maxTextBytes: number
}

/** Blob/text: `{ ids, declaredCharset?, viewCharset? }`. The first is doubted as the label of a letter is, the second believed */
export type BlobTexts = {
  readonly accountId: Id
  readonly list: readonly BlobText[]
  readonly notFound: readonly Id[]
}
export type BlobText = {
  readonly id: Id
  readonly value: string
  readonly charset: string
  readonly isEncodingProblem: boolean
  readonly isTruncated: boolean
}

/** Blob/entries: `{ ids }` */
export type BlobEntries = {
  readonly accountId: Id
  /** `entries` null: it is no archive that is known, or a larger one than is read */
  readonly list: readonly {
    readonly id: Id
    readonly entries: readonly ArchiveEntry[] | null
    readonly isTruncated: boolean
  }[]
  readonly notFound: readonly Id[]
}
/** `size`: octets when it is unfolded, as the archive says */
export type ArchiveEntry = { readonly name: string; readonly size: number; readonly isEncrypted: boolean }
