/** Opens the listeners of a configuration, each with the protocol that its service names. */
import { extend } from '#base/extend.ts'
import type { Log } from '#base/log.ts'
import { networkSet } from '#base/network-set.ts'
import type { Config } from '#config/schema.ts'
import type { Connection } from '#net/connection.ts'
import { type ConnectionFacts, listen, type ListenOptions } from '#net/listener.ts'
import type { TlsOptions } from 'node:tls'
import type { LiveConfig, Surroundings } from './surroundings.ts'

export type ConfiguredListener = Config['listen'][number]
export type ListenerService = ConfiguredListener['service']

/** How one service is served. */
export type Service = {
  readonly serve: (connection: Connection, facts: ConnectionFacts, signal: AbortSignal) => Promise<void>
  /** TLS from the first octet */
  readonly implicitTls?: () => TlsOptions
  /** To those beyond the limits, in the protocol's own words */
  readonly refusal?: string
}

export type OpenListener = {
  readonly service: ListenerService
  readonly address: string
  readonly port: number
  /** Open now */
  readonly connections: () => number
  /** Accepts, as far as we know */
  readonly isOpen: () => boolean
}

/** Sessions for people to read their mail stay for hours; mail on its way needs room even when they are many. */
const readingShare = 0.75
const readingServices: ReadonlySet<ListenerService> = new Set([
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'managesieve',
  'http',
  'https',
])

const smtpServices: ReadonlySet<ListenerService> = new Set(['mx', 'lmtp', 'relay', 'submission', 'submissions'])

/** `*` is every address: one IPv6 socket takes IPv4 too. */
const everyAddress = '::'

export async function openListeners(
  { config, live, log, metrics }: Pick<Surroundings, 'config' | 'live' | 'log' | 'metrics'>,
  serviceFor: (listener: ConfiguredListener) => Service | undefined,
  scope: AsyncDisposableStack,
): Promise<readonly OpenListener[]> {
  const opened: OpenListener[] = []
  const faults = metrics.counter(
    'hikyaku_proxy_faults_total',
    'Connections of load balancers without a right PROXY header',
  )
  for (const configured of config.listen) {
    const service = serviceFor(configured)
    if (!service) continue
    const options = optionsOf(configured, service, live, log)
    const onProxyFault = () => faults.add(1, { service: configured.service })
    const listener = scope.use(await listen(extend(options, { onProxyFault })))
    opened.push({
      service: configured.service,
      address: listener.address,
      port: listener.port,
      connections: () => listener.connections,
      isOpen: () => listener.isOpen,
    })
  }
  return opened
}

function optionsOf(configured: ConfiguredListener, service: Service, live: LiveConfig, log: Log): ListenOptions {
  const where =
    'path' in configured && configured.path !== undefined
      ? { path: configured.path }
      : {
          host: configured.address === '*' ? everyAddress : (configured.address ?? everyAddress),
          port: configured.port,
        }
  const proxies = networkSet('proxy' in configured ? configured.proxy : [])
  return {
    ...where,
    // SMTP and LMTP have a word for it, which loses no mail
    cutsProxyHeaders: !smtpServices.has(configured.service),
    ...(!proxies.isEmpty && { isProxy: address => proxies.has(address) }),
    onConnection: service.serve,
    get maxConnections() {
      return live.current.limits.connections
    },
    get perAddressLimit() {
      return live.current.limits.connectionsPerAddress
    },
    get graceMs() {
      return live.current.limits.shutdown
    },
    ...(readingServices.has(configured.service) && { share: readingShare }),
    log: log.with({ service: configured.service }),
    ...(service.implicitTls && { implicitTls: service.implicitTls }),
    ...(service.refusal !== undefined && { refusal: service.refusal }),
  }
}
