/** One transaction at home, from MAIL to the peer's taking of the answers. */
import { concatBytes, emptyBytes } from '#base/bytes.ts'
import { isPlanted } from '#base/faults.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isPermanent, isPositive, smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Attempt } from '../delivery.ts'
import type { LocalTarget } from '../directory.ts'
import type { DeliveryFacts } from '../downstream.ts'
import { fingerprintOf, receivedHash } from '../fingerprint.ts'
import type { DeliveryId } from '../ids.ts'
import { headerOf, messageIdIn } from '../receive/header-of.ts'
import { tryLater } from '../receive/reply-for-stranger.ts'
import type { IncomingTransaction, MessageVerdict } from '../receiving.ts'
import { homeTrace, withoutForgedResults } from '../trace-block.ts'
import { inParallel } from './in-parallel.ts'
import { takeApart } from './incoming.ts'
import { forwardId, withoutReturnPath } from './local-filing.ts'
import { intoAccount, type OneDelivery } from './into-account.ts'
import { fenceWaitMs, parallelDeliveries } from './limits.ts'
import { lmtpOrigin, type HomeParts, type Peer } from './options.ts'
import { whereItTravelled } from './loops.ts'
import { targetVerdict, type TargetOutcome } from './verdict.ts'
import type { Accepted, Arrived, Transaction } from './arrived.ts'
import { judgeRecipient } from './recipients.ts'
import { record, recordResult } from './record.ts'
import { tellSender } from './tell-sender.ts'

const notFromUs = smtpReply(451, '4.7.0', 'What this gateway tells does not hold, please try again later')
const loop = smtpReply(554, '5.4.6', 'Mail loop: this message has been here before')

export class HomeTransaction implements IncomingTransaction, Transaction {
  readonly parts: HomeParts
  readonly peer: Peer
  readonly envelope: Envelope
  readonly declaredSize: number | undefined
  readonly facts: DeliveryFacts | undefined
  readonly accepted: Accepted[] = []
  /** By recipient: asked for before, at and after the delivery */
  readonly #fingerprints = new Map<string, { readonly hash: Uint8Array; readonly fingerprint: Uint8Array }>()
  /** An id made here: the session's own end tells whether the peer has our answers. */
  #own: { readonly id: DeliveryId; readonly results: readonly RecipientResult[]; readonly hash: Uint8Array } | undefined

  constructor(
    parts: HomeParts,
    peer: Peer,
    envelope: Envelope,
    known: { readonly declaredSize: number | undefined; readonly facts?: DeliveryFacts },
  ) {
    this.parts = parts
    this.peer = peer
    this.envelope = envelope
    this.declaredSize = known.declaredSize
    this.facts = known.facts
  }

  async recipient(recipient: EnvelopeRecipient): Promise<SmtpReply> {
    try {
      const reply = await judgeRecipient(this, recipient)
      if (!isPositive(reply)) record(this, 'recipient-refused', recipient.address, reply)
      return reply
    } catch (error) {
      this.parts.log.error('A recipient could not be looked up', { error: String(error) })
      return tryLater
    }
  }

