/** What is known in a transaction: who speaks and for whom, then the message itself. */
import type { Envelope, EnvelopeRecipient } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { Attempt } from '../delivery.ts'
import type { LocalTarget } from '../directory.ts'
import type { DeliveryFacts } from '../downstream.ts'
import type { Travelled } from './loops.ts'
import type { HomeParts, Peer } from './options.ts'

export type Transaction = {
  readonly parts: HomeParts
  readonly peer: Peer
  readonly envelope: Envelope
  readonly declaredSize: number | undefined
  /** Told before the message; over LMTP they come with it */
  readonly facts: DeliveryFacts | undefined
  readonly accepted: Accepted[]
}

export type Accepted = {
  readonly recipient: EnvelopeRecipient
  readonly canonical: string
  readonly targets: readonly LocalTarget[]
  /** It came back to a reverse-path that we rewrote: on to the sender whose it was */
  readonly forwardTo?: string
}

/** A message and all that is known of it, ready to be written to accounts. */
export type Arrived = {
  readonly attempt: Attempt
  /** Undefined for a peer that tells none */
  readonly facts: DeliveryFacts | undefined
  readonly held: boolean
  readonly gatewayTrace: Uint8Array
  readonly received: MessageSource
  readonly hash: Uint8Array
  readonly travelled: Travelled
  readonly messageId: string | undefined
  readonly at: number
}
