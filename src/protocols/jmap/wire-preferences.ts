/** Ours: what a person has settled once for all their devices. There is one object, always, whose id is `singleton`. */
import type { Id } from './wire.ts'

export type Preferences = {
  readonly id: Id
  /** Whose remote images are shown without asking: addresses in lower case. A patch of single members keeps those that other devices set meanwhile */
  readonly trustedSenders: { readonly [address: string]: true }
}
