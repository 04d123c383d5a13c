/** One transaction at the gateway, from MAIL to the sender's taking of the answer. */
import { deadline } from '#base/deadline.ts'
import type { Clock } from '#base/clock.ts'
import { isPlanted } from '#base/faults.ts'
import type { Log } from '#base/log.ts'
import { canonicalAddress, parseAddress, printAddress } from '#formats/address/address.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isPermanent, isPositive, printReply, smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { DeliveryFacts, Downstream } from '../downstream.ts'
import type { EventKind, Events, MailEvent } from '../events.ts'
import { fingerprintOf, receivedHash } from '../fingerprint.ts'
import type { DeliveryId } from '../ids.ts'
import type { Queue } from '../queue/queue.ts'
import type { IncomingTransaction, MessageVerdict, SessionFacts } from '../receiving.ts'
import type { RecipientList } from '../recipient-list.ts'
import { gatewayTrace, withoutForgedResults } from '../trace-block.ts'
import type { AttemptTable } from './attempts.ts'
import { combine, type Outcome } from './combine.ts'
import { headerOf, messageIdIn } from './header-of.ts'
import { HomeSide } from './home-side.ts'
import { holdEntry, replyWhenQueueFails, type ConfirmedHolds } from './hold.ts'
import * as limits from './limits.ts'
import { cannotTell, recipientFromList, relayDenied } from './recipient-from-list.ts'
import { tryLater } from './reply-for-stranger.ts'

export type GatewayOptions = {
  /** This box in delivery ids and to home: lower-case letters, digits, hyphens */
  readonly name: string
  /** From the data folder's durable counter */
  readonly boot: number
  /** In Received, and the authserv-id that strangers must not use */
  readonly hostname: string
  readonly list: RecipientList
  readonly downstream: Downstream
  /** The hold */
  readonly queue: Pick<Queue, 'add' | 'findUnconfirmed' | 'confirm' | 'gone' | 'show'>
  /** The same as the hold's transport has */
  readonly confirmedHolds: ConfirmedHolds
  /** Of this box, 32 octets, durable (the queue's fingerprints outlive a start) */
  readonly fingerprintKey: Uint8Array
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
  readonly sizeLimitBytes: number
  readonly maxRecipients?: number
  /** Further authserv-ids of ours (home's) to take out of strangers' mail */
  readonly authservIds?: readonly string[]
  readonly slowAfterMs?: number
  readonly openWithinMs?: number
  /** How long a silent sender keeps a way to home */
  readonly lendMs?: number
  readonly holdMs?: number
}

export type GatewayParts = GatewayOptions & {
  readonly nextId: () => DeliveryId
  readonly attempts: AttemptTable
}

type Accepted = { readonly recipient: EnvelopeRecipient; readonly canonical: string }

/** What became of the message, for settle(). */
type Taken = {
  readonly fingerprints: readonly Uint8Array[]
  readonly reply: SmtpReply
  /** Home may know the id */
  readonly reachedHome: boolean
  /** The entry of the hold that stands for this message: its own, or an earlier attempt's */
  readonly heldAs: DeliveryId | undefined
}

export class GatewayTransaction implements IncomingTransaction {
  readonly #parts: GatewayParts
  readonly #session: SessionFacts
  readonly #envelope: Envelope
  readonly #facts: DeliveryFacts
  /** Named in the facts, which are read when the message is sent: who is gone is known only after its last byte. */
  readonly #gone: DeliveryId[] = []
  readonly #home: HomeSide
  readonly #accepted: Accepted[] = []
  #taken: Taken | undefined
  #about: { readonly sizeBytes: number; readonly messageId?: string | undefined } = { sizeBytes: 0 }

  constructor(parts: GatewayParts, session: SessionFacts, envelope: Envelope, declaredSize: number | undefined) {
    this.#parts = parts
    this.#session = session
    this.#envelope = envelope
    this.#facts = {
      attempt: { id: parts.nextId(), origin: parts.name, boot: parts.boot, gone: this.#gone, confirmed: false },
      clientAddress: session.clientAddress,
      helo: session.helo ?? '',
      tls: session.tls && `${session.tls.protocol} ${session.tls.cipher}`,
      receivedAt: parts.clock.now(),
      held: false,
    }
    this.#home = new HomeSide(parts, envelope, this.#facts, declaredSize)
  }

  async recipient(recipient: EnvelopeRecipient, signal: AbortSignal): Promise<SmtpReply> {
    const reply = await this.#judgeRecipient(recipient, signal)
    this.#record(isPositive(reply) ? 'recipient-accepted' : 'recipient-refused', { to: recipient.address, reply })
    return reply
  }

