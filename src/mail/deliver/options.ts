/** What home needs to deliver, and who speaks to it. */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { LocalDeliveries } from '../delivery.ts'
import type { Directory } from '../directory.ts'
import type { Events } from '../events.ts'
import type { DeliveryId } from '../ids.ts'
import type { QueueReport } from '../queue/report.ts'
import type { AttemptTable } from '../receive/attempts.ts'
import type { SessionFacts } from '../receiving.ts'
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
