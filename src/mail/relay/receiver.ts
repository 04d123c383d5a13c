/**
 * The gateway sends on what its home sends through it, while home waits: the answers are those of the recipients' own mail
 * servers, and no letter is kept here, only which ones were decided (recent.ts).
 *
 * Invariants: only a session that proved to be our home gets here; the sender is null or of a domain of ours, so that a stolen key
 * is no relay for everybody; no refusal of ours is for good, since a mistake of ours must not return mail.
 */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { parseAddress } from '#formats/address/address.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { joinSources, type MessageSource } from '#formats/message-source.ts'
import { received, withProtocol } from '#formats/message/trace-fields.ts'
import { printReply, type SmtpReply, smtpReply } from '#formats/smtp-reply.ts'
import { askedServer, type EventKind, type Events } from '../events.ts'
import type { Begun, IncomingTransaction, MessageReceiver, SessionFacts } from '../receiving.ts'
import type { RecipientList } from '../recipient-list.ts'
import { domainPart } from '../routes.ts'
import type { Transport } from '../transport.ts'
import { hourly } from './hourly.ts'
import { recentResults, type RelayedMemory } from './recent.ts'
import { countInto, emptyTally, type RelayTally } from './tally.ts'
import { tellHome } from './words.ts'

export type RelayOptions = {
  readonly hostname: string
  readonly list: Pick<RecipientList, 'domains' | 'refresh'>
  readonly transport: Transport
  /** One attempt, milliseconds: less than home waits */
  readonly budgetMs: number
  readonly atOnce: number
  /** 0: no limit */
  readonly recipientsPerHour: number
  /** What was decided before, also by an earlier start of ours */
  readonly memory: RelayedMemory
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
}

export type RelayReceiver = MessageReceiver & {
  readonly state: {
    /** Messages */
    readonly underWay: number
    /** Recipients, since the start */
    readonly tally: Readonly<RelayTally>
    /** Messages, for RELAY-RATE recipients, that were sent away before anybody was asked, since the start; by the reason's name */
    readonly refused: ReadonlyMap<string, number>
    /** When each home last sent, milliseconds since 1970 */
    readonly lastUsed: ReadonlyMap<string, number>
  }
}

export function createRelayReceiver(options: RelayOptions): RelayReceiver {
  const now = () => options.clock.monotonic()
  const rate = hourly(now)
  const recent = recentResults(options.memory, now)
  const tally = emptyTally()
  const refused = new Map<string, number>()
  const lastUsed = new Map<string, number>()
  let underWay = 0

  const begin = async (session: SessionFacts, envelope: Envelope): Promise<Begun> => {
    const refusal = refusalOf(session, underWay, options) ?? (await foreignSender(envelope.reversePath, options.list))
    if (refusal) {
      const code = /\bRELAY-[A-Z]+/.exec(printReply(refusal))?.[0] ?? 'RELAY'
      refused.set(code, (refused.get(code) ?? 0) + 1)
      options.log.warn(`${code}: mail of home is not relayed now`, {
        home: session.gateway,
        reply: printReply(refusal),
      })
      return { kind: 'refused', reply: refusal }
    }
    underWay++
    if (session.gateway !== undefined) lastUsed.set(session.gateway, options.clock.now())
    const transaction = relaying(session, envelope, () => underWay--)
    return { kind: 'open', reply: smtpReply(250, '2.1.0', 'Sender OK'), transaction }
  }

  const relaying = (session: SessionFacts, envelope: Envelope, onOver: () => void): IncomingTransaction => {
    const home = session.gateway ?? ''
    const recipients: EnvelopeRecipient[] = []
    let open = true
    const over = () => {
      if (open) onOver()
      open = false
    }
    return {
      async recipient(recipient) {
        if (domainPart(recipient.address) === undefined) return smtpReply(553, '5.1.3', 'This address names no domain')
        if (!rate.take(home, options.recipientsPerHour)) {
          refused.set('RELAY-RATE', (refused.get('RELAY-RATE') ?? 0) + 1)
          return tooMany
        }
        recipients.push(recipient)
        return smtpReply(250, '2.1.5', 'Recipient OK')
      },
      async message(source, signal) {
        try {
          const results = await carry(session, { ...envelope, recipients }, source, signal)
          const told = envelope.deliveryId === undefined ? results : results.map(withWords)
          return { results: told, reply: told[0]?.reply ?? smtpReply(451, '4.3.0', 'No recipient') }
        } finally {
          over()
        }
      },
      settle: over,
    }
  }

  const carry = async (
    session: SessionFacts,
    { deliveryId, ...envelope }: Envelope,
    source: MessageSource,
    signal: AbortSignal,
  ): Promise<readonly RecipientResult[]> => {
    const key = deliveryId === undefined ? undefined : `${session.gateway} ${deliveryId}`
    const message = joinSources(traceOf(session, envelope, deliveryId, options), source)
    const limited = AbortSignal.any([signal, AbortSignal.timeout(options.budgetMs)])
    return recent.once(key, envelope.recipients, async recipients => {
      const results = await options.transport({ ...envelope, recipients }, message, limited)
      countInto(tally, results)
      recipients.forEach((recipient, at) => {
        const result = results[at]
        if (result) record(options, session, { envelope, recipient, result, deliveryId, sizeBytes: source.sizeBytes })
      })
      return results
    })
  }

  const state = {
    get underWay() {
      return underWay
    },
    tally,
    refused,
    lastUsed,
  }
  return { begin, state }
}

