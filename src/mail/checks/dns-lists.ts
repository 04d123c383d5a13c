/**
 * Lists of addresses in the DNS, those who should not send (deny) and those who may (allow). RFC 5782
 *
 * A list is believed only while it has the test entries of §5 (127.0.0.2 and not 127.0.0.1): one whose domain was sold, or that refuses our
 * name server, answers for everybody. What it says outside 127.0.0.0/8 is no answer at all (§2.1).
 */
import ipaddr from 'ipaddr.js'
import { networkSet } from '#base/network-set.ts'
import type { Clock } from '#base/clock.ts'
import { deadline } from '#base/deadline.ts'
import type { Log } from '#base/log.ts'
import type { NameServer } from '../name-server.ts'
import { maxAnswers, maxReasonCharacters, rememberedFailureMs, rememberedMs } from './limits.ts'
import { Remembered } from './remembered.ts'
import { openZoneHealth, type ZoneState } from './zone-health.ts'

export type DnsListSettings = {
  /** A-labels, lower case: `bl.example.net` */
  readonly zone: string
  readonly kind: 'deny' | 'allow'
  /** Networks inside 127.0.0.0/8 that count; empty: all answers do */
  readonly answers: readonly string[]
  /** Of a deny list: refuse at RCPT, or only tell home */
  readonly action: 'reject' | 'score'
  /** Against the sender when positive */
  readonly points: number
}

export type Listed = {
  readonly list: DnsListSettings
  /** Sorted */
  readonly answers: readonly string[]
  /** The list's own words (TXT), printable ASCII; undefined where it has none, or they did not come in time */
  readonly reason: string | undefined
}

export type DnsLists = {
  /** Never rejects: a list that does not answer in time has not listed the address. */
  look(
    address: string,
    lists: readonly DnsListSettings[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<readonly Listed[]>
  /** Lists that are not believed now, with the reason: for the status page and the log */
  readonly troubled: readonly { readonly zone: string; readonly state: ZoneState }[]
  readonly remembered: number
}

type Answer = { readonly kind: 'listed'; readonly answers: readonly string[] } | { readonly kind: 'clear' | 'unknown' }

const loopback = networkSet(['127.0.0.0/8'])
/** Words to whoever asks, not about the address asked for: blocked resolvers and quotas (as some large lists say it) */
const complaints = networkSet(['127.255.255.0/24', '127.0.0.1/32'])

export function openDnsLists(names: NameServer, clock: Clock, log: Log): DnsLists {
  const known = new Remembered<Answer>(clock, answer =>
    answer.kind === 'unknown' ? rememberedFailureMs : rememberedMs,
  )
  const health = openZoneHealth(names, clock, log)

  async function ask(zone: string, address: string): Promise<Answer> {
    const found = await names.a(queryName(address, zone))
    if (found.kind === 'none') return { kind: 'clear' }
    if (found.kind === 'temporary') return { kind: 'unknown' }
    const wrong = found.value.find(one => !loopback.has(one) || complaints.has(one))
    if (wrong !== undefined) health.complain(zone, wrong)
    const answers = found.value
      .filter(one => loopback.has(one) && !complaints.has(one))
      .slice(0, maxAnswers)
      .toSorted()
    return answers.length > 0 ? { kind: 'listed', answers } : { kind: 'unknown' }
  }

  async function lookIn(list: DnsListSettings, address: string, signal: AbortSignal): Promise<Listed | undefined> {
    const { zone } = list
    const soundness = health.isSound(zone, list.kind)
    // one that is known not to be believed is not asked; else side by side
    const answer = health.isTroubled(zone) ? undefined : known.ask(`${zone} ${address}`, () => ask(zone, address))
    if (!(await soundness) || !answer) return undefined
    const listed = await answer
    if (listed.kind !== 'listed' || signal.aborted || health.isTroubled(zone)) return undefined
    const counted = networkSet(list.answers)
    const answers = listed.answers.filter(one => counted.isEmpty || counted.has(one))
    if (answers.length === 0) return undefined
    const reason = list.kind === 'deny' && list.action === 'reject' ? await wordsOf(list, address, signal) : undefined
    return { list, answers, reason }
  }

  async function wordsOf({ zone }: DnsListSettings, address: string, signal: AbortSignal): Promise<string | undefined> {
    const words = await names.txt(queryName(address, zone), signal)
    const [first] = words.kind === 'found' ? words.value : []
    return first === undefined ? undefined : printable(first)
  }

  return {
    async look(address, lists, timeoutMs, signal) {
      using limit = deadline(signal, timeoutMs)
      const late = new Promise<undefined>(resolve => limit.signal.addEventListener('abort', () => resolve(undefined)))
      if (limit.signal.aborted) return []
      const found = await Promise.all(lists.map(list => Promise.race([lookIn(list, address, limit.signal), late])))
      return found.filter(one => one !== undefined)
    },
    get troubled() {
      return health.troubled
    },
    get remembered() {
      return known.size
    },
  }
}

/** `192.0.2.99` in `bl.example.net` → `99.2.0.192.bl.example.net`; IPv6 by nibbles. RFC 5782 §2.1, §2.4 */
export function queryName(address: string, zone: string): string {
  const parsed = ipaddr.process(address)
  const bytes = parsed.toByteArray()
  const labels =
    parsed.kind() === 'ipv4'
      ? bytes.map(byte => byte.toString())
      : bytes.flatMap(byte => [(byte >> 4).toString(16), (byte & 0x0f).toString(16)])
  return `${labels.toReversed().join('.')}.${zone}`
}

/** What a stranger's zone says must not end our reply's line or fill it. */
function printable(words: string): string | undefined {
  const plain = words
    .replaceAll(/[^ -~]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
    .slice(0, maxReasonCharacters)
  return plain === '' ? undefined : plain
}
