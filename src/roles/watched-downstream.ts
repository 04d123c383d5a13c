/**
 * Knows whether home answers: the first answer after a silence wakes the hold, and while mail waits and home is silent it is asked
 * every few seconds, so that waiting mail leaves at once when home is back.
 */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { DeliveryFacts, Downstream } from '#mail/downstream.ts'
import type { DeliveryId } from '#mail/ids.ts'

const probeEveryMs = 2_000
const probeBudgetMs = 5_000

export type WatchedDownstream = Downstream &
  Disposable & {
    readonly isUp: boolean | undefined
    /** Milliseconds since 1970, of the last answer */
    readonly lastSeenAt: number | undefined
  }

export type WatchOptions = {
  readonly origin: string
  readonly boot: number
  readonly waiting: () => number
  readonly onBack: () => void
  readonly clock: Clock
  readonly log: Log
}

export function watchDownstream(downstream: Downstream, options: WatchOptions): WatchedDownstream {
  let isUp: boolean | undefined
  let lastSeenAt: number | undefined
  let probing = false

  function seen(answered: boolean): void {
    const before = isUp
    isUp = answered
    if (answered) lastSeenAt = options.clock.now()
    if (before === answered) return
    if (answered) options.log.info('Home answers', { waiting: options.waiting() })
    else options.log.warn('NET-LINK: home does not answer; mail is held', {})
    if (answered) options.onBack()
  }

  async function probe(): Promise<void> {
    if (probing || isUp !== false || options.waiting() === 0) return
    probing = true
    try {
      const envelope = { reversePath: '', recipients: [], body: '7BIT', smtpUtf8: false } as const
      const home = await downstream.open(envelope, probeFacts(options), undefined, AbortSignal.timeout(probeBudgetMs))
      home?.close()
      if (home) seen(true)
    } catch {
      // still away
    } finally {
      probing = false
    }
  }

  const timer = setInterval(() => void probe(), probeEveryMs)
  timer.unref()
  return {
    get isUp() {
      return isUp
    },
    get lastSeenAt() {
      return lastSeenAt
    },
    async open(envelope, facts, declaredSize, signal) {
      const home = await downstream.open(envelope, facts, declaredSize, signal)
      seen(home !== undefined)
      return home
    },
    settle: settled => downstream.settle(settled),
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** Nothing is sent under this id: the transaction ends before its first recipient. */
function probeFacts({ origin, boot, clock }: WatchOptions): DeliveryFacts {
  return {
    attempt: { id: `${origin}.${boot.toString(36)}.probe` as DeliveryId, origin, boot, gone: [], confirmed: false },
    clientAddress: '',
    helo: '',
    tls: undefined,
    receivedAt: clock.now(),
    held: true,
  }
}
