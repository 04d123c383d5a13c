/** The gateway's relay for its home: listeners, who may use them, and the way out. */
import { join } from 'node:path'
import { maxGatewayTraceBytes } from '#mail/deliver/limits.ts'
import type { RecipientList } from '#mail/recipient-list.ts'
import { createRelayReceiver, type RelayReceiver } from '#mail/relay/receiver.ts'
import { openRelayedMemory } from '#mail/relay/recent.ts'
import { relayBudgetMs, relayVerdictTimeoutMs } from '#protocols/smtp/limits.ts'
import type { SmtpServerOptions } from '#protocols/smtp/options.ts'
import { serveSmtp } from '#protocols/smtp/server.ts'
import type { ConfiguredListener, Service } from './listeners.ts'
import { openMxWay } from './mx-way.ts'
import { peersOf } from './peers.ts'
import type { Surroundings } from './surroundings.ts'

export type RelayListener = Extract<ConfiguredListener, { service: 'relay' }>

export type OpenedRelay = {
  readonly service: (listener: RelayListener) => Service
  readonly state: RelayReceiver['state']
}

/** Undefined where no listener asks for it. */
export async function openRelay(
  around: Surroundings,
  list: RecipientList,
  scope: AsyncDisposableStack,
): Promise<OpenedRelay | undefined> {
  const { config, live, log, clock, events, certificates, folder, spool } = around
  if (!config.listen.some(({ service }) => service === 'relay')) return undefined
  const memory = scope.use(
    openRelayedMemory({ file: join(folder.path, 'relayed.db'), key: folder.deriveKey('relayed'), clock, log }),
  )
  const receiver = createRelayReceiver({
    memory,
    hostname: config.hostname,
    list,
    transport: await openMxWay(around, scope),
    budgetMs: relayBudgetMs,
    get atOnce() {
      return live.current.gateway.relay.atOnce
    },
    get recipientsPerHour() {
      return live.current.gateway.relay.recipientsPerHour
    },
    clock,
    log: log.with({ protocol: 'relay' }),
    events,
  })
  const tls = () => certificates.secureOptions({ requestCert: true })
  const options: SmtpServerOptions = {
    profile: 'relay',
    hostname: config.hostname,
    receiver,
    spool,
    encryptSpool: true,
    peers: { ...(await peersOf(config.gateway.relay.clients)), allowUnauthenticated: false },
    maxMessageBytes: config.limits.messageSize,
    timeouts: { verdictMs: relayVerdictTimeoutMs },
    log: log.with({ protocol: 'relay' }),
  }
  const service = (listener: RelayListener): Service => {
    const implicit = listener.tls === 'implicit'
    return {
      serve(connection, client, signal) {
        // with what home put before a message of the largest size
        const maxMessageBytes = live.current.limits.messageSize + maxGatewayTraceBytes
        return serveSmtp(connection, { ...options, ...(!implicit && { tls }), maxMessageBytes, client }, signal)
      },
      ...(implicit && { implicitTls: tls }),
    }
  }
  return { service, state: receiver.state }
}
