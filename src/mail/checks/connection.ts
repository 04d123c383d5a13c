/** The connection stage as a whole: who may come in, and for each who did a visit that finds out the rest. */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { networkSet, type NetworkSet } from '#base/network-set.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import type { Events } from '../events.ts'
import type { NameServer } from '../name-server.ts'
import type { SessionFacts } from '../receiving.ts'
import type { Arrival, Visit, Visitors } from '../visitors.ts'
import { isLocalAddress } from './exempt.ts'
import { type DnsLists, openDnsLists } from './dns-lists.ts'
import { rememberedFailureMs, rememberedMs } from './limits.ts'
import { type Entrance, NetworkLimits, type Refused } from './network-limits.ts'
import { Remembered } from './remembered.ts'
import { type ReverseFinding, reverseName } from './reverse-name.ts'
import type { SenderMemory } from './sender-memory.ts'
import type { ConnectionSettings } from './settings.ts'
import { ConnectionVisit, type VisitParts } from './visit.ts'

export type ConnectionChecksOptions = {
  /** Read for each connection and recipient; the same object until they change */
  readonly settings: () => ConnectionSettings
  readonly names: NameServer
  readonly memory: SenderMemory
  readonly isOurs: (name: string) => boolean
  readonly spf?: VisitParts['spf']
  readonly clock: Clock
  readonly log: Log
  readonly events: Pick<Events, 'record'>
  /** For the metrics: which check came to which verdict */
  readonly count?: (check: string, verdict: string) => void
}

export type ConnectionChecks = Visitors & {
  /** Lists that are not believed now */
  readonly troubledLists: DnsLists['troubled']
  /** Entries of each bounded table */
  readonly sizes: Readonly<Record<string, number>>
}

export function createConnectionChecks(options: ConnectionChecksOptions): ConnectionChecks {
  const { settings, names, clock, log, events, memory, count = () => undefined } = options
  const lists = openDnsLists(names, clock, log)
  const limits = new NetworkLimits(clock)
  const visits = new Map<string, Visit>()
  const waiting = { count: 0 }
  const reverses = new Remembered<ReverseFinding>(clock, ({ result }) =>
    result === 'temperror' ? rememberedFailureMs : rememberedMs,
  )
  const reverse: VisitParts['reverse'] = address => {
    // Shared by all visits of the address: one that leaves does not end it
    const forAll = new AbortController().signal
    return reverses.ask(address, () => reverseName(address, names, settings().dnsTimeoutMs, forAll))
  }
  const isExempt = exemption(settings)
  let localTold = false

  function refused(session: SessionFacts, { why, network, isFirst }: Refused): Arrival {
    count('rate', why)
    const reply = smtpReply(421, '4.7.0', `Too many connections from ${network}; try again later`)
    if (isFirst) {
      const detail = { check: 'rate', why, network }
      events.record({ at: clock.now(), kind: 'refused', session: session.id, client: session.clientAddress, detail })
      log.warn('Connections of a network are refused for a while', { client: session.clientAddress, why, network })
    }
    return { kind: 'refused', reply }
  }

  /** A load balancer that does not say whom it brings makes one client of all: worth a word, once. */
  function tellOfLocal({ clientAddress, via }: SessionFacts): void {
    if (localTold || via !== undefined || !isLocalAddress(clientAddress) || isLoopback(clientAddress)) return
    localTold = true
    log.warn(
      'MX-LOCAL: mail from the internet seems to come from a local address, so no sender can be told from another; if that is a load balancer, let it speak the PROXY protocol and name it in listen[].proxy',
      { client: clientAddress },
    )
  }

  return {
    arrive(session) {
      const { clientAddress, id } = session
      // A balancer that looks whether we live (LOCAL, UNKNOWN) must not be told that it looks too often
      const exempt = clientAddress === session.via || isExempt(clientAddress)
      let entrance: Entrance | undefined
      if (!exempt && !isLoopback(clientAddress)) {
        const entered = limits.enter(clientAddress, settings())
        if (entered.kind === 'refused') return refused(session, entered)
        entrance = entered
        tellOfLocal(session)
      }
      const visit = new ConnectionVisit(session, exempt, entrance, {
        settings,
        lists,
        reverse,
        memory,
        isOurs: options.isOurs,
        spf: options.spf ?? (async () => undefined),
        count,
        waiting,
        onLeave: () => visits.delete(id),
      })
      visits.set(id, visit)
      return { kind: 'open', visit }
    },
    visit: id => visits.get(id),
    get troubledLists() {
      return lists.troubled
    },
    get sizes() {
      return {
        visits: visits.size,
        networks: limits.size,
        'list-answers': lists.remembered,
        'reverse-names': reverses.size,
        'greylist-attempts': memory.sizes.attempts,
        'known-senders': memory.sizes.known,
      }
    },
  }
}

/** The set is built once for each configuration. */
function exemption(settings: () => ConnectionSettings): (address: string) => boolean {
  let read: readonly string[] | undefined
  let set: NetworkSet | undefined
  return address => {
    const { exempt } = settings()
    if (exempt !== read || !set) set = networkSet((read = exempt))
    return set.has(address)
  }
}

function isLoopback(address: string): boolean {
  return address === '' || address === '::1' || address.startsWith('127.')
}
