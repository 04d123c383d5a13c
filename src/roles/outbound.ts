/** The way out: the durable queue of what our people send, the routes, and what carries each. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import type { Log } from '#base/log.ts'
import type { Language } from '#base/text.ts'
import type { Config } from '#config/schema.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { seenFlag } from '#mail/account.ts'
import type { OpenAccounts } from '#mail/accounts.ts'
import type { HomeReceiver } from '#mail/deliver.ts'
import { localTransport } from '#mail/deliver/local-transport.ts'
import type { OpenDirectory } from '#mail/directory/open.ts'
import type { AccountId, DeliveryId } from '#mail/ids.ts'
import { reportInto } from '#mail/queue/dsn.ts'
import type { QueuedMessage } from '#mail/queue/report.ts'
import { type OpenedQueue, openQueue } from '#mail/queue/open-queue.ts'
import { gatewayName, routeKey, routeOfKey, type Routes, routesFrom } from '#mail/routes.ts'
import { type RelayWatch, watchRelay } from '#mail/relay/watch.ts'
import { ownerOf, pauseNotice } from '#mail/sending/notice.ts'
import { openSendingWatch, type SendingWatch } from '#mail/sending/watch.ts'
import { type DkimKeys, openDkimKeys } from '#mail/signing/dkim-keys.ts'
import { outgoing } from '#mail/signing/outgoing.ts'
import { firstThatAnswers, refuseAll } from './fall-back.ts'
import { openMxWay } from './mx-way.ts'
import { paceOf } from './outbound-pace.ts'
import type { LiveConfig, Surroundings } from './surroundings.ts'
import { Upstreams, upstreamSettings } from './upstreams.ts'

/** What a configuration that was read again changes on the way out. */
export type Reroute = {
  /** Reads what the upstreams of this configuration need. Rejects when a file cannot be read; then nothing has changed. */
  prepare(config: Config): Promise<() => Promise<void>>
}

export type Outbound = {
  readonly outbound: OpenedQueue
  readonly reroute: Reroute
  readonly dkim: DkimKeys
  readonly watch: SendingWatch
  readonly relay: RelayWay
  /** Sends a report on its way */
  readonly report: ReturnType<typeof reportInto>
}

/** The way out through our gateway. */
export type RelayWay = {
  readonly isConfigured: boolean
  /** Messages, once for each recipient's domain */
  readonly waiting: number
  readonly watch: RelayWatch
}

export type OutboundParts = {
  readonly directory: OpenDirectory
  readonly accounts: OpenAccounts
  readonly receiver: HomeReceiver
  /** What our gateways call themselves */
  readonly gatewayNames: () => Iterable<string>
}

/** A report is tried as long as mail is. */
const unroutable = { code: 550, enhanced: '5.1.2', lines: ['This address names no domain'] } as const

const noGateway = smtpReply(451, '4.3.5', 'UP-KEY: outbound.gateway is not configured')

