/**
 * Connections to other domains' hosts, kept a few seconds for the next letter to the same host. RFC 5321 §4.1.4 allows a new MAIL after the end of a message.
 *
 * One is asked by RSET (§4.1.1.5) before it carries a letter again: hosts leave idle clients, some without a word, and no letter pays for that.
 */
import type { SmtpClient } from './client.ts'
import { keptAgeMs, keptAnswerMs, keptIdleMs, maxKept, maxKeptLetters } from './limits.ts'

type Kept = { readonly client: SmtpClient; readonly timer: NodeJS.Timeout }
type Use = { readonly since: number; letters: number }

export type KeptOptions = {
  readonly idleMs?: number
  readonly answerMs?: number
  readonly max?: number
  readonly letters?: number
}

export class KeptConnections implements AsyncDisposable {
  readonly #options: KeptOptions
  /** By whatever makes one as good as another: host, address, how TLS is asked for */
  readonly #idle = new Map<string, Kept[]>()
  readonly #uses = new WeakMap<SmtpClient, Use>()
  #count = 0
  #closed = false

  constructor(options: KeptOptions = {}) {
    this.#options = options
  }

  get size(): number {
    return this.#count
  }

  /** One that has just answered; undefined when there is none. What does not answer takes the others of its host with it. Throws the signal's reason. */
  async take(key: string, signal: AbortSignal): Promise<SmtpClient | undefined> {
    const client = this.#takeIdle(key)
    if (!client) return undefined
    if (await this.#answers(client, signal)) return client
    client.destroy()
    signal.throwIfAborted()
    this.forget(key)
    return undefined
  }

  /** After a letter. One in an unknown state, or that has carried enough, is closed. */
  keep(key: string, client: SmtpClient): void {
    const use = this.#uses.get(client) ?? { since: performance.now(), letters: 0 }
    this.#uses.set(client, { ...use, letters: use.letters + 1 })
    const isSpent =
      use.letters + 1 >= (this.#options.letters ?? maxKeptLetters) || performance.now() - use.since >= keptAgeMs
    if (this.#closed || isSpent || !client.isIdle || this.#count >= (this.#options.max ?? maxKept)) {
      void client.quit()
      return
    }
    const timer = setTimeout(() => this.#expire(key, client), this.#options.idleMs ?? keptIdleMs).unref()
    const others = this.#idle.get(key) ?? []
    others.push({ client, timer })
    this.#idle.set(key, others)
    this.#count++
  }

  /** Those of a host that has just broken off: the others are no better. */
  forget(key: string): void {
    for (const { client } of this.#remove(key, () => true)) void client.quit()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const all = [...this.#idle.keys()].flatMap(key => this.#remove(key, () => true))
    await Promise.all(all.map(({ client }) => client.quit()))
  }

  async #answers(client: SmtpClient, signal: AbortSignal): Promise<boolean> {
    try {
      const reply = await client.ask({ verb: 'RSET' }, signal, this.#options.answerMs ?? keptAnswerMs)
      return reply.code === 250 && client.isIdle
    } catch {
      return false
    }
  }

  #takeIdle(key: string): SmtpClient | undefined {
    for (;;) {
      const last = this.#idle.get(key)?.at(-1)
      if (!last) return undefined
      this.#remove(key, one => one === last)
      if (last.client.isIdle) return last.client
      last.client.destroy()
    }
  }

  #expire(key: string, client: SmtpClient): void {
    for (const one of this.#remove(key, kept => kept.client === client)) void one.client.quit()
  }

  #remove(key: string, isMeant: (kept: Kept) => boolean): readonly Kept[] {
    const all = this.#idle.get(key) ?? []
    const removed = all.filter(isMeant)
    const rest = all.filter(kept => !removed.includes(kept))
    if (rest.length > 0) this.#idle.set(key, rest)
    else this.#idle.delete(key)
    for (const { timer } of removed) clearTimeout(timer)
    this.#count -= removed.length
    return removed
  }
}
