/**
 * Connections to one server, kept a little while for the next message. One that has been idle is asked by RSET (RFC 5321 §4.1.1.5)
 * before it carries a letter again: what lies between us drops idle connections, some without a word, and no letter is to wait for the
 * end of a command's patience. What does not answer takes the others of its age with it.
 */
import { ClientFailure } from './client-failure.ts'
import { openClient, type ClientOptions, type SmtpClient } from './client.ts'
import { keptAnswerMs, poolIdleMs, surelyThereMs } from './limits.ts'
import { smtpReply } from '#formats/smtp-reply.ts'

export type PoolOptions = {
  /** Where to, in order, asked for each new connection (the addresses may change). Throws ClientFailure. */
  readonly targets: (signal: AbortSignal) => Promise<readonly ClientOptions[]>
  readonly maxConnections: number
  readonly idleMs?: number
  /** One that was idle so long is asked whether it is still there; and how long it may take to say so */
  readonly askAfterMs?: number
  readonly answerMs?: number
  /** Runs once on each new connection. */
  readonly onOpen?: (client: SmtpClient, signal: AbortSignal) => Promise<void>
}

export type Lease = {
  readonly client: SmtpClient
  /** It has carried other mail before, so the peer may have left in the meantime */
  readonly reused: boolean
}

type Idle = { readonly client: SmtpClient; readonly timer: NodeJS.Timeout; readonly since: number }

export class ClientPool {
  readonly #options: PoolOptions
  #idle: Idle[] = []
  #busy = 0
  #waiting: (() => void)[] = []
  #closed = false
  #retired = false
  readonly #leased = new Set<SmtpClient>()

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** An idle connection or a new one. Waits while all are busy. Throws ClientFailure or the signal's reason. */
  async acquire(signal: AbortSignal, fresh = false): Promise<Lease> {
    while (this.#busy >= this.#options.maxConnections) await this.#turn(signal)
    signal.throwIfAborted()
    if (this.#closed) throw new ClientFailure(smtpReply(451, '4.3.2', 'We are stopping'))
    this.#busy++
    try {
      const idle = fresh ? undefined : await this.#takeAnswering(signal)
      if (idle) return this.#lease(idle, true)
      const client = await openFirst(await this.#options.targets(signal), signal)
      this.#leased.add(client)
      try {
        await this.#options.onOpen?.(client, signal)
      } catch (error) {
        this.#leased.delete(client)
        client.destroy()
        throw error
      }
      return this.#lease(client, false)
    } catch (error) {
      this.#done()
      throw error
    }
  }

  /** Gives it back. What is in an unknown state is closed. */
  release(client: SmtpClient): void {
    if (!this.#leased.delete(client)) return
    this.#done()
    if (this.#closed || this.#retired || !client.isIdle) {
      void client.quit()
      return
    }
    const timer = setTimeout(() => this.#expire(client), this.#options.idleMs ?? poolIdleMs).unref()
    this.#idle.push({ client, timer, since: performance.now() })
  }

  /** Nothing is kept any more: messages under way go on, each connection is closed after its own. */
  retire(): void {
    this.#retired = true
    for (const { client, timer } of this.#idle.splice(0)) {
      clearTimeout(timer)
      void client.quit()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const idle = this.#idle
    this.#idle = []
    for (const { timer } of idle) clearTimeout(timer)
    for (const client of this.#leased) client.destroy()
    for (const wake of this.#waiting.splice(0)) wake()
    await Promise.all(idle.map(({ client }) => client.quit()))
  }

  #lease(client: SmtpClient, reused: boolean): Lease {
    this.#leased.add(client)
    return { client, reused }
  }

  async #takeAnswering(signal: AbortSignal): Promise<SmtpClient | undefined> {
    for (let idle = this.#takeIdle(); idle; idle = this.#takeIdle()) {
      const { client, since } = idle
      const isFresh = performance.now() - since < (this.#options.askAfterMs ?? surelyThereMs)
      if (isFresh || (await this.#answers(client, signal))) return client
      client.destroy()
      signal.throwIfAborted()
      const older = this.#idle.filter(other => other.since <= since)
      this.#idle = this.#idle.filter(other => other.since > since)
      for (const other of older) {
        clearTimeout(other.timer)
        other.client.destroy()
      }
    }
    return undefined
  }

  async #answers(client: SmtpClient, signal: AbortSignal): Promise<boolean> {
    this.#leased.add(client)
    try {
      const reply = await client.ask({ verb: 'RSET' }, signal, this.#options.answerMs ?? keptAnswerMs)
      return reply.code === 250 && client.isIdle
    } catch {
      return false
    } finally {
      this.#leased.delete(client)
    }
  }

  #takeIdle(): Idle | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer)
      if (idle.client.isIdle) return idle
      idle.client.destroy()
    }
    return undefined
  }

  #expire(client: SmtpClient): void {
    this.#idle = this.#idle.filter(idle => idle.client !== client)
    void client.quit()
  }

  #done(): void {
    this.#busy--
    this.#waiting.shift()?.()
  }

  async #turn(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const wake = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        this.#waiting = this.#waiting.filter(waiting => waiting !== wake)
        reject(signal.reason)
      }
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(wake)
    })
  }
}

/** The first that lets us in; the failure of the last when none does. */
async function openFirst(targets: readonly ClientOptions[], signal: AbortSignal): Promise<SmtpClient> {
  let failure = new ClientFailure(smtpReply(451, '4.4.3', 'There is no address to connect to'))
  for (const target of targets)
    try {
      return await openClient(target, signal)
    } catch (error) {
      if (!(error instanceof ClientFailure)) throw error
      failure = error
    }
  throw failure
}
