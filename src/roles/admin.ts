/** The doors of administration of a running box: the socket in its data folder, and the health pages where listeners ask for them. */
import { join } from 'node:path'
import type { Log } from '#base/log.ts'
import type { AccountId } from '#mail/ids.ts'
import { renewOwnCertificate } from './admin-certificates.ts'
import { addMetrics } from './admin-metrics.ts'
import { ownAttempt } from './admin-offline.ts'
import type { AdminServices, NamedQueue, Refused, WebTicket } from './admin-operation.ts'
import { serveAdmin, serveHealth } from './admin-socket.ts'
import { sendTestMessage } from './admin-test-message.ts'
import type { RunningHome } from './home.ts'
import { readiness } from './readiness.ts'
import type { RunningRoles } from './start.ts'
import { boxName } from './surroundings.ts'

export async function startAdmin(running: RunningRoles, log: Log): Promise<AsyncDisposable> {
  await using scope = new AsyncDisposableStack()
  const { config, folder } = running.around
  scope.use(renewOwnCertificate(running.around))
  const services = servicesOf(running)
  scope.use(await serveAdmin(services, join(folder.path, 'admin.sock'), log))
  scope.use(addMetrics(running))
  const { metrics } = running.around
  const notReady = readiness(running)
  for (const listener of config.listen) {
    if (listener.service !== 'admin') continue
    const { address, port } = listener
    const health = scope.use(await serveHealth({ host: address, port, metrics, notReady }))
    running.listeners.push({
      service: 'admin',
      address,
      port: health.port,
      connections: () => 0,
      isOpen: () => health.isOpen,
    })
  }
  return scope.move()
}

function servicesOf(running: RunningRoles): AdminServices {
  const { around, home } = running
  return {
    box: boxName(around.config),
    get config() {
      return around.live.current
    },
    queues: queuesOf(running),
    events: around.events,
    status: () => running.status(),
    certificates: () => around.certificates.report(),
    sendTest: (direction, address) => sendTestMessage(running, direction, address),
    ...(home && {
      directory: home.directory,
      access: home.access,
      webTicket: account => ticketOf(running, home, account),
      dkim: home.dkim,
      scripts: home.accounts.scripts,
      sieve: home.sieve,
      search: home.accounts.search,
      content: { accounts: home.accounts, learning: home.content.learning, refused: home.refused },
      watch: home.watch,
      login: (address: string, password: string) => home.authenticator.password(address, password, ownAttempt),
    }),
  }
}

function ticketOf(running: RunningRoles, { access }: RunningHome, account: AccountId): WebTicket | Refused {
  const origin = webOrigin(running)
  if (origin === undefined) return noWeb
  const { ticket, expiresInMs } = access.tickets.make(account)
  // behind the number sign: what stands there is sent to nobody and written into no log
  return { url: `${origin}/#ticket=${ticket}`, expiresInMs }
}

/** Where browsers find us: with TLS, else on this machine. */
function webOrigin({ around, listeners }: RunningRoles): string | undefined {
  const secure = listeners.find(({ service }) => service === 'https')
  if (secure) return `https://${around.config.hostname}${secure.port === 443 ? '' : `:${secure.port}`}`
  const plain = listeners.find(({ service }) => service === 'http')
  return plain && `http://127.0.0.1${plain.port === 80 ? '' : `:${plain.port}`}`
}

const noWeb: Refused = {
  refused: 'no-web',
  text: {
    en: 'this box has no web listener: add https under listen',
    ja: 'Webの待ち受けがありません。listen に https を加えてください',
  },
}

function queuesOf({ gateway, home }: RunningRoles): readonly NamedQueue[] {
  const queues: NamedQueue[] = []
  if (gateway) queues.push({ name: 'hold', queue: gateway.hold })
  if (home) queues.push({ name: 'outbound', queue: home.outbound })
  return queues
}
