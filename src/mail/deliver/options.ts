/** What home needs to deliver, and who speaks to it. */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import type { LocalDeliveries } from '../delivery.ts'
import type { Directory } from '../directory.ts'
import type { Events } from '../events.ts'
import type { MessageFiler } from '../filing.ts'
import type { AccountId, DeliveryId } from '../ids.ts'
import type { ContentJudge, ContentVerdict } from '../judging.ts'
import type { QueueReport } from '../queue/report.ts'
import type { AttemptTable } from '../receive/attempts.ts'
import type { SessionFacts } from '../receiving.ts'
import type { Srs } from '../srs.ts'
import type { BootFence } from './fence.ts'
import type { UnderWay } from './under-way.ts'

export type KnownGateway = {
  /** As its sessions prove it, and its origin in delivery ids */
  readonly name: string
  /** Canonical; only for these is it believed */
  readonly domains: readonly string[] | 'all'
  /** Signs its facts; undefined for a stand-in, which tells none */
  readonly key: Uint8Array | undefined
}

export type HomeOptions = {
  /** This box in the ids it makes itself */
  readonly name: string
  readonly boot: number
  /** In Received, and the authserv-id that others must not use */
  readonly hostname: string
  readonly directory: Pick<Directory, 'resolve' | 'domains'>
  readonly deliveries: LocalDeliveries
  readonly gateways: readonly KnownGateway[]
  /** Of this box, 32 octets, durable: fingerprints outlive a start */
  readonly fingerprintKey: Uint8Array
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
  readonly sizeLimitBytes: number
  readonly maxRecipients?: number
  /** Takes reports of success; adding one twice is harmless. Without it there are none */
  readonly report?: (report: QueueReport) => Promise<void>
  /** Without it nothing is judged */
  readonly judge?: ContentJudge
  /** The account's own rules, undefined where it has none. Asked for each delivery: answers from memory. */
  readonly filerFor?: (account: AccountId) => Promise<MessageFiler | undefined>
  /** A message that is refused for its content is kept for a while; without it, it is not. The same id may come again. */
  readonly keepRefused?: (refused: RefusedMessage) => Promise<void>
  /** Rewrites the reverse-path of what is redirected, and knows what comes back to it; without it nothing is rewritten */
  readonly srs?: Srs
  /** On its way out, on disk when it resolves; adding an id twice is harmless. Takes what comes back to a rewritten address. */
  readonly forward?: (message: ForwardedMessage) => Promise<void>
}

export type RefusedMessage = {
  readonly account: AccountId
  /** As addressed, canonical */
  readonly recipient: string
  readonly deliveryId: DeliveryId
  readonly envelope: Envelope
  /** Our block of header fields, to stand before the message */
  readonly trace: Uint8Array
  /** As received; readable until the promise resolves */
  readonly message: MessageSource
  readonly content: ContentVerdict
  /** What the sender is told */
  readonly reply: SmtpReply
  readonly at: number
}

export type ForwardedMessage = {
  readonly id: DeliveryId
  readonly envelope: Envelope
  readonly trace: Uint8Array
  readonly message: MessageSource
  /** SHA-256 of it */
  readonly receivedHash: Uint8Array
}

export type HomeParts = HomeOptions & {
  readonly nextId: () => DeliveryId
  readonly attempts: AttemptTable
  readonly fence: BootFence
  readonly underWay: UnderWay
}

export type Peer = {
  readonly gateway: KnownGateway | undefined
  /** Undefined for a peer without boots */
  readonly speaker: { readonly origin: string; readonly boot: number } | undefined
  /** Undefined within one process */
  readonly session: SessionFacts | undefined
}

/** Origin of the ids that home makes for peers without ids of their own: apart from those of a gateway or a submission server on the same box. */
export function lmtpOrigin(name: string): string {
  return `${name}-lmtp`
}
