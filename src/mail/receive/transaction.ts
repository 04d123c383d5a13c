/** One transaction at the gateway, from MAIL to the sender's taking of the answer. */
import { deadline } from '#base/deadline.ts'
import type { Clock } from '#base/clock.ts'
import { concatBytes } from '#base/bytes.ts'
import { isPlanted } from '#base/faults.ts'
import type { Log } from '#base/log.ts'
import { canonicalAddress, parseAddress, printAddress } from '#formats/address/address.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isPermanent, isPositive, printReply, smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { AuthenticityCheck } from '../authenticity/policy.ts'
import type { DeliveryFacts, Downstream } from '../downstream.ts'
import type { EventKind, Events, MailEvent } from '../events.ts'
import { fingerprintOf, receivedHash } from '../fingerprint.ts'
import type { DeliveryId } from '../ids.ts'
import type { Queue } from '../queue/queue.ts'
import type { IncomingTransaction, MessageVerdict, SessionFacts } from '../receiving.ts'
import type { ListAnswer, RecipientList } from '../recipient-list.ts'
import { gatewayTrace, withoutForgedResults } from '../trace-block.ts'
import type { Visit, Visitors } from '../visitors.ts'
import type { AttemptTable } from './attempts.ts'
import { combine, type Outcome } from './combine.ts'
import { headerOf, isHeaderTooLong, messageIdIn } from './header-of.ts'
import { HomeSide } from './home-side.ts'
import { holdEntry, replyWhenQueueFails, type ConfirmedHolds } from './hold.ts'
import * as limits from './limits.ts'
import { isRewritten } from '../srs.ts'
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
  readonly queue: Pick<Queue, 'add' | 'findUnconfirmed' | 'confirm' | 'supersede' | 'isConfirmed' | 'gone' | 'show'>
  /** The same as the hold's transport has */
  readonly confirmedHolds: ConfirmedHolds
  /** Of this box, 32 octets, durable (the queue's fingerprints outlive a start) */
  readonly fingerprintKey: Uint8Array
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
  readonly sizeLimitBytes: number
  /** The connection stage; the same as the session has */
  readonly visitors?: Pick<Visitors, 'visit'>
  /** SPF, DKIM, ARC, DMARC; absent: nothing is looked at */
  readonly authenticity?: AuthenticityCheck | undefined
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

