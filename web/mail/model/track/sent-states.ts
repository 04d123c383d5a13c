/** How far the letters of a conversation are that left here: one request for it, and another while something waits. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { isOpen, type SentState, sentState } from './summary.ts'

/** The newest; older ones are long over */
const most = 5
const everyMs = 10_000

export class SentStates {
  readonly byEmail: Signal<ReadonlyMap<Id, SentState>> = signal(new Map())
  readonly #client: Client
  readonly #isSeen: () => boolean
  readonly #emailIds: readonly Id[]
  readonly #end = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** By whatever program they were sent, oldest first */
  constructor(client: Client, emailIds: readonly Id[], isSeen: () => boolean) {
    this.#client = client
    this.#isSeen = isSeen
    this.#emailIds = emailIds.slice(-most)
  }

  async ask(): Promise<void> {
    clearTimeout(this.#timer)
    try {
      const { signal } = this.#end
      const calls = this.#client.batch()
      const asked = this.#emailIds.map(emailId => ({ emailId, call: calls.call('EmailTrace/get', { emailId }) }))
      const answers = await this.#client.send(calls, { signal })
      const states = new Map<Id, SentState>()
      let waits = false
      for (const { call, emailId } of asked) {
        // one that is gone meanwhile is asked about no more
        if (answers.fault(call) !== undefined) continue
        const trace = answers.of(call)
        const state = trace.direction === 'sent' ? sentState(trace.recipients) : undefined
        if (state) states.set(emailId, state)
        waits ||= isOpen(trace)
      }
      this.byEmail.value = states
      if (waits) this.#later()
    } catch {
      // it is said beside the letter, and nobody waits for it
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#end.abort()
  }

  #later(): void {
    if (this.#end.signal.aborted) return
    this.#timer = setTimeout(() => (this.#isSeen() ? void this.ask() : this.#later()), everyMs)
  }
}
