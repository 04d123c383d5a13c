/** One transaction at home, from MAIL to the peer's taking of the answers. */
import { concatBytes, emptyBytes } from '#base/bytes.ts'
import { isPlanted } from '#base/faults.ts'
import { canonicalAddress, domainOf } from '#formats/address/address.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isPermanent, isPositive, printReply, smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { authenticityDetail } from '../authenticity/policy.ts'
import type { Attempt } from '../delivery.ts'
import type { LocalTarget } from '../directory.ts'
import type { DeliveryFacts } from '../downstream.ts'
import type { EventKind, MailEvent } from '../events.ts'
import { fingerprintOf, receivedHash } from '../fingerprint.ts'
import type { DeliveryId } from '../ids.ts'
import { headerOf, messageIdIn } from '../receive/header-of.ts'
import { mailboxDisabled, noSuchUser, recipientOk, relayDenied } from '../receive/recipient-from-list.ts'
import { tryLater } from '../receive/reply-for-stranger.ts'
import type { IncomingTransaction, MessageVerdict } from '../receiving.ts'
import type { SrsTarget } from '../srs.ts'
import { homeTrace, withoutForgedResults } from '../trace-block.ts'
import { inParallel } from './in-parallel.ts'
import { takeApart } from './incoming.ts'
import { forwardId, withoutReturnPath } from './local-filing.ts'
import { intoAccount, type OneDelivery } from './into-account.ts'
import { fenceWaitMs, maxRecipients, parallelDeliveries } from './limits.ts'
import { lmtpOrigin, type HomeParts, type Peer } from './options.ts'
import { whereItTravelled, type Travelled } from './loops.ts'
import { refusalReport, successReport } from './success-report.ts'
import { diskFull, overQuota, targetVerdict, type TargetOutcome } from './verdict.ts'

type Accepted = {
  readonly recipient: EnvelopeRecipient
  readonly canonical: string
  readonly targets: readonly LocalTarget[]
  /** It came back to a reverse-path that we rewrote: on to the sender whose it was */
  readonly forwardTo?: string
}

/** A message and all that is known of it, ready to be written to accounts. */
type Arrived = {
  readonly attempt: Attempt
  /** Undefined for a peer that tells none */
  readonly facts: DeliveryFacts | undefined
  readonly held: boolean
  readonly gatewayTrace: Uint8Array
  readonly received: MessageSource
  readonly hash: Uint8Array
  readonly travelled: Travelled
  readonly messageId: string | undefined
  readonly at: number
}

const notFromUs = smtpReply(451, '4.7.0', 'What this gateway tells does not hold, please try again later')
const onlyReports = smtpReply(550, '5.7.1', 'Only reports on a forwarded message are taken for this address')
const loop = smtpReply(554, '5.4.6', 'Mail loop: this message has been here before')

