/** Filters made by forms, as they go over the wire: a capability of ours. What the text holds is for `formats/sieve/filters/`, here and in the browser. */
import type { Id } from './wire.ts'

export const filtersCapability = 'urn:hikyaku:jmap:filters'

/** There is one, always. Its state is that of SieveScript */
export type FilterScript = {
  readonly id: Id
  /** Of the script; null until there is one. Set by the server */
  readonly name: string | null
  /** Sieve, the first line that makes it ours included; empty until there is one */
  readonly text: string
  /** Whether letters run through it now, whoever made it so */
  readonly isEnabled: boolean
  /** Through what a letter runs, in this order. Set by the server */
  readonly runs: readonly { readonly kind: 'vacation' | 'filters' | 'script'; readonly name: string }[]
}
