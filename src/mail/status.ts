/** How this box is, as plain data: for the status page, `hikyaku status` and later the admin pages. */
import type { Text } from '#base/text.ts'
import type { StoredEvent } from './events.ts'

export type Health = 'well' | 'waiting' | 'broken'

export type StatusLeg = {
  readonly id: 'internet' | 'gateway' | 'link' | 'home' | 'mailboxes' | 'search' | 'outbound' | 'relay'
  readonly health: Health
  /** One sentence */
  readonly says: Text
}

export type StatusReport = {
  /** `home@mail.home.test` */
  readonly box: string
  readonly version: string
  /** Milliseconds since 1970 */
  readonly startedAt: number
  readonly legs: readonly StatusLeg[]
  readonly listeners: readonly { readonly service: string; readonly address: string; readonly port: number }[]
  readonly counts: {
    readonly domains: number
    readonly users: number
    /** Waiting in the hold or on the way out */
    readonly queued: number
    readonly sessions: number
  }
  /** Newest first */
  readonly recent: readonly StoredEvent[]
}
