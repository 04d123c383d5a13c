/** What happened to a message, step by step. Never delays mail; the last second may be lost. */
import type { RecipientResult } from '#formats/envelope.ts'

export const eventKinds = [
  'connected',
  'refused',
  'recipient-accepted',
  'recipient-refused',
  'received',
  'held',
  'passed-on',
  'attempt-deferred',
  'attempt-failed',
  'delivered',
  'repeated',
  'submitted',
  'sent',
  /** By a script or back to a forwarder, under an id of its own: `detail.as` */
  'sent-on',
  'dsn-made',
  'expired',
  /** Out of the queue by an administrator; nobody is told */
  'removed',
  'login',
  'login-refused',
  'learnt',
] as const
export type EventKind = (typeof eventKinds)[number]

export function isEventKind(value: unknown): value is EventKind {
  return (eventKinds as readonly unknown[]).includes(value)
}

export type MailEvent = {
  /** Milliseconds since 1970 */
  readonly at: number
  readonly kind: EventKind
  readonly session?: string | undefined
  /** The thread through both boxes */
  readonly delivery?: string | undefined
  readonly messageId?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly client?: string | undefined
  readonly sizeBytes?: number | undefined
  /** The peer's or our exact words */
  readonly reply?: string | undefined
  readonly detail?: Readonly<Record<string, string | number | boolean>> | undefined
}

/** Who was asked in an attempt, for an event's detail. */
export function askedServer({
  over,
  remote,
}: Pick<RecipientResult, 'over' | 'remote'>): NonNullable<MailEvent['detail']> {
  return {
    ...(remote !== undefined && { remote }),
    ...(over && { address: over.address, ...(over.tls !== undefined && { tls: over.tls }) }),
  }
}

export type EventQuery = {
  /** Address, Message-ID or delivery id; matched exactly against each */
  readonly about: string
  readonly since?: number
  readonly limit?: number
}

export type StoredEvent = MailEvent & { readonly box: string }

export type Events = {
  record(event: MailEvent): void
  find(query: EventQuery): Promise<readonly StoredEvent[]>
  /** Newest first */
  recent(limit: number): Promise<readonly StoredEvent[]>
  /** Events recorded so far are in the store. */
  flush(): Promise<void>
}

export const silentEvents: Events = {
  record() {},
  find: () => Promise.resolve([]),
  recent: () => Promise.resolve([]),
  flush: () => Promise.resolve(),
}
