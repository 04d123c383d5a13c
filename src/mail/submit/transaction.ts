import { concatBytes } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { canonicalAddress, parseAddress, printAddress } from '#formats/address/address.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isPermanent, isPositive, printReply, smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Login } from '../auth.ts'
import type { Directory } from '../directory.ts'
import type { Events } from '../events.ts'
import { fingerprintOf, receivedHash } from '../fingerprint.ts'
import type { DeliveryId } from '../ids.ts'
import type { NewEntry, Queue } from '../queue/queue.ts'
import { replyWhenQueueFails } from '../receive/hold.ts'
import { mailboxDisabled, noSuchUser, recipientOk } from '../receive/recipient-from-list.ts'
import { tryLater } from '../receive/reply-for-stranger.ts'
import type { IncomingTransaction, MessageVerdict, SessionFacts } from '../receiving.ts'
import { submissionTrace } from '../trace-block.ts'
import { fixUp } from './fix-ups.ts'
import { expiresAfterMs, maxRecipients } from './limits.ts'
import type { SendingWatch } from '../sending/watch.ts'
import type { SubmissionRate } from './rate.ts'

export type SubmissionOptions = {
  /** This box; delivery ids begin with `<name>-out` */
  readonly name: string
  readonly boot: number
  readonly hostname: string
  readonly directory: Pick<Directory, 'maySendAs' | 'resolve'>
  /** Outbound */
  readonly queue: Pick<Queue, 'add' | 'findUnconfirmed' | 'confirm' | 'gone' | 'hold' | 'release'>
  /** Of this box, 32 octets, durable */
  readonly fingerprintKey: Uint8Array
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
  readonly sizeLimitBytes: number
  readonly maxRecipients?: number
  readonly expiresAfterMs?: number
  readonly recipientsPerHour?: number
  /** Counts what users send, and pauses who sends too much */
  readonly watch?: Pick<SendingWatch, 'submitted' | 'withdrawn' | 'isPaused'>
}

export type SubmissionParts = SubmissionOptions & {
  readonly nextId: () => DeliveryId
  readonly rate: SubmissionRate
  /** Entries that a client is just now told of again: another copy at the same time is a message of its own. */
  readonly claimed: Set<DeliveryId>
}

export function notYourAddress(address: string): SmtpReply {
  return smtpReply(553, '5.7.1', `SUB-FROM: <${address.replace(/[^!-~]/g, '?')}> is not one of your addresses`)
}

export class SubmissionTransaction implements IncomingTransaction {
  readonly #parts: SubmissionParts
  readonly #session: SessionFacts
  readonly #login: Login
  readonly #envelope: Envelope
  readonly #recipients: EnvelopeRecipient[] = []
  #queued: DeliveryId | undefined
  #about: { readonly sizeBytes?: number; readonly messageId?: string } = {}

  constructor(parts: SubmissionParts, session: SessionFacts, login: Login, envelope: Envelope) {
    this.#parts = parts
    this.#session = session
    this.#login = login
    this.#envelope = envelope
  }

