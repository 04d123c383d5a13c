/**
 * The hold: what the gateway keeps for home, and how the queue's pump brings it there.
 *
 * Its senders have our 250, so nothing of it is dropped, and nobody whose address is not proved gets a bounce: what home refuses
 * for good (the user was deleted meanwhile, a list was old) goes to the postmaster of the domain, with a field that says why.
 */
import { concatBytes } from '#base/bytes.ts'
import { domainOf } from '#formats/address/address.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { unstructuredField } from '#formats/message/fold.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isPermanent, isPositive, printReply, smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { DeliveryFacts, Downstream, DownstreamTransaction } from '../downstream.ts'
import { isDeliveryFacts } from '../facts.ts'
import type { DeliveryId } from '../ids.ts'
import type { NewEntry } from '../queue/queue.ts'
import type { Transport } from '../transport.ts'
import { maxAttemptRows, maxReasonCharacters } from './limits.ts'
import { replyForStranger, tryLater } from './reply-for-stranger.ts'

export function holdEntry(
  facts: DeliveryFacts,
  envelope: Envelope,
  trace: Uint8Array,
  message: MessageSource,
  fingerprint: Uint8Array,
  times: { now: number; holdMs: number; notBeforeMs: number },
): NewEntry {
  return {
    id: facts.attempt.id,
    envelope,
    trace,
    message,
    facts: JSON.stringify(facts),
    fingerprint,
    receivedAt: facts.receivedAt,
    expiresAt: times.now + times.holdMs,
    ...(times.notBeforeMs > 0 && { notBefore: times.now + times.notBeforeMs }),
  }
}

/** 452 4.3.1 when the disk is full, else 451. */
export function replyWhenQueueFails(error: unknown): SmtpReply {
  const code = (error as { code?: unknown } | undefined)?.code
  return code === 'DISK_FULL' || code === 'ENOSPC' ? smtpReply(452, '4.3.1', 'Insufficient system storage') : tryLater
}

/** What the queue shows of an entry to its transport. */
export type HeldMessage = {
  readonly id: DeliveryId
  /** JSON of DeliveryFacts, as it was added */
  readonly facts: string
  readonly trace: Uint8Array
  /** The bytes as received */
  readonly received: MessageSource
  /** Its sender had its 250 when this attempt began, as the queue knows (also of earlier starts) */
  readonly confirmed: boolean
}

/** Which messages of the hold have a sender who got its 250. Shared by the receiver, which learns it, and the transport. */
export type ConfirmedHolds = {
  add(id: DeliveryId): void
  has(id: DeliveryId): boolean
}

/** Bounded; the oldest is forgotten: its row at home then stays open to a repeat of the same bytes for five days. */
export function createConfirmedHolds(maxIds = maxAttemptRows): ConfirmedHolds {
  const ids = new Set<DeliveryId>()
  return {
    add(id) {
      ids.add(id)
      for (const oldest of ids) {
        if (ids.size <= maxIds) break
        ids.delete(oldest)
      }
    },
    has: id => ids.has(id),
  }
}

export type HoldOptions = { readonly downstream: Downstream; readonly confirmedHolds: ConfirmedHolds }

/**
 * The queue's `transportFor`: brings a held message to home under its own delivery id.
 *
 * It travels unconfirmed even when its sender has the 250: an attempt before it may lie at home, its reply lost, and must be
 * found by fingerprint. Once it is there, home is told that it is confirmed.
 */
export function holdTransport(options: HoldOptions): (held: HeldMessage) => Transport {
  return held => async (envelope, _whole, signal) => {
    const deferAll = (reply: SmtpReply) => envelope.recipients.map(() => deferred(reply))
    const facts = factsOf(held)
    if (!facts) return deferAll(smtpReply(451, '4.3.0', 'The entry does not tell where it came from'))
    try {
      // No declared size: home asks no quota at RCPT for mail from the hold.
      const home = await options.downstream.open(envelope, facts, undefined, signal)
      if (!home) return deferAll(homeAway)
      try {
        const results = await bring(home, envelope, held, signal)
        settleDelivered(options, held, envelope.recipients, results)
        return results.some(({ status }) => status === 'failed')
          ? await toPostmasters(options, held, facts, envelope, results, signal)
          : results
      } finally {
        home.close()
      }
    } catch {
      return deferAll(homeAway)
    }
  }
}

const homeAway = smtpReply(451, '4.4.1', 'Home cannot be reached')
const homeLost = smtpReply(451, '4.4.2', 'Home was lost while it took the message')

