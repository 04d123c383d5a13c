/** The two ways in at home: what gateways bring, and what people who have logged in send. */
import type { OpenAccounts } from '#mail/accounts.ts'
import type { Content } from '#mail/content.ts'
import { createHomeReceiver, type HomeReceiver, type KnownGateway } from '#mail/deliver.ts'
import type { Directory } from '#mail/directory.ts'
import { forwardInto } from '#mail/outbox.ts'
import type { OpenedQueue } from '#mail/queue/open-queue.ts'
import type { MessageReceiver } from '#mail/receiving.ts'
import type { RefusedMail } from '#mail/refused.ts'
import type { SendingWatch } from '#mail/sending/watch.ts'
import { createSrs } from '#mail/srs.ts'
import { createSubmissionReceiver } from '#mail/submit.ts'
import { fromGateways } from './home-services.ts'
import type { Outbound } from './outbound.ts'
import type { SieveAtHome } from './sieve.ts'
import { readKey, type Surroundings } from './surroundings.ts'

export type DeliveringParts = {
  readonly accounts: OpenAccounts
  readonly directory: Directory
  readonly sieve: SieveAtHome
  readonly content: Content
  readonly refused: RefusedMail
  /** Undefined as long as it is not open */
  outbound(): OpenedQueue | undefined
  report(about: Parameters<Outbound['report']>[0]): Promise<void>
}

export async function homeReceiver(around: Surroundings, parts: DeliveringParts): Promise<HomeReceiver> {
  const { config, live, log, clock, events, folder } = around
  return createHomeReceiver({
    name: 'home',
    boot: folder.boot,
    hostname: config.hostname,
    directory: parts.directory,
    deliveries: parts.accounts,
    gateways: await knownGateways(around),
    fingerprintKey: folder.deriveKey('fingerprint'),
    clock,
    log,
    events,
    get sizeLimitBytes() {
      return live.current.limits.messageSize
    },
    get maxRecipients() {
      return Math.max(fromGateways, live.current.limits.recipients)
    },
    report: about => parts.report(about),
    filerFor: account => parts.sieve.filerFor(account),
    srs: createSrs(folder.deriveKey('srs')),
    forward: message =>
      forwardInto(parts.outbound(), message, { now: clock.now(), lifetimeMs: live.current.limits.outboundAge }),
    judge: parts.content.judge,
    keepRefused: about => parts.refused.keep(about),
  })
}

export type SubmissionParts = {
  readonly directory: Directory
  readonly queue: OpenedQueue
  readonly watch: SendingWatch
}

export function homeSubmission(
  { config, live, log, clock, events, folder }: Surroundings,
  { directory, queue, watch }: SubmissionParts,
): MessageReceiver {
  return createSubmissionReceiver({
    name: 'home',
    boot: folder.boot,
    hostname: config.hostname,
    directory,
    queue,
    watch,
    get recipientsPerHour() {
      const { recipientsPerHour } = live.current.limits.perUser
      return recipientsPerHour === 0 ? Infinity : 2 * recipientsPerHour
    },
    fingerprintKey: folder.deriveKey('fingerprint'),
    clock,
    log,
    events,
    get sizeLimitBytes() {
      return live.current.limits.messageSize
    },
    get maxRecipients() {
      return live.current.limits.recipients
    },
    get expiresAfterMs() {
      return live.current.limits.outboundAge
    },
  })
}

async function knownGateways({ config }: Surroundings): Promise<KnownGateway[]> {
  const configured = config.home.gateways.map(async gateway => ({
    name: gateway.name,
    domains: gateway.domains,
    key: gateway.linkKeyFile === undefined ? undefined : await readKey(gateway.linkKeyFile),
  }))
  const known: KnownGateway[] = await Promise.all(configured)
  // the other role in this process speaks for itself
  if (config.role.includes('gateway') && !known.some(({ name }) => name === config.gateway.name))
    known.push({ name: config.gateway.name, domains: 'all', key: undefined })
  return known
}
