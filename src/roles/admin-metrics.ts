/** What a running box tells Prometheus. Read when asked for; nothing here costs anything in between. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { OpenedQueue } from '#mail/queue/open-queue.ts'
import { addRelayMetrics } from './relay-status.ts'
import type { RunningRoles } from './start.ts'

/** Databases of a data folder itself; each account's are its own. */
const databases = ['directory', 'hold', 'outbound', 'senders', 'trace']
const loopResolutionMs = 10

export function addMetrics(running: RunningRoles): Disposable {
  addQueueMetrics(running)
  addStoreMetrics(running)
  const { around, gateway, home, listeners } = running
  addRelayMetrics(around.metrics, { atHome: home?.relay, atGateway: gateway?.relay })
  const { metrics } = around
  metrics.gauge('hikyaku_sessions', 'Connections open now, by service', () => {
    const byService = Map.groupBy(listeners, listener => listener.service)
    return [...byService].map(([service, open]) => ({
      labels: { service },
      value: open.reduce((sum, listener) => sum + listener.connections(), 0),
    }))
  })
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
  return addLoopMetrics(running)
}

function addLoopMetrics({ around: { metrics } }: RunningRoles): Disposable {
  metrics.gauge('nodejs_eventloop_utilization', 'Share of time the main thread was busy, since start', () =>
    Number(performance.eventLoopUtilization().utilization.toFixed(4)),
  )
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs })
  delay.enable()
  metrics.gauge('nodejs_eventloop_delay_p99_seconds', 'Delay of the main thread since it was last asked for', () => {
    // the histogram counts its own sampling pause
    const seconds = Math.max(0, delay.percentile(99) / 1e9 - loopResolutionMs / 1e3)
    delay.reset()
    return Number(seconds.toFixed(6))
  })
  return { [Symbol.dispose]: () => void delay.disable() }
}

function addQueueMetrics({ around: { metrics, clock }, gateway, home }: RunningRoles): void {
  const queues: (readonly [name: string, queue: OpenedQueue])[] = []
  if (gateway) queues.push(['hold', gateway.hold])
  if (home) queues.push(['outbound', home.outbound])
  metrics.gauge('hikyaku_queue_messages', 'Messages waiting', () =>
    queues.map(([queue, { depth }]) => ({ labels: { queue }, value: depth })),
  )
  metrics.gauge('hikyaku_queue_oldest_age_seconds', 'How long the oldest message has waited', () =>
    queues.map(([queue, { oldestAt }]) => ({
      labels: { queue },
      value: oldestAt === undefined ? 0 : Math.max(0, Math.round((clock.now() - oldestAt) / 1000)),
    })),
  )
  if (home) {
    const { content } = home
    metrics.gauge('hikyaku_scanner_up', '1 when the scanner answered last, 0 when it did not', () =>
      content.scanners().map(({ name, absentSince }) => ({
        labels: { scanner: name },
        value: absentSince === undefined ? 1 : 0,
      })),
    )
    metrics.gauge(
      'hikyaku_junk_lessons_waiting',
      'Accounts that have something to teach their junk filter',
      () => content.learning.waiting,
    )
  }
  if (gateway)
    metrics.gauge('hikyaku_home_up', '1 when home answered last, 0 when it did not', () =>
      gateway.home.isUp === false ? 0 : 1,
    )
}

function addStoreMetrics({ around: { metrics, folder }, home }: RunningRoles): void {
  metrics.gauge('hikyaku_wal_bytes', 'Write-ahead log of each database of the box', () =>
    databases.flatMap(database => {
      const value = sizeOf(join(folder.path, `${database}.db-wal`))
      return value === undefined ? [] : [{ labels: { database }, value }]
    }),
  )
  if (!home) return
  const { accounts } = home
  metrics.gauge(
    'hikyaku_store_threads_down',
    'Threads of the account store that are being replaced',
    () => accounts.threadsDown,
  )
  metrics.gauge(
    'hikyaku_search_lag_messages',
    'Messages at most that are not in the search index yet; searches read them instead',
    () => accounts.searchLag.emails,
  )
  metrics.gauge(
    'hikyaku_search_documents_waiting',
    'Messages whose attached documents have not been read for searching yet',
    () => accounts.searchLag.documents,
  )
  metrics.gauge('hikyaku_commits', 'Commits to account databases since the start', () => accounts.commits.count)
  metrics.gauge(
    'hikyaku_committed_operations',
    'Operations in these commits: more than one a commit where many write at once',
    () => accounts.commits.operations,
  )
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}
