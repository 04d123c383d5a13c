/** Starts the pretend internet: names, one mail server, and a relay with SendGrid's habits. */
import { type Log, silentLog } from '#base/log.ts'
import type { AuthResult, Authenticator } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Spool } from '#mail/spool.ts'
import { listen } from '#net/listener.ts'
import type { MessageReceiver, SmtpProfile } from '#mail/receiving.ts'
import { serveSmtp } from '#protocols/smtp/server.ts'
import { smtpTransport } from '#protocols/smtp/transport.ts'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { createCorrespondent } from './correspondent.ts'
import { createMailHost, type MailHost, receiverOf } from './mail-host.ts'
import { startNameServer } from './name-server.ts'
import { relayRefusal, type RelayState } from './relay.ts'
import { demoZone, dkimSelector } from './zone.ts'

export type PretendInternet = {
  readonly host: MailHost
  readonly relay: RelayState
}

export type InternetOptions = {
  readonly ports: { readonly mx: number; readonly dns: number; readonly relay: number }
  readonly gatewayPort: number
  readonly apiKey: string
  readonly pair: { readonly cert: string; readonly key: string }
  readonly spool: Spool
  readonly log?: Log
}

const largestMessageBytes = 50_000_000

export async function startInternet(options: InternetOptions, scope: AsyncDisposableStack): Promise<PretendInternet> {
  const stopping = new AbortController()
  scope.defer(() => stopping.abort())
  const signingKey = generateKeyPairSync('ed25519')
  scope.use(await startNameServer({ port: options.ports.dns, zone: demoZone(keyRecord(signingKey.publicKey)) }))
  const toGateway = scope.use(
    smtpTransport({
      server: { host: '127.0.0.1', port: options.gatewayPort },
      helo: 'mx.internet.test',
      tls: { mode: 'opportunistic', plainFallback: true },
    }),
  )
  const signer = { domain: 'internet.test', selector: dkimSelector, key: signingKey.privateKey }
  const host = createMailHost({ onLetter: createCorrespondent({ send: toGateway, signer, signal: stopping.signal }) })
  const relay: RelayState = { apiKey: options.apiKey, verifiedDomains: ['home.test'], creditsLeft: 100_000 }
  await serve('mx', options.ports.mx, 'mx.internet.test', receiverOf(host), options, scope)
  const relayReceiver = receiverOf(host, reversePath =>
    reversePath === '' ? undefined : relayRefusal(relay, reversePath),
  )
  await serve(
    'submission',
    options.ports.relay,
    'sendgrid.internet.test',
    relayReceiver,
    options,
    scope,
    keyHolder(relay),
  )
  return { host, relay }
}

async function serve(
  profile: SmtpProfile,
  port: number,
  hostname: string,
  receiver: MessageReceiver,
  { pair, spool, log }: InternetOptions,
  scope: AsyncDisposableStack,
  authenticator?: Authenticator,
): Promise<void> {
  const tls = { ...pair, secureContext: createSecureContext(pair) }
  const options = {
    profile,
    hostname,
    receiver,
    spool,
    maxMessageBytes: largestMessageBytes,
    tls: () => tls,
    log: log ?? silentLog,
    ...(authenticator && { authenticator }),
  }
  scope.use(
    await listen({
      host: '127.0.0.1',
      port,
      log: log ?? silentLog,
      graceMs: 300,
      onConnection: (connection, client, signal) => serveSmtp(connection, { ...options, client }, signal),
    }),
  )
}

/** One user, `apikey`, whose password is the key. */
function keyHolder(relay: RelayState): Authenticator {
  const login = { account: 'apikey' as AccountId, address: 'apikey', ended: new AbortController().signal }
  const judge = (name: string, password: string): AuthResult =>
    name === 'apikey' && password === relay.apiKey
      ? { kind: 'ok', login }
      : { kind: 'refused', reason: 'wrong-password' }
  return {
    password: (name, password) => Promise.resolve(judge(name, password)),
    scram: () => Promise.resolve({ kind: 'refused', reason: 'unknown-user' }),
    scramReady: () => false,
  }
}

/** RFC 8463 §4: the 32 octets of the key, which end its SubjectPublicKeyInfo */
function keyRecord(key: KeyObject): string {
  const octets = key.export({ format: 'der', type: 'spki' }).subarray(-32)
  return `v=DKIM1; k=ed25519; p=${octets.toString('base64')}`
}
