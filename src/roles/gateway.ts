/** The gateway: takes letters in on port 25, hands them to home while the sender waits, and keeps in its hold what home cannot take now. */
import { join } from 'node:path'
import { networkSet } from '#base/network-set.ts'
import type { Downstream } from '#mail/downstream.ts'
import { createGatewayReceiver } from '#mail/receive.ts'
import { createConfirmedHolds, holdTransport } from '#mail/receive/hold.ts'
import { type OpenedQueue, openQueue } from '#mail/queue/open-queue.ts'
import type { MessageReceiver } from '#mail/receiving.ts'
import type { RecipientList } from '#mail/recipient-list.ts'
import { openRecipientList } from '#mail/recipient-list-reader.ts'
import { serveSmtp } from '#protocols/smtp/server.ts'
import type { SmtpServerOptions } from '#protocols/smtp/options.ts'
import type { ConnectionChecks } from '#mail/checks/connection.ts'
import { openConnectionChecks } from './connection-checks.ts'
import { authenticityCheck } from './authenticity.ts'
import { LearnedRecipients, listenedTo } from './learned-recipients.ts'
import { openLink } from './link.ts'
import type { ConfiguredListener, Service } from './listeners.ts'
import { openRelay, type OpenedRelay } from './relay.ts'
import { domainsOnly } from './static-recipient-list.ts'
import type { Surroundings } from './surroundings.ts'
import { type WatchedDownstream, watchDownstream } from './watched-downstream.ts'

export type RunningGateway = {
  readonly hold: OpenedQueue
  readonly list: RecipientList
  readonly home: WatchedDownstream
  readonly receiver: MessageReceiver
  readonly checks: ConnectionChecks
  /** Undefined where it does not relay for a home */
  readonly relay: OpenedRelay['state'] | undefined
  readonly services: (listener: ConfiguredListener) => Service | undefined
}

/** `home`: the other role in this process; a socket otherwise. */
export async function startGateway(
  around: Surroundings,
  home: Downstream | undefined,
  scope: AsyncDisposableStack,
): Promise<RunningGateway> {
  const { config, live, log, clock, events, folder } = around
  const { name } = config.gateway
  const reached = home ?? (await openLink(around, scope))
  const confirmedHolds = createConfirmedHolds()
  const learned = new LearnedRecipients()
  const watched = scope.use(
    watchDownstream(listOf(around) === undefined ? listenedTo(reached, learned) : reached, {
      origin: name,
      boot: folder.boot,
      waiting: () => hold.depth,
      onBack: () => hold.wake(),
      clock,
      log,
    }),
  )
  const transportFor = holdTransport({ downstream: watched, confirmedHolds })
  const hold: OpenedQueue = scope.use(
    await openQueue({
      file: join(folder.path, 'hold.db'),
      spoolFolder: join(folder.path, 'hold'),
      name: 'hold',
      destinationOf: () => 'home',
      transportFor: (_destination, message) => transportFor(message),
      clock,
      log: log.with({ queue: 'hold' }),
      events,
      diskReserveBytes: config.home.accounts.diskReserve,
    }),
  )
  const list = await recipientList(around, learned, scope)
  const checks = openConnectionChecks(around, list, scope)
  const authenticity = authenticityCheck(around)
  const receiver = createGatewayReceiver({
    visitors: checks,
    get authenticity() {
      return live.current.gateway.checks.authenticity.enabled ? authenticity : undefined
    },
    name,
    boot: folder.boot,
    hostname: config.hostname,
    list,
    downstream: watched,
    queue: hold,
    confirmedHolds,
    fingerprintKey: folder.deriveKey('fingerprint'),
    clock,
    log,
    events,
    get sizeLimitBytes() {
      return live.current.limits.messageSize
    },
    get maxRecipients() {
      return live.current.limits.recipients
    },
    get slowAfterMs() {
      return live.current.gateway.slowAfter
    },
    get holdMs() {
      return live.current.gateway.hold
    },
  })
  const mx = mxService(around, receiver, checks)
  const relay = await openRelay(around, list, scope)
  const services = (listener: ConfiguredListener) => {
    if (listener.service === 'relay') return relay?.service(listener)
    return listener.service === 'mx' ? mx : undefined
  }
  return { hold, list, home: watched, receiver, checks, relay: relay?.state, services }
}

async function recipientList(
  around: Surroundings,
  learned: LearnedRecipients,
  scope: AsyncDisposableStack,
): Promise<RecipientList> {
  const { live, clock, log } = around
  const file = listOf(around)
  if (file === undefined) return domainsOnly(() => live.current.gateway.domains, learned)
  return scope.use(await openRecipientList(file, { clock, log }))
}

/** The file that home writes; without one we learn from what it says. */
function listOf({ config }: Surroundings): string | undefined {
  return config.gateway.recipientsFile ?? config.home.recipientsFile
}

function mxService(around: Surroundings, receiver: MessageReceiver, visitors: ConnectionChecks): Service {
  const { config, live, log, certificates, spool } = around
  const options: SmtpServerOptions = {
    profile: 'mx',
    hostname: config.hostname,
    receiver,
    visitors,
    isTrustedProxy: address => networkSet(live.current.gateway.checks.xclientFrom).has(address),
    spool,
    encryptSpool: true,
    maxMessageBytes: config.limits.messageSize,
    log: log.with({ protocol: 'smtp' }),
    ...(certificates.report().some(one => one.served !== undefined) && { tls: () => certificates.secureOptions() }),
  }
  return {
    serve(connection, client, signal) {
      const { messageSize, recipients } = live.current.limits
      return serveSmtp(
        connection,
        { ...options, maxMessageBytes: messageSize, maxRecipients: recipients, client },
        signal,
      )
    },
  }
}
