/** What a script decided, as the account's store takes it: placements, effects in the outbox, and a refusal where it still can be one. */
import { createHash } from 'node:crypto'
import { canonicalAddress, domainOf } from '#formats/address/address.ts'
import type { DsnNotify, Envelope } from '#formats/envelope.ts'
import { type MessageSource, memorySource } from '#formats/message-source.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { answeredFlag, deletedFlag, draftFlag, flaggedFlag, type FlagChange, seenFlag } from '../account.ts'
import type { EffectEnvelope, LocalFiling, LocalMailbox, LocalPlacement, OutboxItem } from '../delivery.ts'
import type { Filed, FilingEffect, MailboxChoice } from '../filing.ts'
import type { DeliveryId } from '../ids.ts'
import { readMailboxId } from '../object-ids.ts'
import { readHead, tailOf } from '../receive/cut-source.ts'
import { ownerNotice } from '../sieve/owner-notice.ts'
import type { OneDelivery } from './into-account.ts'
import { maxGatewayTraceBytes } from './limits.ts'
import type { HomeParts } from './options.ts'
import { wouldVouch } from './vouching.ts'

export type Decided = {
  readonly filing: LocalFiling
  readonly outbox: readonly OutboxItem[]
  /** The sender is to be told no by a report: too late to refuse */
  readonly toldLater?: SmtpReply
  /** A redirect was left out: nothing proves that its author is one of us */
  readonly notRedirected: boolean
}

/** `junk`: what no action of the script asked for goes to Junk, and nothing is redirected; nor is what we would vouch for (vouching.ts). */
export async function localFiling(parts: HomeParts, one: OneDelivery, filed: Filed, junk: boolean): Promise<Decided> {
  const refusal = filed.rejected && refusalOf(filed.rejected.reason)
  const mayAnswer = one.canRefuse && !isToldByLetter(one, filed)
  const refused = refusal !== undefined && mayAnswer && filed.placements.length === 0
  const vouches = filed.effects.some(({ kind }) => kind === 'redirect') && (await wouldVouch(parts, one))
  const stays = junk || vouches
  const effects = filed.effects.filter(({ kind }) => !(kind === 'redirect' && stays) && !(kind === 'reply' && refused))
  const toldLater = refusal !== undefined && !refused && isProved(one) && !effects.some(({ kind }) => kind === 'reply')
  const placements = filed.placements.map((placement): LocalPlacement => {
    const role = junk && placement.implicit ? ('junk' as const) : undefined
    const mailbox = role ? { role } : mailboxOf(placement.mailbox)
    const { edited, flags } = placement
    return { mailbox, flags: flagsOf(flags), ...(edited && { edited }) }
  })
  // A redirect that does not happen, or a refusal that nobody can be told of, is no reason to lose it
  const unheard = refusal !== undefined && !refused && !isProved(one)
  const notSent = effects.length < filed.effects.length && !refused
  if (placements.length === 0 && (unheard || notSent))
    placements.push({ mailbox: { role: junk || unheard ? 'junk' : 'inbox' }, flags: flagsOf([]) })
  const outbox: OutboxItem[] = []
  for (const effect of unheard ? effects.filter(({ kind }) => kind !== 'reply') : effects) {
    const item = await outboxItem(parts, one, effect)
    if (item) outbox.push(item)
  }
  const copies = filed.copies.map(({ flags, mailbox, message, once }) => {
    return { mailbox: mailboxOf(mailbox), flags: flagsOf(flags), edited: memorySource(message), once }
  })
  const told = noticeOf(parts, one, filed.problem)
  const filing: LocalFiling = {
    placements,
    copies: told ? [...copies, told.copy] : copies,
    remember: told ? [...filed.remember, told.remember] : filed.remember,
    rejected: refused ? refusal : undefined,
  }
  return { filing, outbox, notRedirected: vouches, ...(toldLater && { toldLater: refusal }) }
}

const dayMs = 24 * 3600 * 1000

