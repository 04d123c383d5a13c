/** The web listeners: JMAP and the webmail everywhere; the status page without TLS only, that is on this machine, since it shows who writes to whom. */
import { join } from 'node:path'
import { networkSet } from '#base/network-set.ts'
import type { ListenerService } from '#config/sections/listen.ts'
import type { StatusReport } from '#mail/status.ts'
import { openUploads } from '#mail/uploads.ts'
import { createHttpDoor } from '#protocols/http/door.ts'
import { createImageProxy } from '#protocols/http/image-proxy.ts'
import { sessionSite } from '#protocols/http/session-site.ts'
import { type MailService, type MailServices, type SignInOptions, whoIsSignedIn } from '#protocols/http/signed-in.ts'
import type { HttpSite } from '#protocols/http/site.ts'
import { statusSite } from '#protocols/http/status-site.ts'
import { readWebFiles, webmailSite } from '#protocols/http/webmail-site.ts'
import { createUnsubscribing } from '#protocols/http/unsubscribe/unsubscribe-site.ts'
import type { Sending } from '#protocols/jmap/sending.ts'
import { wholeCapabilities } from '#protocols/jmap/session-object.ts'
import { createJmapSite, type JmapOptions } from '#protocols/jmap/site.ts'
import { Pusher } from '#protocols/jmap/web-push/pusher.ts'
import { createVapid } from '#protocols/jmap/web-push/vapid.ts'
import type { RunningHome } from './home.ts'
import type { ConfiguredListener, Service } from './listeners.ts'
import type { Surroundings } from './surroundings.ts'
import { tracingOf } from './tracing.ts'

type Web = Extract<ConfiguredListener, { service: 'http' | 'https' }>

export type WebServices = (listener: ConfiguredListener) => Service | undefined

const refusal = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

export async function openWeb(
  around: Surroundings,
  home: RunningHome | undefined,
  report: () => Promise<StatusReport>,
  scope: AsyncDisposableStack,
): Promise<WebServices> {
  const jmap = home && (await openJmap(around, home, scope))
  const log = around.log.with({ protocol: 'http' })
  const webmail = home && (await openWebmail(around))
  const images = createImageProxy({ resolver: around.resolver, log, metrics: around.metrics })
  const { clock, resolver } = around
  const unsubscribe = home && createUnsubscribing({ accounts: home.accounts, clock, log, resolver })
  const status = statusSite({ report, language: () => around.live.current.language })
  return listener => {
    if (!isWeb(listener)) return undefined
    const site = jmap?.(listener)
    const signInBy = home && signInOptions(around, home, listener)
    const signIn = signInBy && sessionSite(signInBy)
    const image = signInBy && images(visit => whoIsSignedIn(visit, signInBy))
    const leave = signInBy && unsubscribe?.(signInBy)
    const pages = listener.service === 'http' ? status : undefined
    const forwarders = networkSet(listener.service === 'http' ? listener.forwardedBy : [])
    const sites = [signIn, site, image, leave, webmail, pages].filter(one => one !== undefined)
    return {
      serve: createHttpDoor({ sites, log, isForwarder: address => forwarders.has(address) }),
      refusal,
      ...(listener.service === 'https' && { implicitTls: () => around.certificates.secureOptions() }),
    }
  }
}

function signInOptions(
  { config, live }: Surroundings,
  { authenticator, access, directory, gateways }: RunningHome,
  listener: Web,
): SignInOptions {
  // known since a gateway spoke for the first time, over restarts too
  const authservIds = () => [...new Set([config.hostname, ...gateways.names.values()])]
  const services = servicesOf(config)
  return {
    authenticator,
    access,
    directory,
    allowPlaintextLogin: allowsPlaintextLogin(listener),
    authservIds,
    links: () => live.current.home.webmail.links,
    firstSteps: () => live.current.home.webmail.firstSteps,
    services,
  }
}

/** What a mail program is told: TLS at once before STARTTLS (RFC 8314 §3). */
function servicesOf({ hostname, listen }: Surroundings['config']): MailServices {
  const find = (tls: ListenerService, starttls: ListenerService): MailService | undefined => {
    const found = listen.find(({ service }) => service === tls) ?? listen.find(({ service }) => service === starttls)
    if (!found || !('port' in found)) return undefined
    return { host: hostname, port: found.port, security: found.service === tls ? 'tls' : 'starttls' }
  }
  const [imap, submission] = [find('imaps', 'imap'), find('submissions', 'submission')]
  return { ...(imap && { imap }), ...(submission && { submission }) }
}

function allowsPlaintextLogin(listener: Web): boolean {
  return listener.service === 'http' && listener.loginWithoutTls
}

function isWeb(listener: ConfiguredListener): listener is Web {
  return listener.service === 'http' || listener.service === 'https'
}

const webFolder = new URL('../../web/dist/', import.meta.url).pathname

async function openWebmail({ log }: Surroundings): Promise<HttpSite> {
  const files = await readWebFiles(webFolder)
  if (!files)
    log.warn('The webmail was not built and is not served: run `npm run build:web`, then start again', {
      folder: webFolder,
    })
  return webmailSite(files)
}

async function openJmap(
  around: Surroundings,
  home: RunningHome,
  scope: AsyncDisposableStack,
): Promise<(listener: Web) => HttpSite> {
  const { access, accounts, authenticator, directory, outbound, submission } = home
  const { clock, config, folder, live, log } = around
  const { uploadSpace } = config.home.jmap
  const uploads = scope.use(
    await openUploads({
      folder: join(folder.path, 'uploads'),
      clock,
      accountBytes: Math.max(Math.floor(uploadSpace / 4), config.limits.messageSize),
      totalBytes: Math.max(uploadSpace, config.limits.messageSize),
    }),
  )
  const sending = (): Sending => ({
    directory,
    receiver: submission,
    queue: outbound,
    scripts: accounts.scripts,
    sieve: { maxScriptBytes: config.home.sieve.scriptSize, maxRedirects: live.current.home.sieve.redirects },
    maxRecipients: live.current.limits.recipients,
    maxSize: live.current.limits.messageSize,
    maxDelayMs: live.current.limits.futureRelease,
  })
  const vapid = createVapid(folder.deriveKey('vapid'), `mailto:postmaster@${config.hostname}`)
  const { pushSubscriptions: subscriptions } = access
  const pushLog = log.with({ protocol: 'push' })
  scope.use(new Pusher({ subscriptions, accounts, sending, clock, log: pushLog, resolver: around.resolver, vapid }))
  const tracing = tracingOf(around, home)
  const site = createJmapSite()
  return listener => {
    const options = (): JmapOptions => ({
      accounts,
      access,
      authenticator,
      uploads,
      sending: sending(),
      tracing,
      maxSizeUpload: live.current.limits.messageSize,
      applicationServerKey: vapid.publicKey,
      capabilities: wholeCapabilities,
      origins: live.current.home.jmap.origins,
      allowPlaintextLogin: allowsPlaintextLogin(listener),
      log: log.with({ protocol: 'jmap' }),
    })
    return site(options)
  }
}
