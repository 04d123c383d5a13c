/** What the index thread and the search thread understand. */
import type { SearchTerm } from '#formats/search/term.ts'
import type { WaitingDocuments } from './documents.ts'

export type AdvanceOutput = {
  /** Emails not yet indexed, at most */
  readonly behind: number
  /** Emails whose documents have not been read yet */
  readonly waiting: number
  /** Work is left: indexing or merging */
  readonly more: boolean
  /** Work that has time until no letters come is left: small segments are many, or the log is long. Never when calm */
  readonly untidy: boolean
  /** The index was begun anew: other connections to it are out of date */
  readonly reset: boolean
}

export type IndexOperations = {
  /** Indexes the next batch. `busy`: letters keep coming, so what has time is left */
  advance: {
    input: { readonly account: string; readonly maxLetters?: number; readonly busy?: boolean }
    output: AdvanceOutput
  }
  /** The octets of the documents of the next email that waits for them to be read; undefined when none does */
  nextDocuments: {
    input: { readonly account: string }
    output: { readonly next: WaitingDocuments | undefined; readonly waiting: number }
  }
  /** The text of an email's documents; '' for none */
  keepDocuments: {
    input: { readonly account: string; readonly email: number; readonly text: string }
    output: { readonly waiting: number }
  }
  /** Throws the index away */
  discard: { input: { readonly account: string }; output: object }
  close: { input: { readonly account: string }; output: object }
}

/** The column of a term: a state for each email asked about. Besides the states of formats/search/segment.ts there is: */
export const gone = 3

export type SearchOperations = {
  /** What the index says */
  narrow: {
    input: {
      readonly account: string
      readonly terms: readonly SearchTerm[]
      readonly emails: Float64Array<ArrayBuffer>
    }
    output: { readonly columns: readonly Uint8Array<ArrayBuffer>[]; readonly damaged: boolean }
  }
  /** What the letters say; `done` of them were read before time was up, at least one */
  read: {
    input: {
      readonly account: string
      readonly terms: readonly SearchTerm[]
      readonly emails: Float64Array<ArrayBuffer>
    }
    output: { readonly columns: readonly Uint8Array<ArrayBuffer>[]; readonly done: number }
  }
  /** formats/message/preview.ts; undefined where the email is gone; as many as could be made before time was up, at least one */
  previews: {
    input: { readonly account: string; readonly emails: Float64Array<ArrayBuffer> }
    output: { readonly previews: readonly (string | undefined)[] }
  }
  /** Message ids in References; `done` as above */
  references: {
    input: { readonly account: string; readonly emails: Float64Array<ArrayBuffer> }
    output: { readonly ids: readonly (readonly string[])[]; readonly done: number }
  }
  close: { input: { readonly account: string }; output: object }
}
