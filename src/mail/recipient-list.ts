/** What home tells the gateway about its domains and recipients. In part a file that home writes; the sync will fill the same shape. */

export type ListAnswer =
  | { readonly kind: 'known' }
  /** The domain is ours; the list has no such name. `fresh`: 550 may be said from it, else ask home or say 451. */
  | { readonly kind: 'unknown'; readonly fresh: boolean }
  | { readonly kind: 'disabled'; readonly fresh: boolean }
  | { readonly kind: 'not-ours'; readonly fresh: boolean }

export type RecipientList = {
  look(address: string): ListAnswer
  readonly domains: readonly string[]
  /** Milliseconds since home wrote it; undefined while there is none */
  ageMs(): number | undefined
  /** Looks now whether home has written anew: before a name is refused that may just have been added */
  refresh?(): Promise<void>
}
