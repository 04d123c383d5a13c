/** The doors of administration of a running box: the socket in its data folder, and the health pages where listeners ask for them. */
import { join } from 'node:path'
import type { Log } from '#base/log.ts'
import { createMetrics, type MetricsRegistry } from '#base/metrics.ts'
import { renewOwnCertificate } from './admin-certificates.ts'
import { ownAttempt } from './admin-offline.ts'
import type { AdminServices, NamedQueue } from './admin-operation.ts'
import { serveAdmin, serveHealth } from './admin-socket.ts'
import { sendTestMessage } from './admin-test-message.ts'
import type { RunningRoles } from './start.ts'
import { boxName } from './surroundings.ts'

export async function startAdmin(running: RunningRoles, log: Log): Promise<AsyncDisposable> {
  await using scope = new AsyncDisposableStack()
  const { config, folder } = running.around
  scope.use(renewOwnCertificate(running.around))
  const services = servicesOf(running)
  scope.use(await serveAdmin(services, join(folder.path, 'admin.sock'), log))
  const metrics = metricsOf(running, services.queues)
  for (const listener of config.listen) {
    if (listener.service !== 'admin') continue
    const { address, port } = listener
    scope.use(await serveHealth({ host: address, port, metrics, notReady: () => undefined }))
  }
  return scope.move()
}

function servicesOf(running: RunningRoles): AdminServices {
  const { around, home } = running
  return {
    box: boxName(around.config),
    config: around.config,
    queues: queuesOf(running),
    events: around.events,
    status: () => running.status(),
    certificates: () => around.certificates.report(),
    sendTest: (direction, address) => sendTestMessage(running, direction, address),
    ...(home && {
      directory: home.directory,
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

function metricsOf(running: RunningRoles, queues: readonly NamedQueue[]): MetricsRegistry {
  const { around } = running
  const metrics = createMetrics()
  metrics.gauge('hikyaku_queue_messages', 'Messages waiting', () =>
    queues.map(({ name, queue }) => ({ labels: { queue: name }, value: queue.depth })),
  )
  metrics.gauge('hikyaku_certificate_expiry_seconds', 'When the served certificate ends, seconds since 1970', () =>
    around.certificates
      .report()
      .flatMap(({ files, notAfter }) =>
        notAfter === undefined ? [] : [{ labels: { cert: files.cert }, value: Math.floor(notAfter / 1000) }],
      ),
  )
  metrics.gauge('process_start_time_seconds', 'Start of the process, seconds since 1970', () =>
    Math.floor(around.startedAt / 1000),
  )
  metrics.gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss())
  metrics.gauge('nodejs_eventloop_utilization', 'Share of time the main thread was busy, since start', () =>
    Number(performance.eventLoopUtilization().utilization.toFixed(4)),
  )
  return metrics
}
