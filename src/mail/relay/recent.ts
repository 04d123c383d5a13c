/**
 * What came of each recipient: home that lost our answer sends again under the same delivery id and is told the first result, or
 * waits for the first attempt where that is still under way. What was decided is on disk before home hears of it, so a gateway that
 * was started anew between its answer and home's knowing of it sends nothing twice. What a recipient's server had just taken when we
 * were killed, before we could write that down, goes again, as with any relay.
 */
import { hmacSha256 } from '#base/hmac.ts'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { openRelayedStore, type RelayedStore } from '#store/relayed/relayed-store.ts'

/** Longer than home tries a letter: five days unless it is told otherwise */
const keptMs = 14 * 24 * 3600 * 1000
/** In memory besides, also for what could not be written */
const recentMs = 2 * 3600 * 1000
const maxRecent = 20_000

export type RecentResults = {
  /** A result for each, in order; `send` is given those that have none yet. `id` undefined: nothing is remembered. */
  once(
    id: string | undefined,
    recipients: readonly EnvelopeRecipient[],
    send: (recipients: readonly EnvelopeRecipient[]) => Promise<readonly RecipientResult[]>,
  ): Promise<readonly RecipientResult[]>
}

/** Which recipients were decided, over restarts. Neither of the two ever fails: mail goes on without it. */
export type RelayedMemory = {
  find(names: readonly string[]): Promise<readonly (RecipientResult | undefined)[]>
  keep(decided: readonly { readonly name: string; readonly result: RecipientResult }[]): Promise<void>
}

/** `now` in milliseconds, monotonic. */
export function recentResults(memory: RelayedMemory, now: () => number): RecentResults {
  const kept = new Map<string, { readonly at: number; readonly result: Promise<RecipientResult> }>()
  const forgetOld = () => {
    for (const [key, { at }] of kept) {
      if (kept.size <= maxRecent && now() - at < recentMs) return
      kept.delete(key)
    }
  }
  return {
    async once(id, recipients, send) {
      if (id === undefined) return send(recipients)
      forgetOld()
      const open: Named[] = []
      const { promise: sent, resolve, reject } = Promise.withResolvers<readonly RecipientResult[]>()
      const results = recipients.map(recipient => {
        const name = `${id} ${recipient.address}`
        const known = kept.get(name)
        if (known) return known.result
        const at = open.push({ name, recipient }) - 1
        const result = sent.then(all => resultAt(all, at))
        kept.set(name, { at: now(), result })
        // what is not decided is tried again
        result.then(
          ({ status }) => status === 'deferred' && kept.delete(name),
          () => kept.delete(name),
        )
        return result
      })
      if (open.length > 0) sendUnknown(memory, open, send).then(resolve, reject)
      return Promise.all(results)
    },
  }
}

type Named = { readonly name: string; readonly recipient: EnvelopeRecipient }

/** Those that an earlier start of ours has not decided; a result for each, on disk. */
async function sendUnknown(
  memory: RelayedMemory,
  open: readonly Named[],
  send: (recipients: readonly EnvelopeRecipient[]) => Promise<readonly RecipientResult[]>,
): Promise<readonly RecipientResult[]> {
  const known = await memory.find(open.map(({ name }) => name))
  const unknown = open.filter((_, at) => known[at] === undefined)
  const sent = unknown.length > 0 ? await send(unknown.map(({ recipient }) => recipient)) : []
  const news = unknown.map(({ name }, at) => ({ name, result: resultAt(sent, at) }))
  const decided = news.filter(({ result }) => result.status !== 'deferred')
  if (decided.length > 0) await memory.keep(decided)
  let next = 0
  return open.map((_, at) => known[at] ?? resultAt(sent, next++))
}

function resultAt(results: readonly RecipientResult[], at: number): RecipientResult {
  const result = results[at]
  if (!result) throw new Error('A transport did not answer for each recipient')
  return result
}

export type RelayedMemoryOptions = {
  /** relayed.db */
  readonly file: string
  /** 32 octets that stay the same over restarts: the file names nobody */
  readonly key: Uint8Array
  readonly clock: Clock
  readonly log: Log
  readonly store?: RelayedStore
}

export function openRelayedMemory(options: RelayedMemoryOptions): RelayedMemory & AsyncDisposable {
  const { clock, log } = options
  const store = options.store ?? openRelayedStore({ file: options.file })
  const mac = hmacSha256(options.key)
  const keyOf = (name: string) => new Uint8Array(mac(name))
  return {
    async find(names) {
      try {
        const found = await store.find({ keys: names.map(keyOf) })
        return found.map(result => (result === undefined ? undefined : (JSON.parse(result) as RecipientResult)))
      } catch (error) {
        log.warn('What was relayed before cannot be read; a message may go twice', { error: String(error) })
        return names.map(() => undefined)
      }
    },
    async keep(decided) {
      const at = clock.now()
      const rows = decided.map(({ name, result }) => ({ key: keyOf(name), result: JSON.stringify(result) }))
      try {
        await store.keep({ rows, at, before: at - keptMs })
      } catch (error) {
        log.warn('What was relayed could not be written down; after a restart it may go twice', {
          error: String(error),
        })
      }
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
