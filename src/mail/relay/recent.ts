/**
 * What came of each recipient lately, in memory: home that lost our answer sends again under the same delivery id and is told the
 * first result, or waits for the first attempt where that is still under way. After a restart nothing is known, and home's copy
 * goes again, as with any relay.
 */
import type { EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'

/** Longer than home's first retries: 1, 5 and 25 minutes */
const keptMs = 2 * 3600 * 1000
const maxKept = 20_000

export type RecentResults = {
  /** A result for each, in order; `send` is given those that have none yet. `id` undefined: nothing is remembered. */
  once(
    id: string | undefined,
    recipients: readonly EnvelopeRecipient[],
    send: (recipients: readonly EnvelopeRecipient[]) => Promise<readonly RecipientResult[]>,
  ): Promise<readonly RecipientResult[]>
}

/** `now` in milliseconds, monotonic. */
export function recentResults(now: () => number): RecentResults {
  const kept = new Map<string, { readonly at: number; readonly result: Promise<RecipientResult> }>()
  const forgetOld = () => {
    for (const [key, { at }] of kept) {
      if (kept.size <= maxKept && now() - at < keptMs) return
      kept.delete(key)
    }
  }
  return {
    async once(id, recipients, send) {
      if (id === undefined) return send(recipients)
      forgetOld()
      const open: EnvelopeRecipient[] = []
      const { promise: sent, resolve, reject } = Promise.withResolvers<readonly RecipientResult[]>()
      const results = recipients.map(recipient => {
        const key = `${id} ${recipient.address}`
        const known = kept.get(key)
        if (known) return known.result
        const at = open.push(recipient) - 1
        const result = sent.then(all => resultAt(all, at))
        kept.set(key, { at: now(), result })
        // what is not decided is tried again
        result.then(
          ({ status }) => status === 'deferred' && kept.delete(key),
          () => kept.delete(key),
        )
        return result
      })
      if (open.length > 0) send(open).then(resolve, reject)
      return Promise.all(results)
    },
  }
}

function resultAt(results: readonly RecipientResult[], at: number): RecipientResult {
  const result = results[at]
  if (!result) throw new Error('A transport did not answer for each recipient')
  return result
}
