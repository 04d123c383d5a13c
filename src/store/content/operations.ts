/** What the two threads of the junk filter understand. */
import type { Evidence, Sender } from '#formats/content/evidence.ts'
import type { LearntVerdict } from './verdict.ts'

/** An email counts as something else than before. */
export type Lesson = {
  readonly email: number
  readonly messageId: string | undefined
  readonly from: LearntVerdict
  readonly to: LearntVerdict
}

export type JunkStatus = {
  /** Letters learnt, faded by age */
  readonly junk: number
  readonly ham: number
  readonly tokens: number
  readonly senders: number
  readonly correspondents: number
}

export type LearnOperations = {
  /** `careful`: one letter at a time, as one has ended the thread */
  advance: {
    input: { readonly account: string; readonly careful?: boolean }
    output: {
      readonly more: boolean
      readonly behind: number
      readonly reset: boolean
      readonly lessons: readonly Lesson[]
    }
  }
  /** A letter from outside the mailboxes. `learnt` false: it counted so already */
  train: {
    input: {
      readonly account: string
      readonly junk: boolean
      readonly bytes: Uint8Array
      readonly hash: Uint8Array
      readonly receivedAt: number
    }
    output: { readonly learnt: boolean }
  }
  /** The account will write to this address, or has let its mail in */
  know: { input: { readonly account: string; readonly address: string }; output: object }
  knows: { input: { readonly account: string; readonly address: string }; output: { readonly known: boolean } }
  status: { input: { readonly account: string }; output: JunkStatus }
  /** What happened so far teaches nothing any more */
  forget: { input: { readonly account: string }; output: object }
  /** Built anew from the mailboxes by the next steps */
  discard: { input: { readonly account: string }; output: object }
  close: { input: { readonly account: string }; output: object }
}

export type JudgeInput = {
  readonly account: string
  /** Names the message; its examination is kept for the next recipient */
  readonly key: string
  readonly message:
    | { readonly bytes: Uint8Array; readonly receivedAt: number; readonly shorteners: readonly string[] }
    | undefined
}

export type Judged =
  /** The message has to be sent along */
  | { readonly missing: true }
  | {
      readonly missing: false
      readonly evidence: readonly Evidence[]
      readonly from: Sender | undefined
      readonly bulk: boolean
      /** Undefined while the account has learnt nothing */
      readonly learnt:
        | {
            /** 0 to 1, both */
            readonly likeness: number
            readonly confidence: number
            readonly words: readonly string[]
            readonly junk: number
            readonly ham: number
          }
        | undefined
      readonly sender: SenderKnown
    }

export type SenderKnown = {
  /** The account has written to this address */
  readonly correspondent: boolean
  readonly junk: number
  readonly ham: number
  /** Of all senders of the domain */
  readonly domainJunk: number
  readonly domainHam: number
  /** The account knows senders at all, so that a new one means something */
  readonly knowsOthers: boolean
}

export type JudgeOperations = {
  /** Answered once the thread has all that it needs */
  ready: { input: object; output: object }
  judge: { input: JudgeInput; output: Judged }
  close: { input: { readonly account: string }; output: object }
}
