/** What pages say to the worker, what the worker says to pages, and what both keep on the shelf about notifications. */
import type { Id } from '#protocols/jmap/wire.ts'

export type NewLetter = {
  readonly id: Id
  readonly threadId: Id
  /** Name or address; empty: unknown */
  readonly from: string
  readonly subject: string
}

export type ToWorker =
  | { readonly kind: 'new'; readonly letters: readonly NewLetter[] }
  /** Read, moved or destroyed, here or elsewhere */
  | { readonly kind: 'gone'; readonly ids: readonly Id[] }

export type ToPage = { readonly kind: 'open'; readonly url: string }

/** What a notification of ours is about */
export type About = { readonly letters: readonly NewLetter[]; readonly url: string }

/** In `facts`, as `notify` */
export type NotifyFact = { readonly hides: boolean; readonly language: 'ja' | 'en' }
/** In `facts`, as `push`: our subscription on the server */
export type PushFact = { readonly id: Id; readonly deviceClientId: string; readonly expires: string }
/** In `facts`, as `toldIds`: letters of which was told already, the last ones */
export type ToldFact = readonly Id[]