  async #judgeRecipient(written: EnvelopeRecipient, signal: AbortSignal): Promise<SmtpReply> {
    const read = this.#readRecipient(written)
    if (!read) return smtpReply(501, '5.1.3', 'Not an address')
    if (this.#accepted.length >= (this.#parts.maxRecipients ?? limits.maxRecipients))
      return smtpReply(452, '4.5.3', 'Too many recipients')
    const listed = this.#parts.list.look(read.canonical)
    // Home is not asked about foreign domains: a stand-in that says yes to everything must not make a relay of us.
    if (listed.kind === 'not-ours') return listed.fresh ? relayDenied : cannotTell
    const fromHome = await this.#home.recipient(read.recipient, signal)
    const reply = fromHome ?? recipientFromList(listed)
    if (isPositive(reply)) this.#accepted.push(read)
    return reply
  }

  /** What goes on to home: no source route, no needless quotes; bare `postmaster` is ours (RFC 5321 §4.5.1). */
  #readRecipient(written: EnvelopeRecipient): Accepted | undefined {
    const firstDomain = this.#parts.list.domains[0]
    const bare = written.address.toLowerCase() === 'postmaster' && firstDomain !== undefined
    const address = parseAddress(bare ? `postmaster@${firstDomain}` : written.address)
    if (!address) return undefined
    const wire = printAddress(address)
    const canonical = canonicalAddress(wire)
    return canonical && { recipient: { ...written, address: wire }, canonical }
  }

  async message(source: MessageSource, signal: AbortSignal): Promise<MessageVerdict> {
    const { log } = this.#parts
    try {
      return await this.#take(source, signal)
    } catch (error) {
      log.error('A message could not be taken in', { delivery: this.#facts.attempt.id, error: String(error) })
      return this.#verdict(tryLater)
    }
  }

  async #take(source: MessageSource, signal: AbortSignal): Promise<MessageVerdict> {
    const { hostname, authservIds = [], slowAfterMs = limits.slowAfterMs } = this.#parts
    if (source.sizeBytes > this.#parts.sizeLimitBytes) return this.#verdict(smtpReply(552, '5.3.4', 'Message too big'))
    using limit = deadline(signal, slowAfterMs)
    const slow = limit.signal
    const message = await withoutForgedResults(source, [hostname, ...authservIds])
    this.#about = { sizeBytes: message.sizeBytes, messageId: messageIdIn(await headerOf(message)) }
    const fingerprints = await this.#fingerprints(message)
    const held = await this.#heldAlready(fingerprints)
    if (held) return this.#answer({ ...held, reply: heldReply(held.heldAs) })
    await this.#nameTheGone(fingerprints.each, slow)
    const trace = gatewayTrace(this.#session, this.#facts, hostname, this.#envelope)
    const outcomes = await this.#home.message(trace, message, slow)
    return outcomes
      ? this.#answerFor(outcomes, fingerprints, trace, message)
      : this.#hold(this.#accepted, fingerprints, trace, message, false)
  }

  async #fingerprints(message: MessageSource): Promise<Fingerprints> {
    const { fingerprintKey } = this.#parts
    const hash = await receivedHash(message)
    const of = (recipients: readonly string[]) =>
      fingerprintOf(fingerprintKey, this.#envelope.reversePath, recipients, hash)
    const recipients = this.#accepted.map(({ canonical }) => canonical)
    return { whole: of(recipients), each: recipients.map(recipient => of([recipient])) }
  }

  /** The sender comes again with what lies in the hold: it becomes that entry's new attempt. */
  async #heldAlready({
    whole,
    each,
  }: Fingerprints): Promise<(Omit<Taken, 'reply'> & { heldAs: DeliveryId }) | undefined> {
    const { attempts, queue } = this.#parts
    const inTable = attempts.claimHeld(each)
    if (inTable !== undefined) {
      const entry = await queue.show(inTable)
      if (entry?.recipients.every(({ state }) => state !== 'failed'))
        return { fingerprints: each, reachedHome: false, heldAs: inTable }
      attempts.unclaim(inTable)
      return undefined
    }
    const inQueue = queue.findUnconfirmed(whole)
    if (inQueue === undefined || !attempts.claim(inQueue)) return undefined
    return { fingerprints: each, reachedHome: false, heldAs: inQueue }
  }

  /** Waits until earlier attempts of this message have come to rest, so that home meets them before this one. */
  async #nameTheGone(fingerprints: readonly Uint8Array[], slow: AbortSignal): Promise<void> {
    const earlier = this.#parts.attempts.match(fingerprints)
    this.#gone.push(...earlier.map(({ id }) => id))
    if (earlier.length === 0 || slow.aborted) return
    const outOfTime = new Promise(resolve => slow.addEventListener('abort', resolve, { once: true }))
    await Promise.race([Promise.all(earlier.map(({ finished }) => finished)), outOfTime])
  }

  async #answerFor(
    outcomes: readonly Outcome[],
    fingerprints: Fingerprints,
    trace: Uint8Array,
    message: MessageSource,
  ): Promise<MessageVerdict> {
    const combined = combine(outcomes)
    this.#recordOutcomes(outcomes, combined.refused)
    if (combined.kind === 'hold') {
      const recipients = this.#accepted.filter((_, index) => combined.indexes.includes(index))
      return this.#hold(recipients, fingerprints, trace, message, true)
    }
    const reply =
      outcomes.length > 1 && isPositive(combined.reply)
        ? smtpReply(250, '2.0.0', `${this.#facts.attempt.id} Saved`)
        : combined.reply
    return this.#answer({ fingerprints: fingerprints.each, reply, reachedHome: true, heldAs: undefined })
  }

  async #hold(
    recipients: readonly Accepted[],
    fingerprints: Fingerprints,
    trace: Uint8Array,
    message: MessageSource,
    reachedHome: boolean,
  ): Promise<MessageVerdict> {
    const { queue, clock, log, holdMs = limits.holdMs } = this.#parts
    const { id } = this.#facts.attempt
    const settled = { fingerprints: fingerprints.each, reachedHome }
    try {
      const envelope = { ...this.#envelope, recipients: recipients.map(({ recipient }) => recipient) }
      const times = { now: clock.now(), holdMs, notBeforeMs: reachedHome ? limits.retrySlowMs : 0 }
      const add = () => queue.add(holdEntry(this.#facts, envelope, trace, message, fingerprints.whole, times))
      // A fault that the storm must find (base/faults.ts)
      if (isPlanted('answer-before-disk')) setTimeout(() => void add().catch(() => undefined), 400)
      else await add()
    } catch (error) {
      log.error('The hold could not be written', { delivery: id, error: String(error) })
      return this.#answer({ ...settled, reply: replyWhenQueueFails(error), heldAs: undefined })
    }
    for (const { recipient } of recipients) this.#record('held', { to: recipient.address })
    return this.#answer({ ...settled, reply: heldReply(id), heldAs: id })
  }

  #answer(taken: Taken): MessageVerdict {
    this.#taken = taken
    const { messageId, sizeBytes } = this.#about
    this.#record('received', { reply: taken.reply, sizeBytes, ...(messageId !== undefined && { messageId }) })
    return this.#verdict(taken.reply)
  }

  #verdict(reply: SmtpReply): MessageVerdict {
    const status = isPositive(reply) ? 'delivered' : isPermanent(reply) ? 'failed' : 'deferred'
    return { reply, results: this.#accepted.map((): RecipientResult => ({ status, reply })) }
  }

  settle(outcome: 'confirmed' | 'gone' | 'aborted'): void {
    const finished = this.#home.close()
    const taken = this.#taken
    if (!taken) return
    if (outcome === 'confirmed' && isPositive(taken.reply)) this.#settleConfirmed(taken)
    // A 4xx too: the sender comes again, and home may have it already.
    else if (outcome !== 'confirmed' || !isPermanent(taken.reply)) this.#settleGone(taken, finished)
    if (taken.heldAs !== undefined) this.#parts.attempts.unclaim(taken.heldAs)
  }

  #settleConfirmed({ fingerprints, heldAs }: Taken): void {
    const { attempts, confirmedHolds, downstream, queue } = this.#parts
    attempts.settled(fingerprints)
    if (heldAs !== undefined) {
      queue.confirm(heldAs)
      confirmedHolds.add(heldAs)
    }
    const id = heldAs ?? this.#facts.attempt.id
    downstream.settle(this.#accepted.map(({ recipient }) => ({ id, recipient: recipient.address })))
  }

  #settleGone({ fingerprints, heldAs, reachedHome }: Taken, finished: Promise<unknown>): void {
    const { attempts, queue } = this.#parts
    const id = heldAs ?? this.#facts.attempt.id
    if (heldAs !== undefined) queue.gone(heldAs)
    if (heldAs !== undefined || reachedHome) attempts.gone({ id, held: heldAs !== undefined, finished }, fingerprints)
  }

  #recordOutcomes(outcomes: readonly Outcome[], refused: readonly number[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      const to = this.#accepted[index]?.recipient.address
      if (to === undefined || outcome === 'unsure') continue
      const kind = { delivered: 'passed-on', deferred: 'attempt-deferred', failed: 'refused' } as const
      // Refused although the reply is a yes: no DSN goes to a sender whose address nobody has proved.
      const detail = refused.includes(index) ? { silently: true } : undefined
      this.#record(kind[outcome.status], { to, reply: outcome.reply, ...(detail && { detail }) })
    }
  }

  #record(
    kind: EventKind,
    facts: { readonly reply?: SmtpReply } & Pick<MailEvent, 'to' | 'detail' | 'messageId' | 'sizeBytes'>,
  ): void {
    const { events, clock } = this.#parts
    const { reply, ...more } = facts
    events.record({
      at: clock.now(),
      kind,
      session: this.#session.id,
      delivery: this.#facts.attempt.id,
      from: this.#envelope.reversePath,
      client: this.#session.clientAddress,
      ...(reply && { reply: printReply(reply) }),
      ...more,
    })
  }
}

type Fingerprints = {
  /** Of the message for all its recipients, as the queue keeps it */
  readonly whole: Uint8Array
  /** For each recipient alone, as home keeps it: a retry may be grouped otherwise */
  readonly each: readonly Uint8Array[]
}

function heldReply(id: DeliveryId): SmtpReply {
  return smtpReply(250, '2.0.0', `${id} Accepted, will be delivered`)
}
