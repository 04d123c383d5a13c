/** Mail to one given server: a smarthost (SMTP) or a mailbox server (LMTP). */
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Transport } from '#mail/transport.ts'
import type { Resolver } from '#net/dns.ts'
import { isBrokenOff } from './broken-off.ts'
import { takesChunks } from './chunks-refused.ts'
import type { ClientLogin } from './client-auth.ts'
import { ClientFailure } from './client-failure.ts'
import { ClientPool, type Lease } from './client-pool.ts'
import { sendMessage, unreached } from './client-send.ts'
import type { ClientOptions, TlsPolicy } from './client.ts'
import { maxHostsTried } from './limits.ts'

export type ServerAddress = { readonly host: string; readonly port: number } | { readonly path: string }

export type TransportOptions = {
  readonly server: ServerAddress
  /** Our name in EHLO */
  readonly helo: string
  readonly tls: TlsPolicy
  readonly login?: ClientLogin
  /** For host names; without it only addresses and `localhost` are reached */
  readonly resolver?: Resolver
  readonly maxConnections?: number
  readonly idleMs?: number
  /** See ClientPool */
  readonly askAfterMs?: number
  readonly answerMs?: number
  readonly budgetMs?: number
  readonly finalMs?: number
}

/** Closing says QUIT on idle connections and cuts the others; a retired one finishes what is under way and keeps no connection. */
export type ClosableTransport = Transport & {
  retire(): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** As many as the queue gives one destination */
const defaultConnections = 10

export function smtpTransport(options: TransportOptions): ClosableTransport {
  return pooledTransport(poolTo('smtp', options))
}

export function lmtpTransport(options: TransportOptions): ClosableTransport {
  return pooledTransport(poolTo('lmtp', options))
}

export function poolTo(
  protocol: 'smtp' | 'lmtp',
  options: TransportOptions,
  onOpen?: ConstructorParameters<typeof ClientPool>[0]['onOpen'],
): ClientPool {
  return new ClientPool({
    targets: () => targetsOf(protocol, options),
    maxConnections: options.maxConnections ?? defaultConnections,
    ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
    ...(options.askAfterMs !== undefined && { askAfterMs: options.askAfterMs }),
    ...(options.answerMs !== undefined && { answerMs: options.answerMs }),
    ...(onOpen && { onOpen }),
  })
}

export function pooledTransport(pool: ClientPool): ClosableTransport {
  const transport: Transport = async (envelope, message, signal) => {
    const over = async ({ client }: Lease) => {
      try {
        return await sendMessage(client, envelope, message, signal)
      } finally {
        pool.release(client)
      }
    }
    try {
      const lease = await pool.acquire(signal)
      const inChunks = takesChunks(lease.client)
      const results = await over(lease)
      // the server has left a connection that was kept: a new one does as if there had been none
      const isStale = lease.reused && isBrokenOff(results)
      const wantsData = inChunks && !takesChunks(lease.client)
      return !signal.aborted && (isStale || wantsData) ? await over(await pool.acquire(signal, true)) : results
    } catch (error) {
      return envelope.recipients.map(() => unreached(failureReply(error)))
    }
  }
  return Object.assign(transport, {
    retire: () => pool.retire(),
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  })
}

export function failureReply(error: unknown): SmtpReply {
  if (error instanceof ClientFailure) return error.reply
  const why = error instanceof Error ? error.message : String(error)
  return smtpReply(451, '4.4.1', `Not sent: ${why}`)
}

async function targetsOf(protocol: 'smtp' | 'lmtp', options: TransportOptions): Promise<readonly ClientOptions[]> {
  const { server, helo, tls, login, budgetMs, finalMs } = options
  const places =
    'path' in server
      ? [server]
      : (await addressesOf(server.host, options.resolver)).map(address => ({ address, port: server.port }))
  return places.map(to => ({
    protocol,
    to,
    host: 'path' in server ? server.path : server.host,
    helo,
    tls,
    ...(login && { login }),
    ...(budgetMs !== undefined && { budgetMs }),
    ...(finalMs !== undefined && { finalMs }),
  }))
}

/** Those of IPv4 first: behind many a home IPv6 leads nowhere. The order within each is DNS's, which rotates. RFC 5321 §5.1 */
async function addressesOf(host: string, resolver: Resolver | undefined): Promise<readonly string[]> {
  if (/^[\d.]+$|:/.test(host)) return [host]
  if (!resolver && host === 'localhost') return ['127.0.0.1']
  const answer = await resolver?.addresses(host)
  const found = answer?.kind === 'found' ? answer.value : []
  const sorted = found.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
  if (sorted.length > 0) return sorted.slice(0, maxHostsTried)
  const why = answer?.kind === 'temporary' ? `DNS failed (${answer.reason})` : 'the name has no address'
  throw new ClientFailure(smtpReply(451, '4.4.3', `Cannot reach ${host}: ${why}`))
}
