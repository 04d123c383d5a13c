/** A letter's way as the server tells it, asked again while something waits and somebody looks. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'
import type { EmailTrace } from '#protocols/jmap/wire-trace.ts'
import type { Client } from '../../jmap/client.ts'
import { isOpen } from './summary.ts'

const everyMs = 5_000

export class Tracker {
  readonly trace: Signal<EmailTrace | undefined> = signal(undefined)
  readonly failed: Signal<boolean> = signal(false)
  readonly #client: Client
  readonly #emailId: Id
  readonly #isSeen: () => boolean
  readonly #end = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAsking = false

  constructor(client: Client, emailId: Id, isSeen: () => boolean) {
    this.#isSeen = isSeen
    this.#client = client
    this.#emailId = emailId
  }

  /** Also when something has come in: a report may have changed all of it. */
  async ask(): Promise<void> {
    if (this.#isAsking || this.#end.signal.aborted) return
    this.#isAsking = true
    clearTimeout(this.#timer)
    try {
      const calls = this.#client.batch()
      const asked = calls.call('EmailTrace/get', { emailId: this.#emailId })
      this.trace.value = (await this.#client.send(calls, { signal: this.#end.signal })).of(asked)
      this.failed.value = false
    } catch {
      this.failed.value = !this.#end.signal.aborted
    } finally {
      this.#isAsking = false
      this.#later()
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#end.abort()
  }

  #later(): void {
    const trace = this.trace.peek()
    if (this.#end.signal.aborted || (trace && !isOpen(trace))) return
    this.#timer = setTimeout(() => (this.#isSeen() ? void this.ask() : this.#later()), everyMs)
  }
}
