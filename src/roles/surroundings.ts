/** What every role of this process shares, opened once and closed last. */
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Clock, systemClock } from '#base/clock.ts'
import type { LevelLog, Log } from '#base/log.ts'
import { createMetrics, type MetricsRegistry } from '#base/metrics.ts'
import { remember } from '#base/remember.ts'
import type { Config } from '#config/schema.ts'
import { createEvents, type EventsStore } from '#mail/events-store.ts'
import { openSpool, type Spool } from '#mail/spool.ts'
import { createResolver, type Resolver } from '#net/dns.ts'
import type { PairFiles } from '#net/tls/certificate-pair.ts'
import { type CertificateStore, openCertificateStore } from '#net/tls/certificate-store.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { type DataFolder, openDataFolder } from '#store/data-folder.ts'

export type Surroundings = {
  /** As at the start: what needs a restart is read here */
  readonly config: Config
  /** As last read: every key that is marked `reload` is read here, each time it is used */
  readonly live: LiveConfig
  readonly log: Log
  readonly metrics: MetricsRegistry
  readonly clock: Clock
  readonly folder: DataFolder
  readonly events: EventsStore
  readonly certificates: CertificateStore
  readonly resolver: Resolver
  readonly spool: Spool
  /** Milliseconds since 1970 */
  readonly startedAt: number
}

/** What SIGHUP changes. Only roles/reload.ts writes it. */
export type LiveConfig = { current: Config; readonly setLogLevel: LevelLog['setLevel'] }

/** `gateway@mx.example.org`: how this box signs its answers. */
export function boxName(config: Config): string {
  return `${config.role.length === 2 ? 'both' : (config.role[0] ?? 'home')}@${config.hostname}`
}

export async function openSurroundings(
  config: Config,
  log: LevelLog,
  scope: AsyncDisposableStack,
): Promise<Surroundings> {
  const folder = scope.use(openDataFolder(config.data))
  if (folder.ephemeral)
    log.warn('CONF-EPHEMERAL: the data folder is in memory or in a container layer; mail in it is lost with it', {
      data: folder.path,
    })
  if ((statSync(folder.path).mode & 0o077) !== 0)
    log.warn('SECRET-PERM: others on this machine can look into the data folder; chmod 700', { data: folder.path })
  const metrics = createMetrics()
  const events = countEvents(
    scope.use(
      await createEvents({ file: join(folder.path, 'trace.db'), box: boxName(config), clock: systemClock, log }),
    ),
    metrics,
  )
  const certificates = scope.use(
    openCertificateStore({ files: await pairsOf(config, folder), policy: config.tls.policy, log, clock: systemClock }),
  )
  return {
    config,
    live: { current: config, setLogLevel: level => log.setLevel(level) },
    log,
    metrics,
    clock: systemClock,
    folder,
    events,
    certificates,
    resolver: createResolver(config.dns.servers.length > 0 ? { servers: config.dns.servers } : {}),
    spool: await openSpool(join(folder.path, 'spool')),
    startedAt: Date.now(),
  }
}

/** Each step of each message, counted by its kind: received, delivered, refused … */
function countEvents(events: EventsStore, metrics: MetricsRegistry): EventsStore {
  const counter = metrics.counter('hikyaku_mail_events_total', 'Steps of messages and logins, by kind')
  const labelsOf = remember(kind => ({ kind }))
  metrics.gauge('hikyaku_events_dropped', 'Events that were never written to the trace', () => events.dropped)
  return {
    get dropped() {
      return events.dropped
    },
    record(event) {
      counter.add(1, labelsOf(event.kind))
      events.record(event)
    },
    find: query => events.find(query),
    recent: limit => events.recent(limit),
    flush: () => events.flush(),
    sweep: () => events.sweep(),
    [Symbol.asyncDispose]: () => events[Symbol.asyncDispose](),
  }
}

/** The configured pairs; with `localCa` also one that our own authority has made for our names. */
async function pairsOf(config: Config, folder: DataFolder): Promise<readonly PairFiles[]> {
  if (!config.tls.localCa) return config.tls.certificates
  const ca = await openLocalCa(join(folder.path, 'ca'))
  const own = await ca.ensureServer('server', [config.hostname, ...config.tls.names])
  return [...config.tls.certificates, { cert: own.cert, key: own.key }]
}

/** A secret from its file: text without the trailing line end. */
export async function readSecret(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
}

/** A shared key from its file: hex where it looks so, else the text's own octets. */
export async function readKey(path: string): Promise<Uint8Array> {
  const text = (await readSecret(path)).trim()
  return /^(?:[0-9a-f]{2}){16,}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'utf8')
}

/** Hex SHA-256 of a certificate file's first certificate. */
export async function fingerprintOf(path: string): Promise<string> {
  return new X509Certificate(await readFile(path)).fingerprint256.replaceAll(':', '').toLowerCase()
}
