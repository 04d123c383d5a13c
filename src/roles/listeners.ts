/** Opens the listeners of a configuration, each with the protocol that its service names. */
import type { Log } from '#base/log.ts'
import type { Config } from '#config/schema.ts'
import type { Connection } from '#net/connection.ts'
import { type ConnectionFacts, listen, type ListenOptions } from '#net/listener.ts'
import type { TlsOptions } from 'node:tls'

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
}

/** `*` is every address: one IPv6 socket takes IPv4 too. */
const everyAddress = '::'

export async function openListeners(
  config: Config,
  log: Log,
  serviceFor: (listener: ConfiguredListener) => Service | undefined,
  scope: AsyncDisposableStack,
): Promise<readonly OpenListener[]> {
  const opened: OpenListener[] = []
  for (const configured of config.listen) {
    const service = serviceFor(configured)
    if (!service) continue
    const listener = scope.use(await listen(optionsOf(configured, service, config, log)))
    opened.push({
      service: configured.service,
      address: listener.address,
      port: listener.port,
      connections: () => listener.connections,
    })
  }
  return opened
}

function optionsOf(configured: ConfiguredListener, service: Service, config: Config, log: Log): ListenOptions {
  const where =
    'path' in configured && configured.path !== undefined
      ? { path: configured.path }
      : {
          host: configured.address === '*' ? everyAddress : (configured.address ?? everyAddress),
          port: configured.port,
        }
  return {
    ...where,
    onConnection: service.serve,
    maxConnections: config.limits.connections,
    perAddressLimit: config.limits.connectionsPerAddress,
    graceMs: config.limits.shutdown,
    log: log.with({ service: configured.service }),
    ...(service.implicitTls && { implicitTls: service.implicitTls }),
    ...(service.refusal !== undefined && { refusal: service.refusal }),
  }
}