export class HomeTransaction implements IncomingTransaction {
  readonly #parts: HomeParts
  readonly #peer: Peer
  readonly #envelope: Envelope
  readonly #declaredSize: number | undefined
  readonly #facts: DeliveryFacts | undefined
  readonly #accepted: Accepted[] = []
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
    this.#parts = parts
    this.#peer = peer
    this.#envelope = envelope
    this.#declaredSize = known.declaredSize
    this.#facts = known.facts
  }

  async recipient(recipient: EnvelopeRecipient): Promise<SmtpReply> {
    try {
      const reply = await this.#judgeRecipient(recipient)
      if (!isPositive(reply)) this.#record('recipient-refused', recipient.address, reply)
      return reply
    } catch (error) {
      this.#parts.log.error('A recipient could not be looked up', { error: String(error) })
      return tryLater
    }
  }

  async #judgeRecipient(recipient: EnvelopeRecipient): Promise<SmtpReply> {
    const { directory, deliveries } = this.#parts
    const { address } = recipient
    const canonical = canonicalAddress(address.toLowerCase() === 'postmaster' ? await this.#ourPostmaster() : address)
    if (!canonical) return smtpReply(501, '5.1.3', 'Not an address')
    if (this.#accepted.length >= (this.#parts.maxRecipients ?? maxRecipients))
      return smtpReply(452, '4.5.3', 'Too many recipients')
    if (!this.#gatewayHolds(canonical)) return this.#disagree(canonical)
    const back = this.#parts.srs?.back(canonical, this.#parts.clock.now())
    if (back && back.kind !== 'not-srs' && (await this.#isOurs(canonical)))
      return this.#acceptBack(recipient, canonical, back)
    const found = await directory.resolve(canonical)
    switch (found.kind) {
      case 'unknown':
        return noSuchUser
      case 'disabled':
        return mailboxDisabled
      case 'foreign':
        return this.#peer.gateway ? this.#disagree(canonical) : relayDenied
      case 'local':
        break
      default:
        return found satisfies never
    }
    if (!deliveries.diskHasRoom()) return diskFull
    if (!(await this.#allHaveRoom(found.targets))) return overQuota
    this.#accepted.push({ recipient, canonical, targets: distinctAccounts(found.targets) })
    return recipientOk
  }

  async #isOurs(canonical: string): Promise<boolean> {
    const domain = domainOf(canonical)
    return (await this.#parts.directory.domains()).some(({ name }) => name === domain)
  }

  /** Reports alone: whoever has seen such an address must not write through us to the one behind it. */
  #acceptBack(recipient: EnvelopeRecipient, canonical: string, back: SrsTarget): SmtpReply {
    if (back.kind !== 'good' || !this.#parts.forward) return noSuchUser
    if (this.#envelope.reversePath !== '') return onlyReports
    this.#accepted.push({ recipient, canonical, targets: [], forwardTo: back.address })
    return recipientOk
  }

  /** RFC 5321 §4.5.1: `postmaster` without a domain is ours. */
  async #ourPostmaster(): Promise<string> {
    const [first] = await this.#parts.directory.domains()
    return first ? `postmaster@${first.name}` : 'postmaster'
  }

  #gatewayHolds(canonical: string): boolean {
    const domains = this.#peer.gateway?.domains ?? 'all'
    return domains === 'all' || domains.includes(domainOf(canonical) ?? '')
  }

  /** Two boxes of ours hold different things to be true: never a sender's bounce. */
  #disagree(recipient: string): SmtpReply {
    this.#parts.log.error('A gateway brings mail for a domain that is not its own here', {
      gateway: this.#peer.gateway?.name,
      recipient,
    })
    return tryLater
  }

  /** Mail from the hold is never refused for quota. A gateway that names no size may bring such mail: decided when it has come. */
  async #allHaveRoom(targets: readonly LocalTarget[]): Promise<boolean> {
    if (this.#facts?.held ?? (this.#peer.speaker !== undefined && this.#declaredSize === undefined)) return true
    const size = this.#declaredSize ?? 0
    const rooms = await Promise.all(targets.map(({ account }) => this.#parts.deliveries.hasRoom(account, size)))
    return rooms.every(Boolean)
  }

  /** Over LMTP: facts, trace block and message in one stream. */
  async message(source: MessageSource, signal: AbortSignal): Promise<MessageVerdict> {
    return this.#guarded(async () => {
      if (this.#facts) return this.#deliverTold(this.#facts, emptyBytes, source, signal)
      const { gateway, speaker } = this.#peer
      const recipients = this.#accepted.map(({ recipient }) => recipient.address)
      const key = gateway?.key
      const now = this.#parts.clock.now()
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
    const facts = this.#facts
    if (!facts) throw new Error('Only a transaction with facts is delivered to directly')
    return this.#guarded(() => this.#deliverTold(facts, trace, received, signal))
  }

  async #guarded(act: () => Promise<MessageVerdict>): Promise<MessageVerdict> {
    try {
      return await act()
    } catch (error) {
      this.#parts.log.error('A message could not be delivered', { error: String(error) })
      return this.#all(tryLater)
    }
  }

  async #deliverTold(
    facts: DeliveryFacts,
    gatewayTrace: Uint8Array,
    received: MessageSource,
    signal: AbortSignal,
  ): Promise<MessageVerdict> {
    const { gateway, speaker } = this.#peer
    const { attempt, held } = facts
    if (attempt.origin !== gateway?.name || (speaker && attempt.boot > speaker.boot))
      return this.#notBelieved('other-origin')
    const arrived = await this.#arrive(received, { attempt, facts, held, gatewayTrace })
    const write = () => this.#write(arrived, signal)
    const fencedBy = speaker ?? (held ? undefined : attempt)
    const results = fencedBy ? await this.#parts.fence.run(fencedBy, fenceWaitMs, write) : await write()
    if (results === 'old') return this.#all(smtpReply(421, '4.3.2', 'A later start of that box is known already'))
    return results === 'busy' ? this.#all(tryLater) : verdictOf(results)
  }

  async #deliverPlain(received: MessageSource, signal: AbortSignal): Promise<MessageVerdict> {
    const { attempts, boot, name, nextId } = this.#parts
    const hash = await receivedHash(received)
    const fingerprints = this.#accepted.map(({ canonical }) => this.#fingerprint(canonical, hash))
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
    const received = await withoutForgedResults(asReceived, [this.#parts.hostname])
    const hash = await receivedHash(received)
    const header = await headerOf(received)
    const travelled = whereItTravelled(header)
    return { ...about, received, hash, travelled, messageId: messageIdIn(header), at: this.#parts.clock.now() }
  }

  async #write(arrived: Arrived, signal: AbortSignal): Promise<readonly RecipientResult[]> {
    const deliveries = this.#accepted.flatMap((accepted, index) =>
      this.#refusedAsLoop(arrived, accepted) ? [] : accepted.targets.map(target => ({ accepted, index, target })),
    )
    const outcomes = await inParallel(deliveries, parallelDeliveries, async ({ accepted, index, target }) => ({
      index,
      outcome: await this.#writeOne(arrived, accepted, target, signal),
    }))
    const results: RecipientResult[] = []
    for (const [index, accepted] of this.#accepted.entries()) {
      const own = outcomes.filter(outcome => outcome.index === index).map(({ outcome }) => outcome)
      if (accepted.forwardTo !== undefined && !this.#refusedAsLoop(arrived, accepted))
        own.push(await this.#forwardBack(arrived, accepted.canonical, accepted.forwardTo))
      const result = this.#refusedAsLoop(arrived, accepted)
        ? ({ status: 'failed', reply: loop } as const)
        : targetVerdict(own, accepted.recipient.address, arrived.attempt.id)
      this.#recordResult(arrived, accepted, result, own)
      results.push(result)
    }
    await this.#tellSender(arrived, results, outcomes)
    return results
  }

  /** Before the peer has its answer: one that was cut off here is repeated, and the report with it. */
  async #tellSender(
    { attempt, hash, received, at }: Arrived,
    results: readonly RecipientResult[],
    outcomes: readonly { readonly index: number; readonly outcome: TargetOutcome }[],
  ): Promise<void> {
    const { report, log } = this.#parts
    const late = this.#accepted.map(({ recipient }, index) => {
      const own = outcomes.find(one => one.index === index && 'toldLater' in one.outcome)?.outcome
      const reply = own && 'toldLater' in own ? own.toldLater : undefined
      return reply && { recipient, result: { status: 'failed', reply } as const }
    })
    const isLate = late.some(Boolean)
    if (!report || !(isLate || this.#accepted.some(({ recipient }) => recipient.notify))) return
    const message = { id: attempt.id, envelope: this.#envelope, received, hash, at }
    const delivered = results.flatMap((result, index) => {
      const recipient = late[index] ? undefined : this.#accepted[index]?.recipient
      return recipient ? [{ recipient, result }] : []
    })
    const reports = [successReport({ ...message, outcomes: delivered }), isLate && refusalReport(message, late)]
    for (const made of reports)
      if (made)
        await report(made).catch((error: unknown) => {
          log.error('A report of delivery could not be sent', { delivery: attempt.id, error: String(error) })
        })
  }

  async #forwardBack(arrived: Arrived, canonical: string, to: string): Promise<TargetOutcome> {
    const { attempt, hash, received } = arrived
    const { body, smtpUtf8 } = this.#envelope
    const id = forwardId(attempt.id, hash, canonical)
    try {
      await this.#parts.forward?.({
        id,
        envelope: { reversePath: '', recipients: [{ address: to }], body, smtpUtf8 },
        trace: withoutReturnPath(this.#traceFor(arrived, canonical)),
        message: received,
        receivedHash: hash,
      })
      const { clock, events } = this.#parts
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
    const { log, nextId, underWay } = this.#parts
    const { at, facts, hash, held, received } = arrived
    const { canonical, recipient, targets } = accepted
    // A fault that the storm must find (base/faults.ts)
    const forgets = isPlanted('forget-deliveries')
    const attempt = forgets ? { ...arrived.attempt, id: nextId(), gone: [], confirmed: true } : arrived.attempt
    const one: OneDelivery = {
      account,
      recipient,
      canonical,
      envelope: this.#envelope,
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
      return await underWay.run(one, () => intoAccount(this.#parts, one, signal))
    } catch (error) {
      log.error('An account did not take a message', { delivery: attempt.id, account, error: String(error) })
      return { status: 'error', error }
    }
  }

  #fingerprint(canonical: string, hash: Uint8Array): Uint8Array {
    const known = this.#fingerprints.get(canonical)
    if (known?.hash === hash) return known.fingerprint
    const fingerprint = fingerprintOf(this.#parts.fingerprintKey, this.#envelope.reversePath, [canonical], hash)
    this.#fingerprints.set(canonical, { hash, fingerprint })
    return fingerprint
  }

  #traceFor({ attempt, at, gatewayTrace }: Arrived, recipient: string): Uint8Array {
    const { session } = this.#peer
    const block = homeTrace({
      reversePath: this.#envelope.reversePath,
      recipient,
      from: session && { helo: session.helo ?? '', clientAddress: session.clientAddress, tls: session.tls },
      hostname: this.#parts.hostname,
      smtpUtf8: this.#envelope.smtpUtf8,
      id: attempt.id,
      at,
    })
    return concatBytes([block, gatewayTrace])
  }

  #notBelieved(problem: string): MessageVerdict {
    const { log } = this.#parts
    log.error('What a gateway tells of a message does not hold', { gateway: this.#peer.gateway?.name, problem })
    for (const { recipient } of this.#accepted)
      this.#record('refused', recipient.address, notFromUs, { detail: { problem } })
    return this.#all(notFromUs)
  }

  #all(reply: SmtpReply): MessageVerdict {
    const status = isPermanent(reply) ? 'failed' : 'deferred'
    return { reply, results: this.#accepted.map((): RecipientResult => ({ status, reply })) }
  }

  settle(outcome: 'confirmed' | 'gone' | 'aborted'): void {
    const own = this.#own
    if (!own) return
    const { attempts, deliveries } = this.#parts
    for (const [index, { canonical, targets }] of this.#accepted.entries()) {
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

  #recordResult(
    arrived: Arrived,
    { recipient }: Accepted,
    { status, reply }: RecipientResult,
    outcomes: readonly TargetOutcome[],
  ): void {
    const { attempt, messageId, received } = arrived
    const repeated = outcomes.length > 0 && outcomes.every(one => one.status === 'stored' && one.repeated)
    const stored = repeated ? 'repeated' : 'delivered'
    const kinds = { delivered: stored, deferred: 'attempt-deferred', failed: 'attempt-failed' } as const
    const filed = outcomes.find(one => 'filedAs' in one)
    const filing = status === 'delivered' && !repeated && filed && 'filedAs' in filed ? filed.filedAs : undefined
    const tookIn = this.#tookIn(arrived)
    this.#record(kinds[status], recipient.address, reply, {
      ...((filing ?? tookIn) && { detail: { ...filing, ...tookIn } }),
      delivery: attempt.id,
      sizeBytes: received.sizeBytes,
      messageId,
    })
  }

  /** What another box told with the letter: known here also while that box is away. */
  #tookIn({ facts }: Arrived): MailEvent['detail'] {
    if (!facts || !this.#peer.session) return undefined
    const { attempt, clientAddress, held, helo, receivedAt, tls, verdicts } = facts
    return {
      takenInBy: attempt.origin,
      takenInAt: receivedAt,
      sender: clientAddress,
      helo,
      ...(tls !== undefined && { senderTls: tls }),
      ...(held && { held }),
      ...(verdicts?.authenticity && authenticityDetail(verdicts.authenticity)),
    }
  }

  #record(
    kind: EventKind,
    to: string,
    reply: SmtpReply,
    more: Pick<MailEvent, 'delivery' | 'messageId' | 'sizeBytes' | 'detail'> = {},
  ): void {
    const { clock, events } = this.#parts
    const { session } = this.#peer
    events.record({
      at: clock.now(),
      kind,
      session: session?.id,
      client: session?.clientAddress,
      from: this.#envelope.reversePath,
      to,
      reply: printReply(reply),
      ...more,
    })
  }
}

function verdictOf(results: readonly RecipientResult[]): MessageVerdict {
  return { results, reply: results[0]?.reply ?? tryLater }
}

/** Two names of one alias may lead to one account. */
function distinctAccounts(targets: readonly LocalTarget[]): readonly LocalTarget[] {
  if (targets.length === 1) return targets
  return [...new Map(targets.map(target => [target.account, target])).values()]
}
