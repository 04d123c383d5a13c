/**
 * The way to one scanner: so many at once, each with a deadline, one question a message however many its recipients. A scanner that
 * does not answer has a state, told once when it begins and once when it ends; meanwhile one message at a time tries it.
 */
import type { Clock } from '#base/clock.ts'
import { deadline } from '#base/deadline.ts'
import type { Log } from '#base/log.ts'
import { type BoundedWork, boundedWork } from '../passwords/bounded-work.ts'
import {
  maxPoisonInARow,
  maxWaitingScans,
  rememberedScans,
  scannerPingMs,
  scannerRetryMs,
  scanRememberedMs,
} from './limits.ts'
import { type MessageToScan, NotScanned, type ScanFinding, type Scanner } from './scanner.ts'

export type ScannerSettings = {
  readonly deadlineMs: number
  readonly atOnce: number
  readonly whenAbsent: 'deliver' | 'defer'
}

export type ScanOutcome =
  | { readonly kind: 'found'; readonly finding: ScanFinding }
  | { readonly kind: 'not-scanned'; readonly why: string }
  | { readonly kind: 'absent'; readonly why: string }

export type ScannerState = {
  readonly name: Scanner['name']
  /** Milliseconds since 1970 */
  readonly absentSince: number | undefined
  readonly why: string
}

export class ScannerGate {
  readonly #scanner: Scanner
  readonly #log: Log
  readonly #clock: Clock
  readonly #work: BoundedWork
  readonly #settings: () => ScannerSettings | undefined
  /** By what the answer depends on; the oldest first */
  readonly #answers = new Map<string, { readonly at: number; readonly outcome: Promise<ScanOutcome> }>()
  /** When it last answered, monotonic */
  #answeredAt = Number.NEGATIVE_INFINITY
  /** Messages that it has failed with since it last answered, by key: few */
  readonly #poison = new Set<string>()
  #absent: { readonly since: number; readonly why: string; retryAt: number } | undefined

  constructor(
    scanner: Scanner,
    settings: () => ScannerSettings | undefined,
    around: { readonly log: Log; readonly clock: Clock },
  ) {
    this.#scanner = scanner
    this.#settings = settings
    this.#log = around.log
    this.#clock = around.clock
    // read again for each message, as a reload may change it
    this.#work = boundedWork({
      get atOnce() {
        return settings()?.atOnce ?? 1
      },
      maxWaiting: maxWaitingScans,
    })
  }

  get name(): Scanner['name'] {
    return this.#scanner.name
  }

  get state(): ScannerState {
    return { name: this.name, absentSince: this.#absent?.since, why: this.#absent?.why ?? '' }
  }

  /** Undefined while it is not to be asked */
  get settings(): ScannerSettings | undefined {
    return this.#settings()
  }

  /** Never rejects. */
  scan(message: MessageToScan, hash: string, settings: ScannerSettings): Promise<ScanOutcome> {
    const key = this.#scanner.keyOf(message, hash)
    const now = this.#clock.monotonic()
    const known = this.#answers.get(key)
    if (known && now - known.at < scanRememberedMs) return known.outcome
    const outcome = this.#ask(message, key, now, settings)
    this.#answers.set(key, { at: now, outcome })
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= rememberedScans) break
      this.#answers.delete(oldest)
    }
    // another try may find it there
    void outcome.then(({ kind }) => kind === 'absent' && this.#answers.delete(key))
    return outcome
  }

  async #ask(message: MessageToScan, key: string, now: number, settings: ScannerSettings): Promise<ScanOutcome> {
    if (this.#absent) {
      if (now < this.#absent.retryAt) return { kind: 'absent', why: this.#absent.why }
      this.#absent.retryAt = now + scannerRetryMs + settings.deadlineMs
    }
    const { deadlineMs } = settings
    try {
      const finding = await this.#work.run(async () => {
        using limit = deadline(new AbortController().signal, deadlineMs)
        return await this.#scanner.scan(message, limit.signal)
      }, deadlineMs)
      this.#isThere()
      return { kind: 'found', finding }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (!(error instanceof NotScanned)) {
        // A message that it cannot bear says nothing of it, or one in five seconds would keep all unscanned
        if (this.#answeredAt > now || (await this.#bearsOthers(key, now))) return { kind: 'absent', why }
        return this.#isAbsent(why, settings)
      }
      this.#isThere()
      return { kind: 'not-scanned', why }
    }
  }

  /** It answers a ping, or a message of others meanwhile; not after too many messages that it did not answer. */
  async #bearsOthers(key: string, began: number): Promise<boolean> {
    if (this.#absent || !this.#scanner.ping) return false
    this.#poison.add(key)
    if (this.#poison.size >= maxPoisonInARow) return false
    try {
      using limit = deadline(new AbortController().signal, scannerPingMs)
      await this.#scanner.ping(limit.signal)
      return true
    } catch {
      return this.#answeredAt > began
    }
  }

  #isAbsent(why: string, { whenAbsent }: ScannerSettings): ScanOutcome {
    const retryAt = this.#clock.monotonic() + scannerRetryMs
    if (this.#absent) this.#absent.retryAt = retryAt
    else {
      this.#poison.clear()
      this.#absent = { since: this.#clock.now(), why, retryAt }
      const fate = whenAbsent === 'defer' ? 'mail is deferred' : 'mail is delivered without it'
      this.#log.warn(`A scanner does not answer; until it does, ${fate}`, { scanner: this.name, error: why })
    }
    return { kind: 'absent', why }
  }

  #isThere(): void {
    this.#answeredAt = this.#clock.monotonic()
    this.#poison.clear()
    if (!this.#absent) return
    const { since } = this.#absent
    this.#absent = undefined
    this.#log.info('A scanner answers again', { scanner: this.name, absentMs: this.#clock.now() - since })
  }
}
