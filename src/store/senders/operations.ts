/** What the thread of the senders' database is asked. Keys are hashes, times milliseconds since 1970. */
export type AttemptInput = {
  readonly key: Uint8Array
  readonly now: number
  /** Must lie between the first attempt and the one that passes */
  readonly delayMs: number
  /** After it a first attempt counts no more */
  readonly windowMs: number
  /** What has passed does so for as long, counted from its last use */
  readonly keptMs: number
}

export type AttemptAnswer =
  | { readonly kind: 'wait'; readonly waitMs: number }
  /** `now`: it is this attempt that passed */
  | { readonly kind: 'passed'; readonly now: boolean }

export type LearnInput = {
  readonly keys: readonly Uint8Array[]
  /** Deliveries of each key; one when absent */
  readonly times?: readonly number[]
  readonly now: number
}
export type KnownInput = { readonly keys: readonly Uint8Array[]; readonly since: number }
export type SweepInput = {
  readonly attemptsBefore: number
  readonly passedBefore: number
  readonly knownBefore: number
}
export type Sizes = { readonly attempts: number; readonly known: number }
