/** The way out: the durable queue of what our people send, the routes, and what carries each. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import type { Config } from '#config/schema.ts'
import { seenFlag } from '#mail/account.ts'
import type { OpenAccounts } from '#mail/accounts.ts'
import type { HomeReceiver } from '#mail/deliver.ts'
import { localTransport } from '#mail/deliver/local-transport.ts'
import type { OpenDirectory } from '#mail/directory/open.ts'
import type { DeliveryId } from '#mail/ids.ts'
import { reportInto } from '#mail/queue/dsn.ts'
import { type OpenedQueue, openQueue } from '#mail/queue/open-queue.ts'
import { neverBounceOurFault } from '#mail/queue/reply-meaning.ts'
import { routeKey, routeOfKey, type Routes, routesFrom } from '#mail/routes.ts'
import type { Transport } from '#mail/transport.ts'
import { mxTransport } from '#protocols/smtp/mx-transport.ts'
import { smtpTransport } from '#protocols/smtp/transport.ts'
import { firstThatAnswers, refuseAll } from './fall-back.ts'
import { readSecret, type Surroundings } from './surroundings.ts'

export type OutboundParts = {
  readonly directory: OpenDirectory
  readonly accounts: OpenAccounts
  readonly receiver: HomeReceiver
}

/** A report is tried as long as mail is. */
const unroutable = { code: 550, enhanced: '5.1.2', lines: ['This address names no domain'] } as const

export async function openOutbound(
  around: Surroundings,
  parts: OutboundParts,
  scope: AsyncDisposableStack,
): Promise<OpenedQueue> {
  const { config, log, clock, events, folder } = around
  const routes = await followRoutes(config, parts.directory)
  const upstreams = await upstreamTransports(around, scope)
  const mx = mxTransport({ resolver: around.resolver, helo: config.hostname, port: config.outbound.mxPort })
  const local = localTransport(parts.receiver)
  let opened: OpenedQueue | undefined
  const queue: OpenedQueue = scope.use(
    await openQueue({
      file: join(folder.path, 'outbound.db'),
      spoolFolder: join(folder.path, 'outbound'),
      name: 'outbound',
      destinationOf: (reversePath, recipient) => routeKey(routes.of(reversePath, recipient)),
      transportFor(destination, message) {
        const route = routeOfKey(destination)
        switch (route.kind) {
          case 'local':
            return local(message)
          case 'mx':
            return mx
          case 'upstream':
            return firstThatAnswers([route.name, ...route.others].flatMap(name => upstreams.get(name) ?? []))
          case 'none':
            return refuseAll(unroutable)
          default:
            return route satisfies never
        }
      },
      clock,
      log: log.with({ queue: 'outbound' }),
      events,
      report: reportInto(() => opened, {
        reportingMta: config.hostname,
        from: `postmaster@${config.hostname}`,
        lifetimeMs: config.limits.outboundAge,
        isFinal: recipient => routes.of('', recipient).kind === 'local',
        clock,
        events,
      }),
      fileSentCopy: (account, id, message) => fileSentCopy(parts.accounts, account, id, message, clock.now()),
      diskReserveBytes: config.home.accounts.diskReserve,
    }),
  )
  opened = queue
  scope.use(parts.directory.watch(() => void routes.refresh().then(changed => (changed ? queue.reroute() : undefined))))
  return queue
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
  config: Config,
  directory: OpenDirectory,
): Promise<{ readonly of: Routes; refresh(): Promise<boolean> }> {
  const upstreams = config.outbound.upstreams.map(({ name }) => name)
  let routes: Routes
  let known: string | undefined
  /** True when other domains are ours than before */
  const refresh = async () => {
    const ownDomains = (await directory.domains()).map(({ name }) => name)
    const now = ownDomains.join()
    if (now === known) return false
    known = now
    routes = routesFrom({ ownDomains, upstreams, rules: config.outbound.routes })
    return true
  }
  await refresh()
  return { of: (reversePath, recipient) => routes(reversePath, recipient), refresh }
}

async function upstreamTransports(
  { config, resolver }: Surroundings,
  scope: AsyncDisposableStack,
): Promise<ReadonlyMap<string, Transport>> {
  const transports = new Map<string, Transport>()
  for (const upstream of config.outbound.upstreams) {
    const password =
      upstream.password ?? (upstream.passwordFile === undefined ? undefined : await readSecret(upstream.passwordFile))
    const ca = upstream.ca === undefined ? undefined : await readFile(upstream.ca, 'utf8')
    const made = smtpTransport({
      server: { host: upstream.host, port: upstream.port },
      helo: config.hostname,
      resolver,
      tls:
        upstream.tls === 'none-on-loopback-only'
          ? { mode: 'none' }
          : {
              mode: 'required',
              from: upstream.tls === 'implicit' ? 'start' : 'starttls',
              ...(ca !== undefined && { ca }),
            },
      ...(upstream.username !== undefined &&
        password !== undefined && { login: { username: upstream.username, password } }),
    })
    scope.use(made)
    transports.set(upstream.name, neverBounceOurFault(made))
  }
  return transports
}
