/**
 * What the Sieve interpreter asks of its surroundings. Everything here reads; what a script leaves behind (placements, effects, what is to
 * be remembered) stands in `Filed` and is written in the delivery's own transaction.
 */
import type { Clock } from '#base/clock.ts'
import type { Language } from '#base/text.ts'
import type { MailboxRole } from '../account.ts'
import type { AccountId } from '../ids.ts'

export type SievePorts = {
  readonly scripts: SieveScripts
  readonly accounts: (account: AccountId) => Promise<SieveAccount>
  readonly memory: SieveMemory
  readonly lists: ExternalLists
  readonly environment: SieveEnvironment
  readonly limits: SieveLimits
  readonly clock: Clock
}

export type SieveScript = {
  readonly name: string
  /** UTF-8 decoded, at most `maxScriptBytes` */
  readonly text: string
}

export type SieveScripts = {
  /** Undefined: none is active, and the message is kept */
  active(account: AccountId): Promise<SieveScript | undefined>
  /** `include :personal`, RFC 6609 §3.2; undefined where there is none of that name */
  personal(account: AccountId, name: string): Promise<SieveScript | undefined>
  /** `include :global`: scripts of the administrator */
  global(name: string): Promise<SieveScript | undefined>
  /** The administrator's own, which run for every account in this order; see sequence.ts */
  administrator(): { readonly before: readonly SieveScript[]; readonly after: readonly SieveScript[] }
}

/** As it is when the message arrives */
export type SieveAccount = {
  /** Where automatic replies come from, and where the owner is told of problems */
  readonly primaryAddress: string
  readonly displayName: string
  /** All addresses that lead here, aliases too, canonical: `vacation` answers only mail to one of them (RFC 5230 §4.5) */
  readonly addresses: readonly string[]
  readonly language: Language
  /** RFC 5233: what parts user and detail, such as '+-' */
  readonly separators: string
  /** Undefined where there is no such mailbox. Names are full paths as in account.ts; INBOX in any case. */
  mailbox(name: string): Promise<SieveMailbox | undefined>
  /** RFC 9042, as printMailboxId writes it */
  mailboxById(mailboxId: string): Promise<SieveMailbox | undefined>
  mailboxByRole(role: MailboxRole): Promise<SieveMailbox | undefined>
  /** RFC 5490 §4; `mailbox` is '' for the server's own entries (servermetadata) */
  metadata(mailbox: string, entry: string): Promise<string | undefined>
}

export type SieveMailbox = {
  readonly name: string
  readonly mailboxId: string
  readonly role: MailboxRole | undefined
}

/** `duplicate` (RFC 7352) and `vacation` (RFC 5230 §4.2): what was met before and when that is forgotten. */
export type SieveMemory = {
  /** Has been written by an earlier delivery and is not yet forgotten at `now` (milliseconds since 1970) */
  knows(account: AccountId, key: string, now: number): Promise<boolean>
}

/** RFC 6134. Names are URIs as written: `tag:…`, `:addrbook:default` as `urn:ietf:params:sieve:addrbook:default` */
export type ExternalLists = {
  exists(account: AccountId, list: string): Promise<boolean>
  /** An address is compared in canonical form */
  contains(account: AccountId, list: string, value: string): Promise<boolean>
  /** For `redirect :list`: at most `limit`; undefined where the list can only be asked */
  members(account: AccountId, list: string, limit: number): Promise<readonly string[] | undefined>
}

/** RFC 5183 §4.1 */
export type SieveEnvironment = {
  readonly domain: string
  readonly host: string
  readonly version: string
  /** Minutes east of Greenwich at that moment, for `date` and `currentdate` without `:zone` */
  zoneMinutes(at: number): number
}

export type SieveLimits = {
  readonly maxScriptBytes: number
  /** RFC 5228 §2.10.4 wants at least one of each to be possible */
  readonly maxActions: number
  readonly maxRedirects: number
  /** Seconds; RFC 6131 §2 */
  readonly minVacationSeconds: number
  readonly maxVacationSeconds: number
}
