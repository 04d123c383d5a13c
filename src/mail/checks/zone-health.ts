/** Whether a list in the DNS may be believed: its test entries (RFC 5782 §5), and what it said since. */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { NameServer } from '../name-server.ts'
import { zoneCheckMs, zoneRetryMs } from './limits.ts'

export type ZoneState =
  | 'sound'
  /** It could not be asked: nothing it says comes through anyway */
  | 'silent'
  /** 127.0.0.1 is listed, so everybody may be */
  | 'lists-everything'
  /** 127.0.0.2 is not listed: this is no list (any more) */
  | 'lists-nothing'
  /** It answered with something that is no answer: outside 127.0.0.0/8, or words to our name server */
  | 'complains'

export type ZoneHealth = {
  /** Asks where it is not known; never rejects. */
  isSound(zone: string, kind: 'deny' | 'allow'): Promise<boolean>
  /** Without asking */
  isTroubled(zone: string): boolean
  complain(zone: string, answer: string): void
  readonly troubled: readonly { readonly zone: string; readonly state: ZoneState }[]
}

type Known = {
  readonly state: Promise<ZoneState>
  current: ZoneState | undefined
  checkAgainAt: number
  complained?: true
}

export function openZoneHealth(names: NameServer, clock: Clock, log: Log): ZoneHealth {
  // as many as the configuration names
  const zones = new Map<string, Known>()

  async function test(zone: string, kind: 'deny' | 'allow'): Promise<ZoneState> {
    const [never, always] = await Promise.all([names.a(`1.0.0.127.${zone}`), names.a(`2.0.0.127.${zone}`)])
    if (never.kind === 'found') return 'lists-everything'
    if (never.kind === 'temporary' || always.kind === 'temporary') return 'silent'
    // An allow list without its test entry does no harm
    return always.kind === 'none' && kind === 'deny' ? 'lists-nothing' : 'sound'
  }

  function settle(zone: string, known: Known, state: ZoneState): void {
    known.checkAgainAt = clock.monotonic() + (state === 'silent' ? zoneRetryMs : zoneCheckMs)
    const before = known.current
    known.current = state
    if (state === before || state === 'sound') return
    log.warn('DNSBL-IGNORED: a list does not answer as a list does, and is not asked until it does', { zone, state })
  }

  return {
    async isSound(zone, kind) {
      let known = zones.get(zone)
      if (!known || clock.monotonic() >= known.checkAgainAt) {
        const next: Known = {
          state: test(zone, kind),
          current: known?.current,
          checkAgainAt: Number.POSITIVE_INFINITY,
        }
        zones.set(zone, next)
        known = next
        const state = await next.state
        settle(zone, next, state === 'sound' && next.complained ? 'complains' : state)
        return next.current === 'sound'
      }
      await known.state
      return known.current === 'sound'
    },
    isTroubled: zone => !['sound', undefined].includes(zones.get(zone)?.current),
    complain(zone, answer) {
      const known = zones.get(zone)
      if (!known) return
      known.complained = true
      log.warn('DNSBL-ANSWER: a list answered with what is no listing', { zone, answer })
      // the test entries have more to tell than a single answer, also while they are asked for
      if (known.current === 'sound') settle(zone, known, 'complains')
    },
    get troubled() {
      return [...zones].flatMap(([zone, { current }]) =>
        current === undefined || current === 'sound' ? [] : [{ zone, state: current }],
      )
    },
  }
}
