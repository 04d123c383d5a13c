/** Ours: what a person has settled once for all their devices. There is one object, always, whose id is `singleton`. */
import type { Id } from './wire.ts'

export type Preferences = {
  readonly id: Id
  /** Whose remote images are shown without asking: addresses in lower case. A patch of single members keeps those that other devices set meanwhile */
  readonly trustedSenders: { readonly [address: string]: true }
  /** What keywords of emails mean to this person, by the keyword as JMAP writes it (in lower case) */
  readonly labels: { readonly [keyword: string]: Label }
}

/** A keyword is an atom for IMAP and can be no Japanese word; the name can. */
export type Label = {
  readonly name: string
  readonly color: LabelColor
}

/** Names of colours: what they look like by day and by night is for whoever shows them. */
export const labelColors = [
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'purple',
  'pink',
  'brown',
  'gray',
] as const
export type LabelColor = (typeof labelColors)[number]
