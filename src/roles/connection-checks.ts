/** The connection stage of the gateway, cut from the configuration as it was last read. */
import { join } from 'node:path'
import type { Config } from '#config/schema.ts'
import { createSpfCheck } from '#mail/authenticity/judge.ts'
import { namesOf } from '#mail/authenticity/names.ts'
import { type ConnectionChecks, createConnectionChecks } from '#mail/checks/connection.ts'
import type { DnsListSettings } from '#mail/checks/dns-lists.ts'
import { openSenderMemory } from '#mail/checks/sender-memory.ts'
import type { ConnectionSettings } from '#mail/checks/settings.ts'
import type { RecipientList } from '#mail/recipient-list.ts'
import { nameServerOf } from './name-server.ts'
import type { Surroundings } from './surroundings.ts'

export function openConnectionChecks(
  around: Surroundings,
  list: RecipientList,
  scope: AsyncDisposableStack,
): ConnectionChecks {
  const { live, folder, clock, log, events, metrics, resolver } = around
  const memory = scope.use(
    openSenderMemory({ file: join(folder.path, 'senders.db'), key: folder.deriveKey('senders'), clock, log }),
  )
  const counter = metrics.counter('hikyaku_connection_checks_total', 'What came of the checks of connections')
  const names = nameServerOf(resolver)
  const spf = createSpfCheck({ names: namesOf(names), clock, hostname: around.config.hostname })
  const checks = createConnectionChecks({
    settings: settingsOf(() => live.current),
    names,
    memory,
    spf: async ({ clientAddress, helo = '' }, reversePath) => {
      const { authenticity, dnsTimeout } = live.current.gateway.checks
      return authenticity.enabled ? spf({ clientAddress, helo, reversePath }, dnsTimeout) : undefined
    },
    isOurs: name => name === live.current.hostname || list.domains.includes(name),
    clock,
    log: log.with({ protocol: 'smtp' }),
    events,
    count: (check, verdict) => counter.add(1, { check, verdict }),
  })
  metrics.gauge('hikyaku_connection_check_entries', 'Entries of the bounded tables of the connection stage', () =>
    Object.entries(checks.sizes).map(([table, value]) => ({ labels: { table }, value })),
  )
  metrics.gauge(
    'hikyaku_dns_lists_ignored',
    'DNS lists that do not answer as lists do',
    () => checks.troubledLists.length,
  )
  return checks
}

/** The same object until the configuration is read again. */
function settingsOf(current: () => Config): () => ConnectionSettings {
  let read: Config | undefined
  let settings: ConnectionSettings | undefined
  return () => {
    const config = current()
    if (config !== read || !settings) settings = connectionSettings((read = config))
    return settings
  }
}

function connectionSettings({ gateway: { checks } }: Config): ConnectionSettings {
  const deny = checks.denyLists.map((list): DnsListSettings => ({ ...list, kind: 'deny' }))
  const allow = checks.allowLists.map(
    ({ points, ...list }): DnsListSettings => ({ ...list, kind: 'allow', action: 'score', points: -points }),
  )
  return {
    // What a proxy is itself says nothing; whom it names is judged
    exempt: [...checks.exempt, ...checks.xclientFrom],
    lists: [...deny, ...allow],
    helo: checks.helo,
    earlyTalkers: checks.earlyTalkers,
    greetingDelayMs: checks.greetingDelay,
    connectionsPerNetwork: checks.connectionsPerNetwork,
    connectionsPerMinute: checks.connectionsPerMinute,
    unknownRecipients: checks.unknownRecipients,
    greylist: checks.greylist,
    greylistDelayMs: checks.greylistDelay,
    greylistWindowMs: checks.greylistWindow,
    dnsTimeoutMs: checks.dnsTimeout,
  }
}
