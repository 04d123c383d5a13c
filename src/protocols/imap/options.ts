/** What an IMAP server is given. */
import type { QuotaKeeper } from '#mail/quotas.ts'
import type { Spool } from '#mail/spool.ts'
import type { MailboxServerOptions } from '../mailbox-server.ts'
import type { ClientQuirk } from './client-quirks.ts'
import type { Ticks } from './progress.ts'

/** Scripts run for what sessions do. RFC 6785 */
export type ImapSieve = {
  /** Of the ManageSieve server, such as `sieve://mail.example.com`; empty where there is none */
  readonly url: string
  /** The name of the script of mailboxes that name none, as the administrator has set it; undefined: none */
  script(): string | undefined
}

export type ImapOptions = MailboxServerOptions & {
  readonly imapSieve?: ImapSieve
  readonly quotas: QuotaKeeper
  /** For messages by APPEND over 1 MiB while they arrive */
  readonly spool: Spool
  /** What clients are not offered, by what they say they are */
  readonly quirks?: readonly ClientQuirk[]
  readonly appendLimitBytes?: number
  /** Tests make time pass */
  readonly ticks?: Ticks
}
