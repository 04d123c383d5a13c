/**
 * The gateway's way home over LMTP: MAIL and RCPT go through while the sender waits, the message follows with the facts that
 * only the gateway knows in one signed field. The field goes to a peer that offers XHIKYAKU and to nobody else.
 */
import type { Log } from '#base/log.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import type { DeliveryFacts, Downstream, DownstreamTransaction } from '#mail/downstream.ts'
import { signFacts } from '#mail/facts.ts'
import { receivedHash } from '#mail/fingerprint.ts'
import { answerHome } from './answer-home.ts'
import { fitOf, resultOf, sendBody, writeMail, writeRecipient } from './client-send.ts'
import type { ClientPool, Lease } from './client-pool.ts'
import type { SmtpClient } from './client.ts'
import { homeBudgetMs, homeConnections } from './limits.ts'
import { settlements } from './settlements.ts'
import { poolTo, type TransportOptions } from './transport.ts'

export type LmtpDownstreamOptions = TransportOptions & {
  /** This box and its how-manieth start, told to home on each connection */
  readonly origin: string
  readonly boot: number
  /** Shared with home; without it no facts travel */
  readonly factsKey?: Uint8Array
  /** Parts of what this box knows about a delivery, for home's questions; without it home asks in vain */
  readonly answer?: (delivery: string) => Promise<Iterable<string>>
  readonly log: Log
}

export type ClosableDownstream = Downstream & { close(): Promise<void>; [Symbol.asyncDispose](): Promise<void> }

export function lmtpDownstream(options: LmtpDownstreamOptions): ClosableDownstream {
  const poolOf = (maxConnections: number) =>
    poolTo('lmtp', { maxConnections, budgetMs: homeBudgetMs, ...options }, (client, signal) =>
      introduce(client, options, signal),
    )
  const pool = poolOf(homeConnections)
  const settled = settlements(pool, options.log)
  const { answer, log } = options
  const answering = answer && answerHome({ pool: poolOf(1), answer, log })
  const close = async () => {
    await answering?.close()
    await settled.close()
    await pool.close()
  }
  return {
    async open(envelope, facts, declaredSize, signal) {
      try {
        const lease = await pool.acquire(signal)
        return new LmtpTransaction(pool, lease, options, { envelope, facts, declaredSize })
      } catch (error) {
        options.log.warn('Home cannot be reached', { err: error })
        return undefined
      }
    },
    settle: news => settled.add(news),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function introduce(client: SmtpClient, options: LmtpDownstreamOptions, signal: AbortSignal): Promise<void> {
  if (!client.offers('XHIKYAKU')) return
  const reply = await client.ask({ verb: 'XHIKYAKU', act: 'HELLO', origin: options.origin, boot: options.boot }, signal)
  if (reply.code !== 250) throw new Error(`Home does not welcome this box: ${reply.lines.join(' ')}`)
}

type Opening = {
  readonly envelope: Envelope
  readonly facts: DeliveryFacts
  readonly declaredSize: number | undefined
}

class LmtpTransaction implements DownstreamTransaction {
  readonly #pool: ClientPool
  readonly #options: LmtpDownstreamOptions
  readonly #opening: Opening
  #client: SmtpClient
  #mayRetry: boolean
  /** MAIL goes with the first RCPT in one write; this is its answer */
  #mailReply: SmtpReply | undefined
  readonly #accepted: EnvelopeRecipient[] = []
  #broken = false
  #begun = false
  #closed = false

  constructor(pool: ClientPool, lease: Lease, options: LmtpDownstreamOptions, opening: Opening) {
    this.#pool = pool
    this.#client = lease.client
    this.#mayRetry = lease.reused
    this.#options = options
    this.#opening = opening
  }

  async recipient(recipient: EnvelopeRecipient, signal: AbortSignal): Promise<SmtpReply | undefined> {
    if (this.#broken) return undefined
    try {
      return await this.#ask(recipient, signal)
    } catch (error) {
      this.#break(error)
      return undefined
    }
  }

  async message(
    trace: Uint8Array,
    message: MessageSource,
    signal: AbortSignal,
  ): Promise<readonly (RecipientResult | 'unsure')[]> {
    const accepted = this.#accepted
    if (accepted.length === 0) return []
    if (this.#broken) return accepted.map(() => 'unsure')
    const client = this.#client
    try {
      const { body } = fitOf(client, this.#opening.envelope)
      const head = await this.#head(trace, message)
      const replies = await sendBody(client, [memorySource(head), message], body, accepted.length, signal)
      this.#begun = false
      return replies.map(resultOf)
    } catch (error) {
      this.#break(error)
      return accepted.map(() => 'unsure')
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#broken || !this.#begun) {
      this.#pool.release(this.#client)
      return
    }
    void this.#reset()
  }

  /** The first recipient of a connection that has grown stale meanwhile gets a fresh one. */
  async #ask(recipient: EnvelopeRecipient, signal: AbortSignal): Promise<SmtpReply> {
    try {
      return await this.#exchange(recipient, signal)
    } catch (error) {
      if (!this.#mayRetry || this.#accepted.length > 0 || signal.aborted) throw error
      this.#mayRetry = false
      this.#begun = false
      this.#client.destroy()
      this.#pool.release(this.#client)
      this.#client = (await this.#pool.acquire(signal, true)).client
      return await this.#exchange(recipient, signal)
    }
  }

  async #exchange(recipient: EnvelopeRecipient, signal: AbortSignal): Promise<SmtpReply> {
    const client = this.#client
    const first = !this.#begun
    if (first) {
      this.#begun = true
      const { envelope, declaredSize } = this.#opening
      writeMail(client, envelope, fitOf(client, envelope), declaredSize)
      if (!client.offers('PIPELINING')) this.#mailReply = await client.reply(signal)
    }
    writeRecipient(client, recipient)
    if (first && client.offers('PIPELINING')) this.#mailReply = await client.reply(signal)
    const reply = await client.reply(signal)
    this.#mayRetry = false
    if (this.#mailReply && this.#mailReply.code >= 300) return this.#mailReply
    if (reply.code < 300) this.#accepted.push(recipient)
    return reply
  }

  async #head(trace: Uint8Array, message: MessageSource): Promise<Uint8Array> {
    const { factsKey } = this.#options
    if (!factsKey || !this.#client.offers('XHIKYAKU')) return trace
    const recipients = this.#accepted.map(recipient => recipient.address)
    const bound = { recipients, hash: await receivedHash(message), sizeBytes: message.sizeBytes, trace }
    return Buffer.concat([signFacts(this.#opening.facts, bound, factsKey), trace])
  }

  async #reset(): Promise<void> {
    try {
      await this.#client.ask({ verb: 'RSET' }, AbortSignal.timeout(10_000), 10_000)
    } catch {
      this.#client.destroy()
    }
    this.#pool.release(this.#client)
  }

  #break(error: unknown): void {
    this.#broken = true
    this.#client.destroy()
    this.#options.log.warn('The connection to home was lost', { err: error })
  }
}
