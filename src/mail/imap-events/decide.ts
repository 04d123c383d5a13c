/** What a script decided about a message that lies in a mailbox already → what is done with it there. RFC 6785 §4 */
import { canonicalAddress } from '#formats/address/address.ts'
import type { Envelope } from '#formats/envelope.ts'
import { type MessageSource, memorySource } from '#formats/message-source.ts'
import type { DecidedImapEvent, WaitingImapEvent } from '../account-imap-events.ts'
import { derivedId, flagsOf, mailboxOf, notifyOf, withoutReturnPathIn } from '../deliver/local-filing.ts'
import type { EffectEnvelope, LocalPlacement, OutboxItem } from '../delivery.ts'
import type { Filed, FilingEffect } from '../filing.ts'
import type { AccountId } from '../ids.ts'

export type Decision = {
  readonly account: AccountId
  readonly event: WaitingImapEvent
  readonly message: MessageSource
  /** The owner's: what is redirected comes from there, and bounces go there */
  readonly sender: string
}

export async function decide(about: Decision, filed: Filed): Promise<DecidedImapEvent> {
  const { event, message } = about
  const isHere = ({ mailbox }: Filed['placements'][number]) => isMailbox(event.mailbox, mailbox)
  const kept = filed.placements.find(isHere)
  const elsewhere = filed.placements.filter(placement => !isHere(placement))
  const wanted = kept?.flags ?? (isAlike(elsewhere) ? elsewhere[0]?.flags : undefined) ?? event.flags
  const shares = (placement: Filed['placements'][number]) =>
    !placement.edited && sameFlags(lasting(placement.flags), lasting(wanted))
  const own = elsewhere.filter(placement => !shares(placement))
  return {
    flags: changeOf(event.flags, wanted),
    discard: !kept,
    share: elsewhere.filter(shares).map(({ mailbox }) => mailboxOf(mailbox)),
    filing: {
      placements: own.map(
        (placement): LocalPlacement => ({
          mailbox: mailboxOf(placement.mailbox),
          flags: flagsOf(lasting(placement.flags)),
          edited: placement.edited ?? message,
        }),
      ),
      copies: filed.copies.map(copy => ({
        mailbox: mailboxOf(copy.mailbox),
        flags: flagsOf(copy.flags),
        edited: memorySource(copy.message),
        once: copy.once,
      })),
      remember: filed.remember,
      rejected: undefined,
    },
    outbox: await Promise.all(
      filed.effects.filter(effect => !isNowhere(effect)).map(effect => outboxItem(about, effect)),
    ),
  }
}

function isMailbox(name: string, choice: Filed['placements'][number]['mailbox']): boolean {
  return 'role' in choice ? choice.role === 'inbox' && name === 'INBOX' : 'name' in choice && choice.name === name
}

/** The message leaves, and all that comes of it has the same flags: then it can go as it is */
function isAlike(placements: Filed['placements']): boolean {
  const flags = placements.map(placement => lasting(placement.flags))
  return placements.every(({ edited }) => !edited) && flags.every(own => sameFlags(own, flags[0] ?? []))
}

/** \Deleted belongs to one place */
function lasting(flags: readonly string[]): readonly string[] {
  return flags.filter(flag => flag.toLowerCase() !== '\\deleted')
}

function sameFlags(some: readonly string[], others: readonly string[]): boolean {
  return foldedSet(some).symmetricDifference(foldedSet(others)).size === 0
}

function foldedSet(flags: readonly string[]): Set<string> {
  return new Set(flags.map(flag => flag.toLowerCase()))
}

/** Only what the script changed: what a client changes meanwhile stays. */
function changeOf(before: readonly string[], after: readonly string[]): DecidedImapEvent['flags'] {
  const missing = (some: readonly string[], others: readonly string[]) => {
    const known = foldedSet(others)
    return some.filter(flag => !known.has(flag.toLowerCase()))
  }
  return { add: flagsOf(missing(after, before)), remove: { ...flagsOf(missing(before, after)), mode: 'remove' } }
}

function isNowhere(effect: FilingEffect): boolean {
  return effect.kind === 'redirect' && canonicalAddress(effect.to) === undefined
}

/** Ids are the event's: a script that runs again after a crash sends nothing twice. */
async function outboxItem({ account, event, sender }: Decision, effect: FilingEffect): Promise<OutboxItem> {
  const { mailboxId, modSeq, uid } = event
  const id = derivedId('imap', account, String(modSeq), String(mailboxId), String(uid), String(effect.index))
  if (effect.kind !== 'redirect') {
    const { envelope, kind, message, once } = effect
    const item = { id, kind, envelope: traced(envelope, event), message: memorySource(message) }
    return once === undefined ? item : { ...item, once }
  }
  const notify = effect.notify === undefined ? undefined : notifyOf(effect.notify)
  const ret = effect.ret?.toUpperCase()
  const envelope: Envelope = {
    reversePath: sender,
    recipients: [{ address: effect.to, ...(notify && { notify }) }],
    body: '8BITMIME',
    smtpUtf8: /[^\0-\x7f]/.test(effect.to + sender),
    ...((ret === 'FULL' || ret === 'HDRS') && { dsnReturn: ret }),
  }
  const message = await withoutReturnPathIn(effect.message)
  return { id, kind: 'redirect', envelope: traced(envelope, event), message }
}

/** The trace of the letter leads to what the script sent. */
function traced(envelope: Envelope, { letter }: WaitingImapEvent): string {
  return JSON.stringify({ ...envelope, ...(letter !== undefined && { letter }) } satisfies EffectEnvelope)
}
