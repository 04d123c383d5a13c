/** What an IMAP server is given. */
import type { QuotaKeeper } from '#mail/quotas.ts'
import type { Spool } from '#mail/spool.ts'
import type { MailboxServerOptions } from '../mailbox-server.ts'
import type { ClientQuirk } from './client-quirks.ts'
import type { Ticks } from './progress.ts'

export type ImapOptions = MailboxServerOptions & {
  readonly quotas: QuotaKeeper
  /** For messages by APPEND over 1 MiB while they arrive */
  readonly spool: Spool
  /** What clients are not offered, by what they say they are */
  readonly quirks?: readonly ClientQuirk[]
  readonly appendLimitBytes?: number
  /** Tests make time pass */
  readonly ticks?: Ticks
}