/** To the owner, in the inbox, once a day for each script: what is remembered leaves the others out. */
function noticeOf({ hostname, log }: HomeParts, one: OneDelivery, problem: Filed['problem']) {
  if (!problem) return undefined
  const { account, at, canonical } = one
  const { column, line, script, text } = problem
  log.warn('A script failed, and its message is in the inbox', { account, script, line, column, problem: text.en })
  const id = derivedId(occasionOf(one), canonical, account, 'problem')
  const key = `problem ${createHash('sha256').update(script).digest('hex').slice(0, 32)}`
  const message = ownerNotice(problem, { recipient: canonical, host: hostname, id, at })
  return {
    copy: { mailbox: { role: 'inbox' }, flags: flagsOf([]), edited: memorySource(message), once: key } as const,
    remember: { key, until: at + dayMs },
  }
}

/** Nobody gets a message from us at an address that may be somebody else's. */
function isProved({ envelope, facts }: OneDelivery): boolean {
  if (envelope.reversePath === '') return false
  const found = facts?.verdicts?.authenticity
  if (!found) return false
  const domain = domainOf(envelope.reversePath)
  const byDkim = found.dkim.some(({ domain: signer, result }) => result === 'pass' && signer === domain)
  return byDkim || (found.spf.result === 'pass' && found.spf.scope === 'mailfrom')
}

/** RFC 5429 §2.2.1: what a reply in ASCII cannot say a letter says, for `reject`; to a proved sender, all others hear our own words. */
function isToldByLetter(one: OneDelivery, { effects, rejected }: Filed): boolean {
  if (rejected?.kind !== 'reject' || /^[\0-\x7f]*$/.test(rejected.reason)) return false
  return isProved(one) && effects.some(({ kind }) => kind === 'reply')
}

/** Octets of a reply's line, codes and line end included, stay well under 512 (RFC 5321 §4.5.3.1.5). */
const maxReplyCharacters = 400
const maxReplyLines = 20

/** RFC 5429 §2.1: the reason as the reply's text; one that ASCII cannot carry is told in our own words. */
function refusalOf(reason: string): SmtpReply {
  const lines = reason
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '')
  const fits = lines.length > 0 && lines.every(line => /^[ -~]*$/.test(line))
  const text = fits ? lines.map(line => line.slice(0, maxReplyCharacters)) : ['The recipient refuses this message']
  return smtpReply(550, '5.7.1', ...text.slice(0, maxReplyLines))
}

const systemFlags = new Map([
  ['\\seen', seenFlag],
  ['\\answered', answeredFlag],
  ['\\flagged', flaggedFlag],
  ['\\draft', draftFlag],
  ['\\deleted', deletedFlag],
])

export function flagsOf(names: readonly string[]): FlagChange {
  const bits = names.map(name => systemFlags.get(name.toLowerCase()) ?? 0)
  const keywords = names.filter(name => !name.startsWith('\\'))
  return { mode: 'add', system: bits.reduce((all, bit) => all | bit, 0), keywords }
}

export function mailboxOf(choice: MailboxChoice): LocalMailbox {
  if (!('mailboxId' in choice)) return choice
  const { create, orName } = choice
  const id = readMailboxId(choice.mailboxId)
  return id === undefined ? { name: orName, create } : { id, orName, create }
}

async function outboxItem(parts: HomeParts, one: OneDelivery, effect: FilingEffect): Promise<OutboxItem | undefined> {
  const id = effectId(one, effect.index)
  if (effect.kind !== 'redirect') {
    const { envelope, kind, message, once } = effect
    const item = { id, kind, envelope: effectEnvelope(envelope, effect, one), message: memorySource(message) }
    return once === undefined ? item : { ...item, once }
  }
  const { log } = parts
  if (canonicalAddress(effect.to) === undefined) {
    log.warn('A script redirects to what is no address', { account: one.account, delivery: one.attempt.id })
    return undefined
  }
  const envelope = await redirectEnvelope(parts, one, effect)
  const message = await withoutReturnPathIn(effect.message)
  return { id, kind: 'redirect', envelope: effectEnvelope(envelope, effect, one), message }
}

function effectEnvelope(envelope: Envelope, { by }: FilingEffect, { attempt }: OneDelivery): string {
  return JSON.stringify({ ...envelope, letter: attempt.id, ...(by && { by }) } satisfies EffectEnvelope)
}

