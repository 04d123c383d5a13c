/**
 * Who has sent before, and who was asked to come again: durable, bounded, and naming nobody (keyed hashes). What cannot be read is
 * `undefined`: nobody is held up because of our own disk.
 */
import type { Clock } from '#base/clock.ts'
import { hmacSha256 } from '#base/hmac.ts'
import type { Log } from '#base/log.ts'
import { type AttemptAnswer, openSendersStore, type SendersStore } from '#store/senders/senders-store.ts'
import {
  knownKeptMs,
  learnTogetherMs,
  maxLearntTogether,
  memoryRestMs,
  networkKnownAfter,
  passedKeptMs,
  rememberedMs,
  sweepIntervalMs,
} from './limits.ts'
import { networkName } from './network-limits.ts'
import { Remembered } from './remembered.ts'

export type SenderMemory = AsyncDisposable & {
  /** Mail was delivered from this network before */
  isKnownNetwork(address: string): Promise<boolean | undefined>
  /** … of this sender's domain, or so much that the sender does not matter */
  isKnownSender(address: string, reversePath: string): Promise<boolean | undefined>
  /** An attempt to greylist: how long it must wait, or that it passes. RFC 6647 §2.2 */
  attempt(triplet: Triplet, times: GreylistTimes): Promise<AttemptAnswer | undefined>
  learn(address: string, reversePath: string): void
  readonly sizes: { readonly attempts: number; readonly known: number }
  /** False while the database rests after a failure */
  readonly isReadable: boolean
}

export type Triplet = { readonly address: string; readonly reversePath: string; readonly recipient: string }
export type GreylistTimes = { readonly delayMs: number; readonly windowMs: number }

export type SenderMemoryOptions = {
  /** senders.db */
  readonly file: string
  /** 32 octets, durable */
  readonly key: Uint8Array
  readonly clock: Clock
  readonly log: Log
  readonly store?: SendersStore
}

export function openSenderMemory(options: SenderMemoryOptions): SenderMemory {
  const { clock, log, key } = options
  const store = options.store ?? openSendersStore({ file: options.file })
  const mac = hmacSha256(key)
  const keyOf = (...parts: readonly string[]) => new Uint8Array(mac(parts.join('\0')).subarray(0, 16))
  let restsUntil = Number.NEGATIVE_INFINITY
  let sizes = { attempts: 0, known: 0 }

  async function ask<Value>(question: () => Promise<Value>): Promise<Value | undefined> {
    if (clock.monotonic() < restsUntil) return undefined
    try {
      return await question()
    } catch (error) {
      restsUntil = clock.monotonic() + memoryRestMs
      log.warn('The memory of senders cannot be used; nobody is greylisted meanwhile', { error: String(error) })
      return undefined
    }
  }

  const networkParts = (address: string) => ['network', networkName(address)]
  const senderParts = (address: string, reversePath: string) => ['sender', networkName(address), domainOf(reversePath)]
  const since = () => clock.now() - knownKeptMs

  // Each letter asks and teaches, and busy senders send thousands: the thread hears of them once a second, and who is known stays so a while
  const knownLately = new Remembered<boolean | undefined>(clock, known => (known === true ? rememberedMs : 0))
  const learnt = new Map<string, number>()
  let teaching: NodeJS.Timeout | undefined

  function teach(): Promise<void> | undefined {
    clearTimeout(teaching)
    teaching = undefined
    if (learnt.size === 0) return undefined
    const keys = [...learnt.keys()].map(parts => keyOf(parts))
    const times = [...learnt.values()]
    learnt.clear()
    return ask(() => store.learn({ keys, times, now: clock.now() }))
  }

  function known(...names: readonly (readonly string[])[]): Promise<readonly number[] | undefined> {
    void teach()
    return ask(() => store.known({ keys: names.map(parts => keyOf(...parts)), since: since() }))
  }

  async function askKnownSender(address: string, reversePath: string): Promise<boolean | undefined> {
    const letters = await known(senderParts(address, reversePath), networkParts(address))
    if (!letters) return undefined
    const [ofSender = 0, ofNetwork = 0] = letters
    return ofSender > 0 || ofNetwork >= networkKnownAfter
  }

  const sweeper = setInterval(() => {
    const now = clock.now()
    void ask(async () => {
      const input = { attemptsBefore: now - attemptsKeptMs, passedBefore: now - passedKeptMs, knownBefore: since() }
      sizes = await store.sweep(input)
    })
  }, sweepIntervalMs)
  sweeper.unref()

  return {
    async isKnownNetwork(address) {
      const [letters = 0] = (await known(networkParts(address))) ?? []
      return clock.monotonic() < restsUntil ? undefined : letters > 0
    },
    isKnownSender: (address, reversePath) =>
      knownLately.ask(senderParts(address, reversePath).join(' '), () => askKnownSender(address, reversePath)),
    attempt: ({ address, reversePath, recipient }, { delayMs, windowMs }) =>
      ask(() =>
        store.attempt({
          key: keyOf('attempt', networkName(address), stableSender(reversePath), recipient),
          now: clock.now(),
          delayMs,
          windowMs,
          keptMs: passedKeptMs,
        }),
      ),
    learn(address, reversePath) {
      for (const parts of [senderParts(address, reversePath), networkParts(address)]) {
        const key = parts.join('\0')
        learnt.set(key, (learnt.get(key) ?? 0) + 1)
      }
      if (learnt.size >= maxLearntTogether) void teach()
      else teaching ??= setTimeout(() => void teach(), learnTogetherMs).unref()
    },
    get sizes() {
      return sizes
    },
    get isReadable() {
      return clock.monotonic() >= restsUntil
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweeper)
      await teach()
      await store[Symbol.asyncDispose]()
    },
  }
}

/** An attempt that nobody repeated; longer than any window that can be set */
const attemptsKeptMs = 8 * 24 * 3600_000

function domainOf(reversePath: string): string {
  return reversePath.slice(reversePath.lastIndexOf('@') + 1).toLowerCase()
}

/** Lists and forwarders write numbers into the reverse-path (VERP, BATV, SRS) that change from one attempt to the next. */
function stableSender(reversePath: string): string {
  return reversePath.toLowerCase().replaceAll(/[0-9a-f]*\d[0-9a-f]*/g, '#')
}
