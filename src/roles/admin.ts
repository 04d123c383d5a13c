/** The doors of administration of a running box: the socket in its data folder, and the health pages where listeners ask for them. */
import { join } from 'node:path'
import type { Log } from '#base/log.ts'
import { renewOwnCertificate } from './admin-certificates.ts'
import { addMetrics } from './admin-metrics.ts'
import { ownAttempt } from './admin-offline.ts'
import type { AdminServices, NamedQueue } from './admin-operation.ts'
import { serveAdmin, serveHealth } from './admin-socket.ts'
import { sendTestMessage } from './admin-test-message.ts'
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
      dkim: home.dkim,
      scripts: home.accounts.scripts,
      sieve: home.sieve,
      content: { accounts: home.accounts, learning: home.content.learning, refused: home.refused },
      watch: home.watch,
      login: (address: string, password: string) => home.authenticator.password(address, password, ownAttempt),
    }),
  }
}

function queuesOf({ gateway, home }: RunningRoles): readonly NamedQueue[] {
  const queues: NamedQueue[] = []
  if (gateway) queues.push({ name: 'hold', queue: gateway.hold })
  if (home) queues.push({ name: 'outbound', queue: home.outbound })
  return queues
}
