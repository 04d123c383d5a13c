/** One message into one account: judged, filed by the account's script, written. */
import { concatBytes } from '#base/bytes.ts'
import type { Envelope, EnvelopeRecipient } from '#formats/envelope.ts'
import { joinSources } from '#formats/message-source.ts'
import { filedAs } from './filed-as.ts'
import { isJunkBy } from './junk.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { keptVerdict, printJunkField } from '../content/field.ts'
import type { Attempt, LocalDelivery } from '../delivery.ts'
import type { DeliveryFacts } from '../downstream.ts'
import type { Filed } from '../filing.ts'
import type { AccountId } from '../ids.ts'
import type { ContentVerdict } from '../judging.ts'
import { fieldLength, localFiling, occasionOf, returnPathLength } from './local-filing.ts'
import type { HomeParts } from './options.ts'
import type { TargetOutcome } from './verdict.ts'

export type OneDelivery = {
  readonly account: AccountId
  readonly recipient: EnvelopeRecipient
  readonly canonical: string
  readonly envelope: Envelope
  readonly attempt: Attempt
  readonly fingerprint: Uint8Array
  /** Undefined for a peer that tells none */
  readonly facts: DeliveryFacts | undefined
  /** It has its 250 already */
  readonly held: boolean
  /** A refusal reaches the sender as the answer to this very delivery, and nobody else has it under this name */
  readonly canRefuse: boolean
  /** It has been here before: kept, and nothing else is done with it */
  readonly loops: boolean
  readonly trace: Uint8Array
  readonly received: MessageSource
  readonly hash: Uint8Array
  readonly at: number
}

const refusedAsJunk = smtpReply(550, '5.7.1', 'This message looks like junk and was not accepted')
const refusedAsVirus = smtpReply(550, '5.7.1', 'This message carries a virus and was not accepted')

export async function intoAccount(parts: HomeParts, arrived: OneDelivery, signal: AbortSignal): Promise<TargetOutcome> {
  const content = await judged(parts, arrived, signal)
  const one = content ? { ...arrived, trace: withVerdict(arrived.trace, content) } : arrived
  if (content?.verdict === 'try-later') return { status: 'try-later' }
  if (content?.verdict === 'reject' && one.canRefuse) return refuse(parts, one, content)
  const junk = one.loops || isJunkBy(one.facts?.verdicts, content)
  const { loops } = one
  const filed =
    loops || content?.verdict === 'reject' ? undefined : await filedBy(parts, one, { content, junk }, signal)
  if (!filed) {
    const result = await parts.deliveries.deliver(plainDelivery(one, junk), signal)
    return { ...result, filedAs: filedAs(undefined, [], { account: one.account, content, junk, loops }) }
  }
  const { filing, notRedirected, outbox, toldLater } = await localFiling(parts, one, filed, junk)
  const result = await parts.deliveries.deliver({ ...plainDelivery(one, junk), filing, outbox }, signal)
  const about = { account: one.account, content, junk, loops, notRedirected }
  const told = { ...result, filedAs: filedAs(filing, outbox, about) }
  return toldLater && result.status !== 'over-quota' ? { ...told, toldLater } : told
}

/**
 * The reasons stay with the message, for whoever shows them. Never the last of our block: a message whose first line begins with a blank
 * continues what stands there, and would add reasons of its own.
 */
function withVerdict(trace: Uint8Array, content: ContentVerdict): Uint8Array {
  const returnPath = returnPathLength(trace)
  const both = returnPath + fieldLength(trace.subarray(returnPath), 'Delivered-To')
  const at = both < trace.length ? both : returnPath
  return concatBytes([trace.subarray(0, at), printJunkField(keptVerdict(content)), trace.subarray(at)])
}

function plainDelivery(one: OneDelivery, junk: boolean): LocalDelivery {
  return {
    account: one.account,
    recipient: one.canonical,
    attempt: one.attempt,
    fingerprint: one.fingerprint,
    mailbox: { role: junk ? 'junk' : 'inbox' },
    flags: { mode: 'add', system: 0, keywords: [] },
    internalDate: one.at,
    trace: one.trace,
    message: one.received,
    receivedHash: one.hash,
    outbox: [],
    overQuota: one.held ? 'accept' : 'refuse',
  }
}

/** A judge that fails has not judged: mail is not lost or kept waiting over it. */
async function judged(
  { judge, log }: HomeParts,
  one: OneDelivery,
  signal: AbortSignal,
): Promise<ContentVerdict | undefined> {
  if (!judge) return undefined
  const { account, canonical: recipient, envelope, facts, hash: receivedHash, held, received: message } = one
  const { clientAddress = '', helo = '', verdicts = {} } = facts ?? {}
  const about = { account, recipient, envelope, message, receivedHash, verdicts, clientAddress, helo, held }
  try {
    return await judge(about, signal)
  } catch (error) {
    signal.throwIfAborted()
    log.error('A message could not be judged', { delivery: one.attempt.id, account, error: String(error) })
    return undefined
  }
}

/** Undefined: the account has no rules of its own. */
async function filedBy(
  { filerFor, log }: HomeParts,
  one: OneDelivery,
  judgement: { readonly content: ContentVerdict | undefined; readonly junk: boolean },
  signal: AbortSignal,
): Promise<Filed | undefined> {
  const { account, at, attempt, canonical: recipient, envelope, facts } = one
  try {
    const file = await filerFor?.(account)
    if (!file) return undefined
    const message = joinSources(one.trace, one.received)
    const receivedAt = facts?.receivedAt ?? at
    const client = facts && facts.clientAddress !== '' && { address: facts.clientAddress, name: facts.helo }
    const about = { account, recipient, envelope, message, ...judgement, receivedAt, deliveryId: occasionOf(one) }
    return await file({ ...about, ...(client && { client }) }, signal)
  } catch (error) {
    signal.throwIfAborted()
    log.error('A message could not be filed and is kept', { delivery: attempt.id, account, error: String(error) })
    return undefined
  }
}

/** The sender is told now, and the message kept a while for an owner who misses it: where it cannot be kept, it comes again. */
async function refuse(parts: HomeParts, one: OneDelivery, content: ContentVerdict): Promise<TargetOutcome> {
  const { account, at, attempt, canonical: recipient, envelope, received: message, trace } = one
  const reply = content.virus === undefined ? refusedAsJunk : refusedAsVirus
  const about = { account, recipient, deliveryId: attempt.id, envelope, trace, message, content, reply, at }
  try {
    await parts.keepRefused?.(about)
    return { status: 'refused', reply }
  } catch (error) {
    parts.log.error('A message could not be kept, and is not refused', {
      delivery: attempt.id,
      account,
      error: String(error),
    })
    return { status: 'error', error }
  }
}