/**
 * The same for a repeat, and no other's: delivery and message, recipient, account and the action's place. The delivery alone is not enough: a
 * gateway that was set up anew counts from the beginning again, and the queue has not forgotten its earlier ids. The queue knows ids by origin and boot; these have
 * one of their own, since the boot of the gateway that brought the letter may be long over when they are delivered.
 */
function effectId(one: OneDelivery, index: number): DeliveryId {
  return derivedId(occasionOf(one), one.canonical, one.account, String(index))
}

/** The delivery, and the message that it is of. */
export function occasionOf({ attempt, fingerprint }: Pick<OneDelivery, 'attempt' | 'fingerprint'>): string {
  return `${attempt.id}\0${Buffer.from(fingerprint).toString('hex')}`
}

/** As an effect's, of what goes on without coming into an account. */
export function forwardId(id: DeliveryId, hash: Uint8Array, canonical: string): DeliveryId {
  return derivedId(id, Buffer.from(hash).toString('hex'), canonical)
}

export function derivedId(...parts: readonly string[]): DeliveryId {
  return `outbox.0.${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)}` as DeliveryId
}

/** With our reverse-path, so that SPF holds there and a bounce finds its way back (srs.ts). */
async function redirectEnvelope(
  { clock, directory, srs }: HomeParts,
  one: OneDelivery,
  effect: Extract<FilingEffect, { kind: 'redirect' }>,
): Promise<Envelope> {
  const { body, dsnEnvelopeId, dsnReturn, reversePath, smtpUtf8 } = one.envelope
  const domain = domainOf(one.canonical) ?? ''
  const ours = new Set((await directory.domains()).map(({ name }) => name))
  const isOurs = reversePath === '' || ours.has(domainOf(reversePath) ?? '')
  const notify = effect.notify === undefined ? carried(one.recipient.notify) : notifyOf(effect.notify)
  const wanted = effect.ret?.toUpperCase()
  const dsnRet = wanted === 'FULL' || wanted === 'HDRS' ? wanted : dsnReturn
  return {
    reversePath: isOurs || !srs ? reversePath : srs.forward(reversePath, domain, clock.now()),
    recipients: [{ address: effect.to, ...(notify && { notify }) }],
    body,
    smtpUtf8: smtpUtf8 || /[^\0-\x7f]/.test(effect.to),
    ...(dsnRet && { dsnReturn: dsnRet }),
    ...(dsnEnvelopeId !== undefined && { dsnEnvelopeId }),
  }
}

/** Success has been told of by us when it was asked for (RFC 3461 §5.2.3). */
function carried(notify: DsnNotify | undefined): DsnNotify | undefined {
  return notify && 'success' in notify ? { ...notify, success: false } : notify
}

/** RFC 6009 §4: as the parameter of RCPT */
export function notifyOf(text: string): DsnNotify | undefined {
  const words = new Set(
    text
      .toUpperCase()
      .split(',')
      .map(word => word.trim()),
  )
  if (words.has('NEVER')) return { never: true }
  const notify = { success: words.has('SUCCESS'), failure: words.has('FAILURE'), delay: words.has('DELAY') }
  return Object.values(notify).some(Boolean) ? notify : undefined
}

/** RFC 5321 §4.4: only final delivery adds that line, and this is none. Our marker against loops stays. */
export function withoutReturnPath(head: Uint8Array): Uint8Array {
  return head.subarray(returnPathLength(head))
}

export async function withoutReturnPathIn(message: MessageSource): Promise<MessageSource> {
  return tailOf(message, returnPathLength(await readHead(message, maxGatewayTraceBytes)))
}

/** Octets of the Return-Path that `head` begins with. */
export function returnPathLength(head: Uint8Array): number {
  return fieldLength(head, 'Return-Path')
}

/** Octets of the field that `head` begins with, when it has this name; else 0. */
export function fieldLength(head: Uint8Array, name: string): number {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  const begin = bytes.toString('latin1', 0, name.length + 1)
  if (begin.toLowerCase() !== `${name.toLowerCase()}:`) return 0
  let end = bytes.indexOf('\r\n')
  while (end >= 0 && (bytes[end + 2] === 0x20 || bytes[end + 2] === 0x09)) end = bytes.indexOf('\r\n', end + 2)
  return end < 0 ? 0 : end + 2
}