  /** Over LMTP: facts, trace block and message in one stream. */
  async message(source: MessageSource, signal: AbortSignal): Promise<MessageVerdict> {
    return this.#guarded(async () => {
      if (this.facts) return this.#deliverTold(this.facts, emptyBytes, source, signal)
      const { gateway, speaker } = this.peer
      const recipients = this.accepted.map(({ recipient }) => recipient.address)
      const key = gateway?.key
      const now = this.parts.clock.now()
      const incoming = await takeApart(source, { key, mustTell: speaker !== undefined, recipients, now })
      switch (incoming.kind) {
        case 'bad':
          return this.#notBelieved(incoming.problem)
        case 'told':
          return this.#deliverTold(incoming.facts, incoming.trace, incoming.received, signal)
        case 'plain':
          return this.#deliverPlain(incoming.received, signal)
        default:
          return incoming satisfies never
      }
    })
  }

  /** In one process: the gateway's block and the bytes as received come apart already. */
  async deliver(trace: Uint8Array, received: MessageSource, signal: AbortSignal): Promise<MessageVerdict> {
    const facts = this.facts
    if (!facts) throw new Error('Only a transaction with facts is delivered to directly')
    return this.#guarded(() => this.#deliverTold(facts, trace, received, signal))
  }

  async #guarded(act: () => Promise<MessageVerdict>): Promise<MessageVerdict> {
    try {
      return await act()
    } catch (error) {
      this.parts.log.error('A message could not be delivered', { error: String(error) })
      return this.#all(tryLater)
    }
  }

  async #deliverTold(
    facts: DeliveryFacts,
    gatewayTrace: Uint8Array,
    received: MessageSource,
    signal: AbortSignal,
  ): Promise<MessageVerdict> {
    const { gateway, speaker } = this.peer
    const { attempt, held } = facts
    if (attempt.origin !== gateway?.name || (speaker && attempt.boot > speaker.boot))
      return this.#notBelieved('other-origin')
    const arrived = await this.#arrive(received, { attempt, facts, held, gatewayTrace })
    const write = () => this.#write(arrived, signal)
    const fencedBy = speaker ?? (held ? undefined : attempt)
    const results = fencedBy ? await this.parts.fence.run(fencedBy, fenceWaitMs, write) : await write()
    if (results === 'old') return this.#all(smtpReply(421, '4.3.2', 'A later start of that box is known already'))
    return results === 'busy' ? this.#all(tryLater) : verdictOf(results)
  }

  async #deliverPlain(received: MessageSource, signal: AbortSignal): Promise<MessageVerdict> {
    const { attempts, boot, name, nextId } = this.parts
    const hash = await receivedHash(received)
    const fingerprints = this.accepted.map(({ canonical }) => this.#fingerprint(canonical, hash))
    const gone = attempts.match(fingerprints).map(({ id }) => id)
    const attempt: Attempt = { id: nextId(), origin: lmtpOrigin(name), boot, gone, confirmed: false }
    const arrived = await this.#arrive(received, { attempt, facts: undefined, held: false, gatewayTrace: emptyBytes })
    this.#own = { id: attempt.id, results: this.#all(tryLater).results, hash: arrived.hash }
    const results = await this.#write(arrived, signal)
    this.#own = { id: attempt.id, results, hash: arrived.hash }
    return verdictOf(results)
  }

  async #arrive(
    asReceived: MessageSource,
    about: Pick<Arrived, 'attempt' | 'facts' | 'held' | 'gatewayTrace'>,
  ): Promise<Arrived> {
    const received = await withoutForgedResults(asReceived, [this.parts.hostname])
    const hash = await receivedHash(received)
    const header = await headerOf(received)
    const travelled = whereItTravelled(header)
    return { ...about, received, hash, travelled, messageId: messageIdIn(header), at: this.parts.clock.now() }
  }

  async #write(arrived: Arrived, signal: AbortSignal): Promise<readonly RecipientResult[]> {
    const deliveries = this.accepted.flatMap((accepted, index) =>
      this.#refusedAsLoop(arrived, accepted) ? [] : accepted.targets.map(target => ({ accepted, index, target })),
    )
    const outcomes = await inParallel(deliveries, parallelDeliveries, async ({ accepted, index, target }) => ({
      index,
      outcome: await this.#writeOne(arrived, accepted, target, signal),
    }))
    const results: RecipientResult[] = []
    for (const [index, accepted] of this.accepted.entries()) {
      const own = outcomes.filter(outcome => outcome.index === index).map(({ outcome }) => outcome)
      if (accepted.forwardTo !== undefined && !this.#refusedAsLoop(arrived, accepted))
        own.push(await this.#forwardBack(arrived, accepted.canonical, accepted.forwardTo))
      const result = this.#refusedAsLoop(arrived, accepted)
        ? ({ status: 'failed', reply: loop } as const)
        : targetVerdict(own, accepted.recipient.address, arrived.attempt.id)
      recordResult(this, arrived, accepted, result, own)
      results.push(result)
    }
    await tellSender(this, arrived, results, outcomes)
    return results
  }

  async #forwardBack(arrived: Arrived, canonical: string, to: string): Promise<TargetOutcome> {
    const { attempt, hash, received } = arrived
    const { body, smtpUtf8 } = this.envelope
    const id = forwardId(attempt.id, hash, canonical)
    try {
      await this.parts.forward?.({
        id,
        envelope: { reversePath: '', recipients: [{ address: to }], body, smtpUtf8 },
        trace: withoutReturnPath(this.#traceFor(arrived, canonical)),
        message: received,
        receivedHash: hash,
      })
      const { clock, events } = this.parts
      const detail = { effect: 'forward', as: id }
      events.record({ at: clock.now(), kind: 'sent-on', delivery: attempt.id, from: '', to, detail })
      return { status: 'forwarded' }
    } catch (error) {
      return { status: 'error', error }
    }
  }

  /** What waited in the hold has our 250 already: it ends the loop in Junk. */
  #refusedAsLoop(arrived: Arrived, accepted: Accepted): boolean {
    return !arrived.held && this.#loops(arrived, accepted)
  }

  #loops({ travelled }: Arrived, { canonical }: Accepted): boolean {
    return travelled.tooManyHops || travelled.deliveredTo.has(canonical)
  }

  async #writeOne(
    arrived: Arrived,
    accepted: Accepted,
    { account }: LocalTarget,
    signal: AbortSignal,
  ): Promise<TargetOutcome> {
    const { log, nextId, underWay } = this.parts
    const { at, facts, hash, held, received } = arrived
    const { canonical, recipient, targets } = accepted
    // A fault that the storm must find (base/faults.ts)
    const forgets = isPlanted('forget-deliveries')
    const attempt = forgets ? { ...arrived.attempt, id: nextId(), gone: [], confirmed: true } : arrived.attempt
    const one: OneDelivery = {
      account,
      recipient,
      canonical,
      envelope: this.envelope,
      attempt,
      fingerprint: this.#fingerprint(canonical, hash),
      facts,
      held,
      canRefuse: !held && targets.length === 1,
      loops: this.#loops(arrived, accepted),
      trace: this.#traceFor(arrived, canonical),
      received,
      hash,
      at,
    }
    try {
      return await underWay.run(one, () => intoAccount(this.parts, one, signal))
    } catch (error) {
      log.error('An account did not take a message', { delivery: attempt.id, account, error: String(error) })
      return { status: 'error', error }
    }
  }

  #fingerprint(canonical: string, hash: Uint8Array): Uint8Array {
    const known = this.#fingerprints.get(canonical)
    if (known?.hash === hash) return known.fingerprint
    const fingerprint = fingerprintOf(this.parts.fingerprintKey, this.envelope.reversePath, [canonical], hash)
    this.#fingerprints.set(canonical, { hash, fingerprint })
    return fingerprint
  }

  #traceFor({ attempt, at, gatewayTrace }: Arrived, recipient: string): Uint8Array {
    const { session } = this.peer
    const block = homeTrace({
      reversePath: this.envelope.reversePath,
      recipient,
      from: session && { helo: session.helo ?? '', clientAddress: session.clientAddress, tls: session.tls },
      hostname: this.parts.hostname,
      smtpUtf8: this.envelope.smtpUtf8,
      id: attempt.id,
      at,
    })
    return concatBytes([block, gatewayTrace])
  }

  #notBelieved(problem: string): MessageVerdict {
    const { log } = this.parts
    log.error('What a gateway tells of a message does not hold', { gateway: this.peer.gateway?.name, problem })
    for (const { recipient } of this.accepted)
      record(this, 'refused', recipient.address, notFromUs, { detail: { problem } })
    return this.#all(notFromUs)
  }

  #all(reply: SmtpReply): MessageVerdict {
    const status = isPermanent(reply) ? 'failed' : 'deferred'
    return { reply, results: this.accepted.map((): RecipientResult => ({ status, reply })) }
  }

  settle(outcome: 'confirmed' | 'gone' | 'aborted'): void {
    const own = this.#own
    if (!own) return
    const { attempts, deliveries } = this.parts
    for (const [index, { canonical, targets }] of this.accepted.entries()) {
      const status = own.results[index]?.status
      const fingerprint = this.#fingerprint(canonical, own.hash)
      if (outcome === 'confirmed' && status === 'delivered') {
        for (const { account } of targets) deliveries.confirm(account, canonical, [own.id])
      }
      // Told to come again, or without our answer: some of the accounts may have it already.
      else if (outcome !== 'confirmed' || status === 'deferred')
        attempts.gone({ id: own.id, finished: Promise.resolve() }, [fingerprint])
    }
  }
}

function verdictOf(results: readonly RecipientResult[]): MessageVerdict {
  return { results, reply: results[0]?.reply ?? tryLater }
}
