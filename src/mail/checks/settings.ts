/** What the owner sets of the connection stage; read anew for each visit and recipient. Times in milliseconds. */
import type { DnsListSettings } from './dns-lists.ts'
import type { GreylistMode } from './greylist.ts'
import type { NetworkLimitSettings } from './network-limits.ts'

export type ConnectionSettings = NetworkLimitSettings & {
  /** Networks that no check is for */
  readonly exempt: readonly string[]
  readonly lists: readonly DnsListSettings[]
  readonly helo: 'off' | 'score' | 'reject'
  readonly earlyTalkers: 'score' | 'reject'
  /** Silence before a peer that is not known is greeted */
  readonly greetingDelayMs: number
  /** Unknown recipients in one session before its answers are slowed down; it ends after twice as many */
  readonly unknownRecipients: number
  readonly greylist: GreylistMode
  readonly greylistDelayMs: number
  readonly greylistWindowMs: number
  /** For all DNS questions about one connection */
  readonly dnsTimeoutMs: number
}
