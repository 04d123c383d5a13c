/**
 * One transaction's way to home: opened at the first recipient, given up for the rest of the transaction once home is away.
 *
 * Ways to home are few, senders many: while a sender takes its time the way is given back, and taken again for its message.
 */
import { deadline, onAbort } from '#base/deadline.ts'
import { isPermanent, isPositive, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Log } from '#base/log.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { DeliveryFacts, Downstream, DownstreamTransaction } from '../downstream.ts'
import type { Outcome } from './combine.ts'
import * as limits from './limits.ts'
import { isMistrust, replyForStranger } from './reply-for-stranger.ts'

type Parts = {
  readonly downstream: Downstream
  readonly log: Log
  readonly openWithinMs?: number
  readonly lendMs?: number
}

export class HomeSide {
  readonly #parts: Parts
  readonly #envelope: Envelope
  readonly #facts: DeliveryFacts
  readonly #declaredSize: number
  #state: 'unasked' | 'lent' | 'away' | DownstreamTransaction = 'unasked'
  readonly #accepted: EnvelopeRecipient[] = []
  #lending: NodeJS.Timeout | undefined
  /** Settles when nothing travels any more; the attempt that was given up may still be reading the message. */
  #running: Promise<unknown> = Promise.resolve()

  constructor(parts: Parts, envelope: Envelope, facts: DeliveryFacts, declaredSize: number | undefined) {
    this.#parts = parts
    this.#envelope = envelope
    this.#facts = facts
    // Live mail always has a size, so that a full mailbox says so at RCPT; mail from the hold never has (home asks no quota then).
    this.#declaredSize = declaredSize ?? 1
  }

  /** Home's word for this recipient; undefined while home is away. */
  async recipient(recipient: EnvelopeRecipient, signal: AbortSignal): Promise<SmtpReply | undefined> {
    const home = await this.#open(signal)
    if (!home) return undefined
    clearTimeout(this.#lending)
    const reply = await within(limits.recipientWithinMs, signal, end => home.recipient(recipient, end))
    // RFC 5321 §3.8: 421 ends the connection, whatever was asked
    if (reply === undefined || reply.code === 421 || isMistrust(reply)) {
      this.#giveUp(home)
      return undefined
    }
    const said = replyForStranger(reply, 'recipient')
    if (said !== reply) this.#disagrees(recipient, reply)
    if (isPositive(reply)) this.#accepted.push(recipient)
    this.#lendSoon(home)
    return said
  }

  #lendSoon(home: DownstreamTransaction): void {
    this.#lending = setTimeout(() => {
      if (this.#state !== home) return
      this.#state = 'lent'
      home.close()
    }, this.#parts.lendMs ?? limits.lendMs).unref()
  }

  /**
   * Straight through. Undefined: nothing was sent (home is away, or was when one of the recipients was accepted). After `slow` the
   * attempt is cut off and its fate unknown.
   */
  async message(trace: Uint8Array, message: MessageSource, slow: AbortSignal): Promise<readonly Outcome[] | undefined> {
    clearTimeout(this.#lending)
    const home = this.#state === 'lent' ? await this.#open(slow) : this.#state
    if (home === undefined || typeof home === 'string' || slow.aborted) return undefined
    const expected = this.#accepted.length
    const unsure = (): readonly Outcome[] => Array<Outcome>(expected).fill('unsure')
    const sent = home.message(trace, message, slow).catch((error: unknown) => {
      this.#parts.log.warn('The way to home broke', { delivery: this.#facts.attempt.id, error: String(error) })
      return unsure()
    })
    // Given back at once: the sender may take its time to go on.
    this.#state = 'away'
    this.#running = sent.finally(() => home.close())
    const outcomes = await Promise.race([sent, aborted(slow).then(unsure)])
    return outcomes.length === expected ? outcomes.map(forStranger) : unsure()
  }

  /** Gives the connection back; resolves when the last attempt has come to rest. */
  async close(): Promise<void> {
    clearTimeout(this.#lending)
    if (typeof this.#state !== 'string') {
      const home = this.#state
      this.#state = 'away'
      await this.#running.catch(() => {})
      home.close()
    }
    await this.#running.catch(() => {})
  }

  async #open(signal: AbortSignal): Promise<DownstreamTransaction | undefined> {
    if (this.#state === 'away') return undefined
    if (typeof this.#state !== 'string') return this.#state
    const { downstream, openWithinMs = limits.openWithinMs } = this.#parts
    const home = await within(
      openWithinMs,
      signal,
      end => downstream.open(this.#envelope, this.#facts, this.#declaredSize, end),
      late => late?.close(),
    )
    this.#state = home ?? 'away'
    return home && (await this.#askAgain(home, signal)) ? home : undefined
  }

  /** What home took before the way was given back. */
  async #askAgain(home: DownstreamTransaction, signal: AbortSignal): Promise<boolean> {
    for (const recipient of this.#accepted) {
      const reply = await within(limits.recipientWithinMs, signal, end => home.recipient(recipient, end))
      if (reply && isPositive(reply)) continue
      this.#giveUp(home)
      return false
    }
    return true
  }

  /** A recipient that home has not seen cannot go straight through with the others: all of them go to the hold. */
  #giveUp(home: DownstreamTransaction): void {
    this.#state = 'away'
    home.close()
  }

  #disagrees(recipient: EnvelopeRecipient, reply: SmtpReply): void {
    this.#parts.log.error('Home refuses what the gateway holds to be its own', {
      delivery: this.#facts.attempt.id,
      recipient: recipient.address,
      reply,
    })
  }
}

function forStranger(outcome: Outcome): Outcome {
  if (outcome === 'unsure') return outcome
  if (outcome.status !== 'failed') return isMistrust(outcome.reply) ? 'unsure' : outcome
  const reply = replyForStranger(outcome.reply, 'message')
  return isPermanent(reply) ? outcome : ({ status: 'deferred', reply } satisfies RecipientResult)
}

/**
 * Undefined when it takes longer, is aborted or fails: to the sender all of these are a home that is away. What comes after that
 * goes to `late`.
 */
function within<Value>(
  ms: number,
  signal: AbortSignal,
  act: (end: AbortSignal) => Promise<Value | undefined>,
  late: (value: Value | undefined) => void = () => {},
): Promise<Value | undefined> {
  return new Promise(resolve => {
    let over = false
    const limit = deadline(signal, ms, () => {
      over = true
      resolve(undefined)
    })
    const done = (value: Value | undefined) => {
      limit[Symbol.dispose]()
      if (over) late(value)
      else resolve(value)
    }
    act(limit.signal).then(done, () => done(undefined))
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => onAbort(signal, resolve))
}