  async recipient(recipient: EnvelopeRecipient): Promise<SmtpReply> {
    const address = parseAddress(recipient.address)
    const canonical = canonicalAddress(recipient.address)
    if (!address || !canonical) return smtpReply(501, '5.1.3', 'Not an address')
    if (this.#recipients.length >= (this.#parts.maxRecipients ?? maxRecipients))
      return smtpReply(452, '4.5.3', 'Too many recipients')
    const reply = await this.#resolve(canonical)
    if (!isPositive(reply)) return reply
    if (!this.#parts.rate.take(this.#login.account))
      return smtpReply(450, '4.7.1', 'You have written to very many people within the hour, please go on later')
    this.#recipients.push({ ...recipient, address: printAddress(address) })
    return reply
  }

  /** Names of our own domains are known at once; the others are the route's affair. */
  async #resolve(canonical: string): Promise<SmtpReply> {
    try {
      const { kind } = await this.#parts.directory.resolve(canonical)
      if (kind === 'unknown') return noSuchUser
      return kind === 'disabled' ? mailboxDisabled : recipientOk
    } catch (error) {
      this.#parts.log.error('A recipient could not be looked up', { error: String(error) })
      return tryLater
    }
  }

  async message(source: MessageSource): Promise<MessageVerdict> {
    try {
      return this.#verdict(await this.#take(source))
    } catch (error) {
      this.#parts.log.error('A submitted message could not be queued', { error: String(error) })
      this.#parts.rate.giveBack(this.#login.account, this.#recipients.length)
      return this.#verdict(replyWhenQueueFails(error))
    }
  }

  async #take(source: MessageSource): Promise<SmtpReply> {
    const { clock, hostname, queue, sizeLimitBytes } = this.#parts
    if (source.sizeBytes > sizeLimitBytes) return smtpReply(552, '5.3.4', 'Message too big')
    const now = clock.now()
    const fixed = await fixUp(source, hostname, now)
    if ('code' in fixed) return this.#refuse(fixed)
    this.#about = { sizeBytes: source.sizeBytes, messageId: fixed.messageId }
    for (const author of fixed.authors) if (!(await this.#isOwn(author))) return this.#refuse(notYourAddress(author))
    const fingerprint = await this.#fingerprint(source)
    const again = queue.findUnconfirmed(fingerprint).find(id => !this.#parts.claimed.has(id))
    if (again !== undefined) return this.#answer(again)
    const id = this.#parts.nextId()
    const { releaseAt, ...given } = this.#envelope
    const envelope = { ...given, recipients: this.#recipients }
    const received = submissionTrace(this.#session, hostname, envelope.smtpUtf8, id, now)
    const who = { account: this.#login.account, address: this.#login.address }
    const go = await this.#parts.watch?.submitted(
      who,
      envelope.recipients.map(({ address }) => address),
    )
    await this.#add({
      id,
      envelope,
      trace: concatBytes([received, fixed.added]),
      message: fixed.message,
      facts: JSON.stringify({ account: this.#login.account, login: this.#login.address }),
      fingerprint,
      receivedAt: now,
      // it is tried as long as others, from then on
      expiresAt: Math.max(now, releaseAt ?? 0) + (this.#parts.expiresAfterMs ?? expiresAfterMs),
      ...(releaseAt !== undefined && { releaseAt }),
      ...(go === 'hold' && { held: true }),
      ...(this.#session.asksForEnd && { keepsEnd: true }),
      sentCopy: this.#login.account,
      ...(fixed.bcc.length > 0 && { sentCopyFields: fixed.bcc }),
      submitter: this.#login.address,
    })
    if (go !== undefined) await this.#asOthers(id, go)
    return this.#answer(id)
  }

  /** What the disk has no room for comes again, and is counted then. */
  async #add(entry: NewEntry): Promise<void> {
    try {
      await this.#parts.queue.add(entry)
    } catch (error) {
      await this.#parts.watch?.withdrawn(this.#login.account, entry.envelope.recipients.length).catch(() => {})
      throw error
    }
  }

  /** The account was paused or resumed while this one was on its way into the queue: what was held or released then did not have it yet. */
  async #asOthers(id: DeliveryId, went: 'go' | 'hold'): Promise<void> {
    const { log, queue, watch } = this.#parts
    const paused = watch?.isPaused(this.#login.account) === true
    if (paused === (went === 'hold')) return
    await (paused ? queue.hold(id) : queue.release(id)).catch((error: unknown) => {
      // it is in the queue: its sender must not send it again
      log.error('A message could not be held or released', { delivery: id, error: String(error) })
    })
  }

  async #isOwn(address: string): Promise<boolean> {
    const canonical = canonicalAddress(address)
    return canonical !== undefined && (await this.#parts.directory.maySendAs(this.#login.account, canonical))
  }

  async #fingerprint(source: MessageSource): Promise<Uint8Array> {
    const who = `${this.#login.account} ${this.#envelope.reversePath}`
    const recipients = this.#recipients.map(({ address }) => address)
    return fingerprintOf(this.#parts.fingerprintKey, who, recipients, await receivedHash(source))
  }

  #answer(id: DeliveryId): SmtpReply {
    const reply = smtpReply(250, '2.0.0', `Queued as ${id}`)
    this.#queued = id
    this.#parts.claimed.add(id)
    this.#record('submitted', reply, id)
    return reply
  }

  #refuse(reply: SmtpReply): SmtpReply {
    this.#record('refused', reply)
    return reply
  }

  #verdict(reply: SmtpReply): MessageVerdict {
    const status = isPositive(reply) ? 'delivered' : isPermanent(reply) ? 'failed' : 'deferred'
    const results = this.#recipients.map((): RecipientResult => ({ status, reply }))
    const { messageId } = this.#about
    return {
      reply,
      results,
      ...(this.#queued !== undefined && { delivery: this.#queued }),
      ...(messageId !== undefined && { messageId }),
    }
  }

  settle(outcome: 'confirmed' | 'gone' | 'aborted'): void {
    const id = this.#queued
    if (id === undefined) return
    this.#parts.claimed.delete(id)
    if (outcome === 'confirmed') this.#parts.queue.confirm(id)
    else this.#parts.queue.gone(id)
  }

  #record(kind: 'submitted' | 'refused', reply: SmtpReply, delivery?: DeliveryId): void {
    const { clock, events } = this.#parts
    for (const { address } of this.#recipients)
      events.record({
        at: clock.now(),
        kind,
        session: this.#session.id,
        from: this.#envelope.reversePath,
        to: address,
        reply: printReply(reply),
        ...this.#about,
        ...(delivery && { delivery, detail: { account: this.#login.account } }),
      })
  }
}