type RecipientVerdict = { readonly reply: SmtpReply; readonly detail?: MailEvent['detail'] }
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
  /** Completed while the message is taken in, and read when it is sent */
  readonly #facts: { -readonly [Key in keyof DeliveryFacts]: DeliveryFacts[Key] }
  readonly #visit: Visit | undefined
  /** Named in the facts, which are read when the message is sent: who is gone is known only after its last byte. */
  readonly #gone: DeliveryId[] = []
  /** Those of them that are entries of the hold */
  #goneInHold: readonly DeliveryId[] = []
  readonly #home: HomeSide
  readonly #accepted: Accepted[] = []
  #taken: Taken | undefined
  #settled = false
  #about: { readonly sizeBytes: number; readonly messageId?: string | undefined } = { sizeBytes: 0 }
  /** What was found out about the message, for the trace */
  #found: MailEvent['detail']

  constructor(parts: GatewayParts, session: SessionFacts, envelope: Envelope, declaredSize: number | undefined) {
    this.#parts = parts
    this.#session = session
    this.#envelope = envelope
    this.#visit = parts.visitors?.visit(session.id)
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
    const { reply, detail } = await this.#judgeRecipient(recipient, signal)
    const kind = isPositive(reply) ? 'recipient-accepted' : 'recipient-refused'
    this.#record(kind, { to: recipient.address, reply, detail })
    return reply
  }

  async #judgeRecipient(written: EnvelopeRecipient, signal: AbortSignal): Promise<RecipientVerdict> {
    const read = this.#readRecipient(written)
    if (!read) return { reply: smtpReply(501, '5.1.3', 'Not an address') }
    if (this.#accepted.length >= (this.#parts.maxRecipients ?? limits.maxRecipients))
      return { reply: smtpReply(452, '4.5.3', 'Too many recipients') }
    const found = await this.#look(read.canonical)
    // No list has a reverse-path that home has rewritten: only home can tell whether it did
    const listed = found.kind === 'unknown' && isRewritten(read.canonical) ? { ...found, fresh: false } : found
    // Home is not asked about foreign domains: a stand-in that says yes to everything must not make a relay of us.
    if (listed.kind === 'not-ours') return { reply: listed.fresh ? relayDenied : cannotTell }
    // What home has taken it has taken: the connection is judged before. A name that is not there hears just that.
    const mayBeThere = listed.kind === 'known' || !listed.fresh
    const { reversePath } = this.#envelope
    const refusal = mayBeThere && (await this.#visit?.recipient(this.#session, reversePath, read.canonical))
    if (refusal) return refusal
    const fromHome = await this.#home.recipient(read.recipient, signal)
    const reply = fromHome ?? recipientFromList(listed)
    if (isPositive(reply)) this.#accepted.push(read)
    return { reply }
  }

  /** A domain that was added a moment ago is no stranger's: the list is looked at before it says so. */
  async #look(canonical: string): Promise<ListAnswer> {
    const { list } = this.#parts
    const listed = list.look(canonical)
    if (listed.kind !== 'not-ours' || !list.refresh) return listed
    await list.refresh()
    return list.look(canonical)
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
    // What stands further down is not looked at, and might claim to be ours
    if (await isHeaderTooLong(source)) return this.#refuse(headerTooLong, [])
    using limit = deadline(signal, slowAfterMs)
    const slow = limit.signal
    const message = await withoutForgedResults(source, [hostname, ...authservIds])
    const header = await headerOf(message)
    this.#about = { sizeBytes: message.sizeBytes, messageId: messageIdIn(header) }
    const fingerprints = await this.#fingerprints(message)
    const held = await this.#heldAlready(fingerprints)
    if (held !== undefined)
      return this.#answer({ fingerprints, reachedHome: false, heldAs: held, reply: heldReply(held) })
    await this.#nameTheGone(fingerprints, slow)
    if (this.#visit) this.#facts.verdicts = { connection: await this.#visit.findings(this.#session) }
    const refusal = await this.#judgeAuthenticity(message, header, slow)
    if (refusal) return this.#refuse(refusal, fingerprints)
    const trace = gatewayTrace(this.#session, this.#facts, hostname, this.#envelope)
    const outcomes = await this.#home.message(trace, message, slow)
    return outcomes
      ? this.#answerFor(outcomes, fingerprints, trace, message)
      : this.#hold(this.#accepted, fingerprints, trace, message, false)
  }

  /** A fault of ours refuses nobody. */
  async #judgeAuthenticity(
    message: MessageSource,
    header: Uint8Array,
    signal: AbortSignal,
  ): Promise<SmtpReply | undefined> {
    const { authenticity, log } = this.#parts
    const { clientAddress, helo = '', gateway, login } = this.#session
    // Who has proved to be ours speaks for others' mail
    if (!authenticity || gateway !== undefined || login) return undefined
    const { reversePath } = this.#envelope
    try {
      const decision = await authenticity({ clientAddress, helo, reversePath, message, header }, signal)
      this.#facts.verdicts = { ...this.#facts.verdicts, authenticity: decision.authenticity }
      this.#found = decision.detail
      return decision.refusal
    } catch (error) {
      log.error('A message could not be judged', { delivery: this.#facts.attempt.id, error: String(error) })
      return undefined
    }
  }

  #refuse(reply: SmtpReply, fingerprints: Fingerprints): MessageVerdict {
    for (const { recipient } of this.#accepted)
      this.#record('refused', { to: recipient.address, reply, detail: this.#found })
    return this.#answer({ fingerprints, reply, reachedHome: false, heldAs: undefined })
  }

  async #fingerprints(message: MessageSource): Promise<Fingerprints> {
    const hash = await receivedHash(message)
    return this.#accepted.map(({ canonical }) =>
      fingerprintOf(this.#parts.fingerprintKey, this.#envelope.reversePath, [canonical], hash),
    )
  }

  /** The sender comes again with what lies in the hold, or came to home out of it: it becomes that entry's new attempt. */
  async #heldAlready(fingerprints: Fingerprints): Promise<DeliveryId | undefined> {
    const { attempts, queue } = this.#parts
    const [first = [], ...others] = fingerprints.map(one => queue.findUnconfirmed(one))
    // Where another retry has named it as gone, that one has taken its place at home.
    const named = attempts.named(fingerprints)
    for (const id of first.filter(one => !named.has(one) && others.every(ids => ids.includes(one)))) {
      if (!attempts.claim(id)) continue
      if (await this.#stillCovers(id, fingerprints)) return id
      attempts.unclaim(id)
    }
    return undefined
  }

  async #stillCovers(id: DeliveryId, fingerprints: Fingerprints): Promise<boolean> {
    const { log, queue } = this.#parts
    try {
      const entry = await queue.show(id)
      if (entry?.recipients.some(({ state }) => state === 'failed')) return false
      return fingerprints.every(one => queue.findUnconfirmed(one).includes(id))
    } catch (error) {
      log.warn('The hold could not be looked through', { delivery: id, error: String(error) })
      return false
    }
  }

  /**
   * Home is told which earlier attempts are gone: it takes this one for theirs, or theirs, should it still arrive, for this one.
   * Waits until those on their way have come to rest, so that home meets them before this one.
   */
  async #nameTheGone(fingerprints: Fingerprints, slow: AbortSignal): Promise<void> {
    const { attempts, queue } = this.#parts
    const earlier = attempts.match(fingerprints).filter(({ id }) => !attempts.isClaimed(id))
    const inHold = new Set<DeliveryId>()
    for (const one of fingerprints)
      for (const id of queue.findUnconfirmed(one).filter(each => !attempts.isClaimed(each))) {
        inHold.add(id)
        const finished = earlier.find(attempt => attempt.id === id)?.finished ?? Promise.resolve()
        attempts.gone({ id, named: true, finished }, [one])
      }
    this.#goneInHold = [...inHold]
    this.#gone.push(...[...new Set([...inHold, ...earlier.map(({ id }) => id)])].slice(0, limits.maxGoneIds))
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
    this.#recordOutcomes(outcomes)
    if (combined.kind === 'hold') {
      const recipients = this.#accepted.filter((_, index) => combined.indexes.includes(index))
      return this.#hold(recipients, fingerprints, trace, message, true)
    }
    const reply =
      outcomes.length > 1 && isPositive(combined.reply)
        ? smtpReply(250, '2.0.0', `${this.#facts.attempt.id} Saved`)
        : combined.reply
    return this.#answer({ fingerprints, reply, reachedHome: true, heldAs: undefined })
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
    const settled = { fingerprints, reachedHome }
    try {
      const envelope = { ...this.#envelope, recipients: recipients.map(({ recipient }) => recipient) }
      const times = { now: clock.now(), holdMs, notBeforeMs: reachedHome ? limits.retrySlowMs : 0 }
      const add = () => queue.add(holdEntry(this.#facts, envelope, trace, message, concatBytes(fingerprints), times))
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
    // The disk hung for so long that the sender was told to come again
    if (this.#settled) this.#settleTaken(taken, 'gone', this.#home.close())
    const { helo, receivedAt: begun, tls } = this.#facts
    const detail = { ...this.#found, begun, helo, ...(tls !== undefined && { senderTls: tls }) }
    this.#record('received', { reply: taken.reply, sizeBytes: this.#about.sizeBytes, detail })
    return this.#verdict(taken.reply)
  }

  #verdict(reply: SmtpReply): MessageVerdict {
    const status = isPositive(reply) ? 'delivered' : isPermanent(reply) ? 'failed' : 'deferred'
    return { reply, results: this.#accepted.map((): RecipientResult => ({ status, reply })) }
  }

  settle(outcome: 'confirmed' | 'gone' | 'aborted'): void {
    this.#settled = true
    const finished = this.#home.close()
    if (this.#taken) this.#settleTaken(this.#taken, outcome, finished)
  }

  #settleTaken(taken: Taken, outcome: 'confirmed' | 'gone' | 'aborted', finished: Promise<unknown>): void {
    if (outcome === 'confirmed' && isPositive(taken.reply)) this.#settleConfirmed(taken)
    // A 4xx too: the sender comes again, and home may have it already.
    else if (outcome !== 'confirmed' || !isPermanent(taken.reply)) this.#settleGone(taken, finished)
    if (taken.heldAs !== undefined) this.#parts.attempts.unclaim(taken.heldAs)
  }

  #settleConfirmed({ fingerprints, heldAs }: Taken): void {
    const { attempts, confirmedHolds, downstream, queue } = this.#parts
    // What lay in the hold and was named: this message has taken its place
    for (const id of this.#goneInHold) queue.supersede(id, fingerprints)
    if (heldAs !== undefined) {
      attempts.forget(heldAs, fingerprints)
      queue.confirm(heldAs, fingerprints)
      if (queue.isConfirmed(heldAs)) confirmedHolds.add(heldAs)
    }
    const id = heldAs ?? this.#facts.attempt.id
    const recipients = this.#accepted.map(({ canonical }) => canonical)
    this.#visit?.delivered(this.#envelope.reversePath, recipients)
    downstream.settle(this.#accepted.map(({ recipient }) => ({ id, recipient: recipient.address })))
  }

  #settleGone({ fingerprints, heldAs, reachedHome }: Taken, finished: Promise<unknown>): void {
    const { attempts, queue } = this.#parts
    const id = heldAs ?? this.#facts.attempt.id
    if (heldAs !== undefined) queue.gone(heldAs)
    if (heldAs !== undefined || reachedHome) attempts.gone({ id, finished }, fingerprints)
  }

  #recordOutcomes(outcomes: readonly Outcome[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      const to = this.#accepted[index]?.recipient.address
      if (to === undefined || outcome === 'unsure') continue
      const kind = { delivered: 'passed-on', deferred: 'attempt-deferred', failed: 'refused' } as const
      this.#record(kind[outcome.status], { to, reply: outcome.reply })
    }
  }

  #record(
    kind: EventKind,
    facts: { readonly reply?: SmtpReply } & Pick<MailEvent, 'to' | 'detail' | 'sizeBytes'>,
  ): void {
    const { events, clock } = this.#parts
    const { to, reply, detail, sizeBytes } = facts
    // one shape for all: made several times a letter
    events.record({
      at: clock.now(),
      kind,
      session: this.#session.id,
      delivery: this.#facts.attempt.id,
      from: this.#envelope.reversePath,
      client: this.#session.clientAddress,
      messageId: this.#about.messageId,
      to,
      reply: reply && printReply(reply),
      sizeBytes,
      detail,
    })
  }
}

/** Of the message for each recipient alone, as hold and home keep them: a retry may be grouped otherwise. */
type Fingerprints = readonly Uint8Array[]

const headerTooLong = smtpReply(554, '5.6.0', 'The header is too long')

function heldReply(id: DeliveryId): SmtpReply {
  return smtpReply(250, '2.0.0', `${id} Accepted, will be delivered`)
}
