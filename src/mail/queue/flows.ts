/** Which flow a new message belongs to: letters a person writes, or the bulk of the same person. */
import { Heap } from './heap.ts'
import { type Flow, flowName } from './fair-lines.ts'
import { Interned } from './interned.ts'
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
  readonly #bursts = new Map<string, Heap<null>>()
  readonly #known = new Interned<Flow>()

  of({ submitter, reversePath, sizeBytes, recipients, receivedAt }: FlowFacts): Flow {
    const key = submitter ?? reversePath
    const many = this.#inBurst(key, receivedAt)
    const flow = { key, bulk: many || recipients.length > bulkRecipients || sizeBytes > bulkBytes }
    return this.#known.of(flowName(flow), flow)
  }

  /** More than `burstMessages` within `burstMs` up to this moment. */
  #inBurst(key: string, at: number): boolean {
    const burst = this.#bursts.get(key) ?? new Heap<null>()
    this.#bursts.delete(key)
    this.#bursts.set(key, burst)
    burst.push(null, at)
    while (burst.size > burstMessages + 1 || (burst.firstKey ?? at) < at - burstMs) burst.pop()
    for (const oldest of this.#bursts.keys()) {
      if (this.#bursts.size <= maxBurstSubmitters) break
      this.#bursts.delete(oldest)
    }
    return burst.size > burstMessages
  }
}