function withWords(result: RecipientResult): RecipientResult {
  return { ...result, reply: tellHome(result) }
}

const tooMany = smtpReply(451, '4.7.1', 'RELAY-RATE: the rate limit of this gateway (gateway.relay.recipientsPerHour)')

function refusalOf(session: SessionFacts, underWay: number, { atOnce }: RelayOptions): SmtpReply | undefined {
  // the server has asked for it; asked again, because everything rests on it
  if (session.gateway === undefined) return smtpReply(451, '4.7.0', 'RELAY-AUTH: no home known here')
  if (underWay >= atOnce) return smtpReply(451, '4.3.2', 'RELAY-BUSY: enough messages at a time; try again later')
  return undefined
}

/** The null path is every box's own; rewritten paths (SRS) are of our domains. */
async function foreignSender(reversePath: string, list: RelayOptions['list']): Promise<SmtpReply | undefined> {
  if (reversePath === '') return undefined
  const domain = parseAddress(reversePath) && domainPart(reversePath)
  const isOurs = () => domain !== undefined && list.domains.includes(domain)
  if (isOurs()) return undefined
  // it may just have been added
  await list.refresh?.()
  if (isOurs()) return undefined
  return smtpReply(451, '4.7.1', 'RELAY-SENDER: the sender’s domain is not one that this gateway knows as ours')
}

/** RFC 5321 §4.4; nothing of where home is. */
function traceOf(
  session: SessionFacts,
  envelope: Envelope,
  deliveryId: string | undefined,
  { hostname, clock }: RelayOptions,
): Uint8Array {
  return received({
    by: hostname,
    with: withProtocol({
      lmtp: true,
      tls: session.tls !== undefined,
      authenticated: true,
      smtpUtf8: envelope.smtpUtf8,
    }),
    id: deliveryId ?? session.id,
    date: clock.now(),
  })
}

const kinds: Readonly<Record<RecipientResult['status'], EventKind>> = {
  delivered: 'sent',
  deferred: 'attempt-deferred',
  failed: 'attempt-failed',
}

function record(
  { events, clock }: RelayOptions,
  session: SessionFacts,
  about: {
    readonly envelope: Envelope
    readonly recipient: EnvelopeRecipient
    readonly result: RecipientResult
    readonly deliveryId: string | undefined
    readonly sizeBytes: number
  },
): void {
  const { envelope, recipient, result, deliveryId, sizeBytes } = about
  events.record({
    at: clock.now(),
    kind: kinds[result.status],
    session: session.id,
    delivery: deliveryId,
    from: envelope.reversePath,
    to: recipient.address,
    sizeBytes,
    reply: printReply(result.reply),
    detail: { relayFor: session.gateway ?? '', ...askedServer(result) },
  })
}