export async function openOutbound(
  around: Surroundings,
  parts: OutboundParts,
  scope: AsyncDisposableStack,
): Promise<Outbound> {
  const { config, live, log, clock, events, folder } = around
  const routes = await followRoutes(live, parts.directory)
  const relayWatch = watchRelay({ clock, log: log.with({ upstream: gatewayName }) })
  const upstreams = scope.use(new Upstreams(config.hostname, around.resolver, relayWatch))
  upstreams.take(await upstreamSettings(config))
  const mx = await openMxWay(around, scope, parts.gatewayNames)
  const local = localTransport(parts.receiver)
  const dkim = scope.use(
    await openDkimKeys({ folder: join(folder.path, 'dkim'), txt: around.resolver.txt, clock, log }),
  )
  let opened: OpenedQueue | undefined
  const report = reportInto(() => opened, {
    reportingMta: config.hostname,
    from: `postmaster@${config.hostname}`,
    get lifetimeMs() {
      return live.current.limits.outboundAge
    },
    get languages(): readonly Language[] {
      return live.current.language === 'ja' ? ['ja', 'en'] : ['en', 'ja']
    },
    isFinal: recipient => routes.of('', recipient).kind === 'local',
    clock,
    events,
  })
  const watch = scope.use(
    await openSendingWatch({
      folder: join(folder.path, 'sending'),
      limits: () => live.current.limits.perUser,
      queue: () => opened ?? { holdFrom: async () => 0, releaseFrom: async () => 0 },
      tell: async pause => {
        if (!opened) throw new Error('The queue is not open yet')
        const languages: readonly Language[] = live.current.language === 'ja' ? ['ja', 'en'] : ['en', 'ja']
        const owner = await parts.directory.resolve(ownerOf(pause))
        const isOwner = owner.kind === 'local' && owner.targets.every(({ account }) => account === pause.account)
        await opened.add(pauseNotice(pause, { hostname: config.hostname, languages, now: clock.now(), isOwner }))
      },
      key: folder.deriveKey('sending'),
      clock,
      log,
    }),
  )
  const queue: OpenedQueue = scope.use(
    await openQueue({
      file: join(folder.path, 'outbound.db'),
      spoolFolder: join(folder.path, 'outbound'),
      name: 'outbound',
      destinationOf: (reversePath, recipient, via) => routeKey(routes.of(reversePath, recipient, via)),
      transportFor(destination, message) {
        const route = routeOfKey(destination)
        switch (route.kind) {
          case 'local':
            return local(message)
          case 'mx':
            return mx
          case 'gateway':
            return upstreams.named(gatewayName, message.id) ?? refuseAll(noGateway)
          case 'upstream':
            return firstThatAnswers(
              [route.name, ...route.others].flatMap(name => upstreams.named(name, message.id) ?? []),
            )
          case 'none':
            return refuseAll(unroutable)
          default:
            return route satisfies never
        }
      },
      prepare: entry => outgoing(entry, { keys: dkim, clock, log }),
      onFailed: (message, recipients) => failedOf(watch, message, recipients, log),
      limitOf: destination => paceOf(live.current, destination),
      clock,
      log: log.with({ queue: 'outbound' }),
      events,
      report,
      fileSentCopy: (account, id, message) => fileSentCopy(parts.accounts, account, id, message, clock.now()),
      diskReserveBytes: config.home.accounts.diskReserve,
    }),
  )
  opened = queue
  await watch.settle().catch(error => log.warn('A pause could not be carried out yet', { error: String(error) }))
  scope.use(parts.directory.watch(() => void routes.refresh().then(changed => (changed ? queue.reroute() : undefined))))
  const reroute: Reroute = {
    async prepare(next) {
      const settings = await upstreamSettings(next)
      return async () => {
        const changed = upstreams.take(settings)
        const resorted = await routes.refresh()
        if (!changed && !resorted) return
        await queue.reroute()
        queue.wake()
      }
    },
  }
  const relay: RelayWay = {
    get isConfigured() {
      return live.current.outbound.gateway !== undefined
    },
    get waiting() {
      return queue.waitingFor(leavesByGateway)
    },
    watch: relayWatch,
  }
  return { outbound: queue, reroute, dkim, watch, report, relay }
}

function leavesByGateway(destination: string): boolean {
  const route = routeOfKey(destination)
  if (route.kind === 'upstream') return [route.name, ...route.others].includes(gatewayName)
  return route.kind === 'gateway'
}

function failedOf(watch: SendingWatch, message: QueuedMessage, recipients: number, log: Log): void {
  const { account, login } = JSON.parse(message.facts) as { account?: AccountId; login?: string }
  if (account === undefined || login === undefined) return
  watch
    .failed(account, login, recipients)
    .catch(error => log.warn('A failure could not be counted', { error: String(error) }))
}

/** A copy for the writer's Sent mailbox, under an id of its own: filed once, however often it is asked for. */
async function fileSentCopy(
  accounts: OpenAccounts,
  account: Parameters<OpenAccounts['account']>[0],
  id: string,
  message: Parameters<OpenAccounts['deliver']>[0]['message'],
  now: number,
): Promise<void> {
  const hash = createHash('sha256').update(utf8(id)).digest()
  await accounts.deliver(
    {
      account,
      recipient: 'sent copy',
      attempt: { id: id as DeliveryId, origin: 'sent', boot: 0, gone: [], confirmed: true },
      fingerprint: hash,
      mailbox: { role: 'sent' },
      flags: { mode: 'replace', system: seenFlag, keywords: [] },
      internalDate: now,
      trace: emptyBytes,
      message,
      receivedHash: hash,
      outbox: [],
      overQuota: 'accept',
    },
    AbortSignal.timeout(60_000),
  )
}

/** Routes change when a domain becomes ours: mail for our own names never leaves home. */
async function followRoutes(
  live: LiveConfig,
  directory: OpenDirectory,
): Promise<{ readonly of: Routes; refresh(): Promise<boolean> }> {
  let routes: Routes
  let known: string | undefined
  /** True when mail may have another way than before */
  const refresh = async () => {
    const ownDomains = (await directory.domains()).map(({ name }) => name)
    const { upstreams, routes: rules } = live.current.outbound
    const input = {
      ownDomains,
      upstreams: upstreams.map(({ name }) => name),
      rules: rules.map(rule => ({ ...rule, via: rule.via === 'gateway' ? [gatewayName] : rule.via })),
    }
    const now = JSON.stringify(input)
    if (now === known) return false
    known = now
    routes = routesFrom(input)
    return true
  }
  await refresh()
  return { of: (reversePath, recipient, via) => routes(reversePath, recipient, via), refresh }
}