async function bring(
  home: DownstreamTransaction,
  envelope: Envelope,
  held: HeldMessage,
  signal: AbortSignal,
): Promise<readonly RecipientResult[]> {
  const replies: (SmtpReply | undefined)[] = []
  for (const recipient of envelope.recipients) replies.push(await home.recipient(recipient, signal))
  const accepted = replies.filter(reply => reply !== undefined && isPositive(reply)).length
  const outcomes = accepted > 0 ? await home.message(held.trace, held.received, signal) : []
  let next = 0
  return replies.map(reply => {
    if (!reply) return deferred(homeAway)
    if (!isPositive(reply)) return refusal(reply, 'recipient')
    const outcome = outcomes[next++] ?? 'unsure'
    if (outcome === 'unsure') return deferred(homeLost)
    return outcome.status === 'failed' ? refusal(outcome.reply, 'message') : outcome
  })
}

/**
 * A refusal that speaks of us and not of the message is no reason to give up: the words are kept, the entry goes on waiting. So it
 * does for a full mailbox, which may be emptied (a stand-in says 5xx).
 */
function refusal(reply: SmtpReply, stage: 'recipient' | 'message'): RecipientResult {
  const forGood = isPermanent(replyForStranger(reply, stage)) && reply.enhanced !== '5.2.2'
  return { status: forGood ? 'failed' : 'deferred', reply }
}

/** One copy for each domain, under the same id; what its postmaster does not take either goes on waiting. */
async function toPostmasters(
  options: HoldOptions,
  held: HeldMessage,
  facts: DeliveryFacts,
  envelope: Envelope,
  results: readonly RecipientResult[],
  signal: AbortSignal,
): Promise<readonly RecipientResult[]> {
  const after = [...results]
  const refused = [...results.keys()].filter(index => results[index]?.status === 'failed')
  const addressOf = (index: number) => envelope.recipients[index]?.address ?? ''
  for (const [domain, indexes] of Map.groupBy(refused, index => domainOf(addressOf(index)) ?? '')) {
    const recipients = [{ address: `postmaster@${domain}` }]
    const reasons = indexes.map(index => undelivered(addressOf(index), results[index]?.reply))
    const copy = { ...held, trace: concatBytes([...reasons, held.trace]) }
    const taken = await bringNow(options, copy, facts, { ...envelope, recipients }, signal)
    if (taken.status === 'delivered') settleDelivered(options, held, recipients, [taken])
    for (const index of indexes) after[index] = taken.status === 'delivered' ? taken : waiting(results[index], taken)
  }
  return after
}

async function bringNow(
  { downstream }: HoldOptions,
  held: HeldMessage,
  facts: DeliveryFacts,
  envelope: Envelope,
  signal: AbortSignal,
): Promise<RecipientResult> {
  const home = await downstream.open(envelope, facts, undefined, signal)
  if (!home) return deferred(homeAway)
  try {
    const [result] = await bring(home, envelope, held, signal)
    return result ?? deferred(homeLost)
  } finally {
    home.close()
  }
}

/** `Hikyaku-Undelivered: <old@home.test>: 550 5.1.1 No such user here` */
function undelivered(address: string, reply: SmtpReply | undefined): Uint8Array {
  const words = reply ? printReply(reply).slice(0, maxReasonCharacters) : ''
  return unstructuredField('Hikyaku-Undelivered', `<${address}>: ${words}`)
}

/** Home's own words stay visible in the queue. */
function waiting(refused: RecipientResult | undefined, postmaster: RecipientResult): RecipientResult {
  const words = [refused, postmaster].map(result =>
    result ? printReply(result.reply).slice(0, maxReasonCharacters) : '',
  )
  return deferred(smtpReply(451, '4.3.0', `Home says: ${words[0]}; of the postmaster: ${words[1]}`))
}

function deferred(reply: SmtpReply): RecipientResult {
  return { status: 'deferred', reply }
}

function factsOf(held: HeldMessage): DeliveryFacts | undefined {
  try {
    const facts: unknown = JSON.parse(held.facts)
    return isDeliveryFacts(facts) ? { ...facts, held: true } : undefined
  } catch {
    return undefined
  }
}

function settleDelivered(
  { downstream, confirmedHolds }: HoldOptions,
  { id, confirmed }: HeldMessage,
  recipients: readonly EnvelopeRecipient[],
  results: readonly RecipientResult[],
): void {
  if (!confirmed && !confirmedHolds.has(id)) return
  const delivered = recipients.filter((_, index) => results[index]?.status === 'delivered')
  downstream.settle(delivered.map(({ address }) => ({ id, recipient: address })))
}
