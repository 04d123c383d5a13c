/** What administration consists of: named operations on plain data, the same over the socket, on a stopped installation and in tests. */
import type { z } from 'zod'
import type { Text } from '#base/text.ts'
import type { Config } from '#config/schema.ts'
import type { Access } from '#mail/access/access.ts'
import type { Accounts } from '#mail/account.ts'
import type { AuthResult } from '#mail/auth.ts'
import type { JunkLearning } from '#mail/content/learning.ts'
import type { Directory } from '#mail/directory.ts'
import type { Events } from '#mail/events.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Queue } from '#mail/queue/queue.ts'
import type { RefusedMail } from '#mail/refused.ts'
import type { SearchUpkeep } from '#mail/search-index.ts'
import type { SendingWatch } from '#mail/sending/watch.ts'
import type { Scripts } from '#mail/scripts.ts'
import type { Administrator } from '#mail/sieve/administrator.ts'
import type { SievePorts } from '#mail/sieve/ports.ts'
import type { DkimKeys } from '#mail/signing/dkim-keys.ts'
import type { StatusReport } from '#mail/status.ts'
import type { CertificateReport } from '#net/tls/certificate-store.ts'

export type NamedQueue = { readonly name: 'hold' | 'outbound'; readonly queue: Queue }

/** The content stage of a running home */
export type ContentServices = {
  readonly accounts: Accounts
  readonly learning: JunkLearning
  readonly refused: RefusedMail
}

export type WebTicket = { readonly url: string; readonly expiresInMs: number }

/** What this box has; a gateway has no directory, a stopped installation no status. */
export type AdminServices = {
  /** `home@mail.home.test` */
  readonly box: string
  readonly config: Config
  readonly directory?: Directory
  /** Says whether a password is right without counting it as an attempt from outside */
  readonly login?: (address: string, password: string) => Promise<AuthResult>
  readonly access?: Access
  /** A link that opens the webmail signed in, once */
  readonly webTicket?: (account: AccountId) => WebTicket | Refused
  readonly dkim?: DkimKeys
  readonly scripts?: Scripts
  /** Where scripts run */
  readonly sieve?: { readonly ports: SievePorts; administrator(): Administrator }
  readonly content?: ContentServices
  readonly search?: SearchUpkeep
  readonly watch?: SendingWatch
  readonly queues: readonly NamedQueue[]
  readonly events?: Events
  readonly status?: () => StatusReport | Promise<StatusReport>
  readonly certificates?: () => readonly CertificateReport[]
  /** Puts a test message on its way and gives what its trace is found by */
  readonly sendTest?: (direction: 'in' | 'out', address: string) => Promise<{ readonly about: string } | Refused>
}

/** An expected no. Exit code 1. */
export type Refused = { readonly refused: string; readonly text: Text }

export type Operation<Input extends z.ZodType = z.ZodType> = {
  readonly name: string
  readonly input: Input
  run(services: AdminServices, input: z.output<Input>): Promise<unknown>
}

/** Keeps the input's type inside and forgets it outside: what comes in is parsed first. */
export function operation<Input extends z.ZodType>(
  name: string,
  input: Input,
  run: (services: AdminServices, input: z.output<Input>) => Promise<unknown>,
): Operation {
  return { name, input, run: (services, raw) => run(services, raw as z.output<Input>) }
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'refused' in value
}

export const notHere = (what: Text): Refused => ({
  refused: 'not-here',
  text: { en: `${what.en} are not on this box`, ja: `${what.ja}はこの機械にはありません` },
})

export const notRunning: Refused = {
  refused: 'not-running',
  text: {
    en: 'the server is not running; start it with hikyaku serve',
    ja: 'サーバーが動いていません。hikyaku serve で起動してください',
  },
}
