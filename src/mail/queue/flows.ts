/** Which flow a new message belongs to: letters a person writes, or the bulk of the same person. */
import { Heap } from './heap.ts'
import type { Flow } from './fair-lines.ts'
import { bulkBytes, bulkRecipients, burstMessages, burstMs, maxBurstSubmitters } from './limits.ts'

export type FlowFacts = {
  readonly submitter: string | null
  readonly reversePath: string
  readonly sizeBytes: number
  readonly recipients: { readonly length: number }
  /** Milliseconds since 1970 */
  readonly receivedAt: number
}

/** Asked once for each message, in the order they came. Who sends more than a person writes is bulk for as long as that lasts. */
export class Flows {
  readonly #bursts = new Map<string, Heap<number>>()

  of({ submitter, reversePath, sizeBytes, recipients, receivedAt }: FlowFacts): Flow {
    const key = submitter ?? reversePath
    const many = this.#inBurst(key, receivedAt)
    return { key, bulk: many || recipients.length > bulkRecipients || sizeBytes > bulkBytes }
  }

  /** More than `burstMessages` within `burstMs` up to this moment. */
  #inBurst(key: string, at: number): boolean {
    const burst = this.#bursts.get(key) ?? new Heap<number>((a, b) => a < b)
    this.#bursts.delete(key)
    this.#bursts.set(key, burst)
    burst.push(at)
    while (burst.size > burstMessages + 1 || (burst.first ?? at) < at - burstMs) burst.pop()
    for (const oldest of this.#bursts.keys()) {
      if (this.#bursts.size <= maxBurstSubmitters) break
      this.#bursts.delete(oldest)
    }
    return burst.size > burstMessages
  }
}
