/** The gateway's way home: LMTP over mutually verified TLS, or a login. The sync and the tunnel of our own come here later. */
import { readFile } from 'node:fs/promises'
import { isLoopback } from '#config/values.ts'
import type { Downstream } from '#mail/downstream.ts'
import type { Events } from '#mail/events.ts'
import { printToldEvents } from '#mail/trace/told-events.ts'
import { lmtpDownstream } from '#protocols/smtp/lmtp-downstream.ts'
import type { TlsPolicy } from '#protocols/smtp/client.ts'
import { readKey, readSecret, type Surroundings } from './surroundings.ts'

export async function openLink(around: Surroundings, scope: AsyncDisposableStack): Promise<Downstream> {
  const { config, events, resolver, log, folder } = around
  const home = config.gateway.home
  if (!home) throw new Error('CONF-MISSING: gateway.home is wanted')
  const { url } = home
  return scope.use(
    lmtpDownstream({
      server: url.kind === 'unix' ? { path: url.path } : { host: url.host, port: url.port },
      helo: config.hostname,
      resolver,
      tls: await tlsPolicy(home),
      ...(home.sasl && {
        login: { username: home.sasl.username, password: await readSecret(home.sasl.passwordFile) },
      }),
      ...(home.linkKeyFile !== undefined && { factsKey: await readKey(home.linkKeyFile) }),
      origin: config.gateway.name,
      boot: folder.boot,
      answer: delivery => whatIsKnown(events, delivery),
      log: log.with({ protocol: 'lmtp' }),
    }),
  )
}

/** Of this delivery and no other: home names no address and no letter of which it does not know the id. */
async function whatIsKnown(events: Pick<Events, 'find'>, delivery: string): Promise<Iterable<string>> {
  const found = await events.find({ about: delivery })
  return printToldEvents(found.filter(event => event.delivery === delivery))
}

type HomePeer = NonNullable<Surroundings['config']['gateway']['home']>

/**
 * Verified TLS always, with two exceptions that leave this machine by no wire: a unix socket, and a stand-in on loopback for
 * which nothing to verify or to prove is configured.
 */
async function tlsPolicy(home: HomePeer): Promise<TlsPolicy> {
  const { url } = home
  if (url.kind === 'unix') return { mode: 'none' }
  const bare = home.ca === undefined && home.clientCertificate === undefined && home.sasl === undefined && !url.tls
  if (bare && isLoopback(url.host)) return { mode: 'none' }
  return verifiedTls(home)
}

/** Of the peer's certificate, and ours where one is configured. */
export async function verifiedTls({ url, ca, serverName, clientCertificate: pair }: VerifiedPeer): Promise<TlsPolicy> {
  return {
    mode: 'required',
    from: url.kind === 'tcp' && url.tls ? 'start' : 'starttls',
    ...(ca !== undefined && { ca: await readFile(ca, 'utf8') }),
    ...(serverName !== undefined && { serverName }),
    ...(pair && { cert: await readFile(pair.cert, 'utf8'), key: await readFile(pair.key, 'utf8') }),
  }
}

type VerifiedPeer = Pick<HomePeer, 'url' | 'ca' | 'serverName' | 'clientCertificate'>
