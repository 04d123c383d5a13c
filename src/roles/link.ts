/** The gateway's way home: LMTP over mutually verified TLS, or a login. The sync and the tunnel of our own come here later. */
import { readFile } from 'node:fs/promises'
import type { Downstream } from '#mail/downstream.ts'
import { lmtpDownstream } from '#protocols/smtp/downstream.ts'
import type { TlsPolicy } from '#protocols/smtp/client.ts'
import { readKey, readSecret, type Surroundings } from './surroundings.ts'

export async function openLink(around: Surroundings, scope: AsyncDisposableStack): Promise<Downstream> {
  const { config, resolver, log, folder } = around
  const home = config.gateway.home
  if (!home) throw new Error('CONF-MISSING: gateway.home is wanted')
  const { url } = home
  const to = url.kind === 'unix' ? { path: url.path } : { host: url.host, port: url.port }
  return scope.use(
    lmtpDownstream({
      to,
      helo: config.hostname,
      resolver,
      tls: url.kind === 'unix' ? { mode: 'none' } : await tlsPolicy(home, url.tls),
      ...(home.sasl && {
        login: { username: home.sasl.username, password: await readSecret(home.sasl.passwordFile) },
      }),
      ...(home.linkKeyFile !== undefined && { key: await readKey(home.linkKeyFile) }),
      origin: config.gateway.name,
      boot: folder.boot,
      log: log.with({ protocol: 'lmtp' }),
    }),
  )
}

type HomePeer = NonNullable<Surroundings['config']['gateway']['home']>

async function tlsPolicy(home: HomePeer, fromStart: boolean): Promise<TlsPolicy> {
  const pair = home.clientCertificate
  return {
    mode: 'required',
    from: fromStart ? 'start' : 'starttls',
    ...(home.ca !== undefined && { ca: await readFile(home.ca, 'utf8') }),
    ...(home.serverName !== undefined && { serverName: home.serverName }),
    ...(pair && { cert: await readFile(pair.cert, 'utf8'), key: await readFile(pair.key, 'utf8') }),
  }
}
