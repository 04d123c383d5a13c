/**
 * The upstreams by name. When the configuration is read again, those that changed are replaced: what the old connection is
 * just sending goes to its end, and nothing new is given to it.
 */
import { readFile } from 'node:fs/promises'
import type { Config } from '#config/schema.ts'
import type { DeliveryId } from '#mail/ids.ts'
import { neverBounceOurFault } from '#mail/queue/reply-meaning.ts'
import type { RelayWatch } from '#mail/relay/watch.ts'
import { gatewayName } from '#mail/routes.ts'
import type { Transport } from '#mail/transport.ts'
import type { Resolver } from '#net/dns.ts'
import { relayedAs, relayTransport } from '#protocols/smtp/relay-transport.ts'
import { type ClosableTransport, smtpTransport, type TransportOptions } from '#protocols/smtp/transport.ts'
import { verifiedTls } from './link.ts'
import { readSecret } from './surroundings.ts'

/** As configured, with what stood in the files it names. */
export type UpstreamSettings = Pick<TransportOptions, 'server' | 'tls' | 'login'> & { readonly name: string }

/** Our own gateway is one of them, under a name that no other may have. */
export async function upstreamSettings({ outbound }: Config): Promise<readonly UpstreamSettings[]> {
  const upstreams = await Promise.all(outbound.upstreams.map(settingsOf))
  return outbound.gateway ? [...upstreams, await gatewaySettings(outbound.gateway)] : upstreams
}

async function gatewaySettings(gateway: NonNullable<Config['outbound']['gateway']>): Promise<UpstreamSettings> {
  const { url, sasl } = gateway
  if (url.kind !== 'tcp') throw new Error('CONF-CONFLICT: outbound.gateway.url is no socket')
  return {
    name: gatewayName,
    server: { host: url.host, port: url.port },
    tls: await verifiedTls(gateway),
    ...(sasl && { login: { username: sasl.username, password: await readSecret(sasl.passwordFile) } }),
  }
}

async function settingsOf(upstream: Config['outbound']['upstreams'][number]): Promise<UpstreamSettings> {
  const { name, host, port, username, passwordFile } = upstream
  const password = upstream.password ?? (passwordFile === undefined ? undefined : await readSecret(passwordFile))
  const ca = upstream.ca === undefined ? undefined : await readFile(upstream.ca, 'utf8')
  return {
    name,
    server: { host, port },
    tls:
      upstream.tls === 'none-on-loopback-only'
        ? { mode: 'none' }
        : {
            mode: 'required',
            from: upstream.tls === 'implicit' ? 'start' : 'starttls',
            ...(ca !== undefined && { ca }),
          },
    ...(username !== undefined && password !== undefined && { login: { username, password } }),
  }
}

type Upstream = { readonly settings: string; readonly closable: ClosableTransport; readonly transport: Transport }

export class Upstreams {
  readonly #helo: string
  readonly #resolver: Resolver
  readonly #relayWatch: RelayWatch
  #present = new Map<string, Upstream>()
  /** Finishing what they have begun */
  readonly #retired = new Set<ClosableTransport>()

  constructor(helo: string, resolver: Resolver, relayWatch: RelayWatch) {
    this.#helo = helo
    this.#resolver = resolver
    this.#relayWatch = relayWatch
  }

  /** For the delivery `id`, which only our own gateway is told. */
  named(name: string, id: DeliveryId): Transport | undefined {
    const transport = this.#present.get(name)?.transport
    return transport && name === gatewayName ? relayedAs(id, transport, this.#relayWatch.heard) : transport
  }

  /** True when one was added, changed or left. */
  take(wanted: readonly UpstreamSettings[]): boolean {
    const before = this.#present
    this.#present = new Map(
      wanted.map(settings => [settings.name, this.#kept(before, settings) ?? this.#make(settings)]),
    )
    const kept = new Set(this.#present.values())
    const left = [...before.values()].filter(upstream => !kept.has(upstream))
    for (const { closable } of left) {
      closable.retire()
      this.#retired.add(closable)
    }
    return left.length > 0 || this.#present.size !== before.size
  }

  #kept(before: ReadonlyMap<string, Upstream>, settings: UpstreamSettings): Upstream | undefined {
    const present = before.get(settings.name)
    return present?.settings === JSON.stringify(settings) ? present : undefined
  }

  #make(settings: UpstreamSettings): Upstream {
    const { server, tls, login } = settings
    const options = { server, tls, ...(login && { login }), helo: this.#helo, resolver: this.#resolver }
    const written = JSON.stringify(settings)
    // what it says are the recipients' servers' words, and stand
    if (settings.name === gatewayName) {
      const closable = relayTransport(options)
      return { settings: written, closable, transport: closable }
    }
    const closable = smtpTransport(options)
    return { settings: written, closable, transport: neverBounceOurFault(closable) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#retired, ...[...this.#present.values()].map(({ closable }) => closable)]
    await Promise.all(all.map(transport => transport.close()))
  }
}
