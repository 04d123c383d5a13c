/** SELECT and EXAMINE, with CONDSTORE or QRESYNC. RFC 9051 §6.3.2, §6.3.3, RFC 7162 §3.1.8, §3.2.5 */
import type { Client, Pending, Saved } from './client.ts'
import { View } from './client-view.ts'
import type { Command, Ground, Outcome } from './command.ts'
import { checkVanished } from './commands-fetch.ts'
import { complain } from './complaint.ts'
import { writeName } from './mailbox-name.ts'
import type { Mailbox } from './model.ts'
import type { Response } from './response.ts'
import { type Code, highestOf, numberOf } from './response-code.ts'
import { SavedResult } from './saved-result.ts'

export function select(ground: Ground): Command {
  const { random, client, model } = ground
  const name = random.integer(20) === 0 ? 'nowhere' : random.pick([...model.mailboxes.keys(), 'INBOX', 'INBOX'])
  const readOnly = random.integer(5) === 0
  const saved = client.enabled.has('qresync') && random.integer(4) > 0 ? client.saved.get(name) : undefined
  const condstore = saved === undefined && random.integer(5) === 0 ? ' (CONDSTORE)' : ''
  return selectOf(client, name, readOnly, saved, condstore)
}

function selectOf(
  { isRev2, isUidOnly, view, enabled }: Client,
  name: string,
  readOnly: boolean,
  saved: Saved | undefined,
  condstore: string,
): Command {
  const word = readOnly ? 'EXAMINE' : 'SELECT'
  const opened = new View(name, readOnly, isUidOnly)
  const hears = { isRev2, wantsClosed: view !== undefined && (isRev2 || enabled.has('qresync')) }
  const resync = saved ? ` (QRESYNC (${saved.uidValidity} ${saved.modseq}))` : ''
  return {
    name: word,
    parts: [`${word} ${writeName(name, isRev2)}${resync}${condstore}`],
    isLast: true,
    start: client => void (client.opening = opened),
    end: (client, pending) => end(client, pending, opened, saved, condstore !== ''),
    check: outcome => {
      check(outcome, opened, saved)
      checkHeard(outcome, opened, hears)
    },
  }
}

function end(
  client: Client,
  { tagged, untagged }: Pending,
  opened: View,
  saved: Saved | undefined,
  condstore: boolean,
) {
  client.opening = undefined
  if (tagged?.status !== 'OK') {
    client.view = undefined
    return
  }
  if (client.view !== opened) complain('missing', 'SELECT tells nothing of the mailbox, or no CLOSED of the one before')
  if (condstore) client.enabled.add('condstore')
  // RFC 5182 §2.1: the empty list after each successful SELECT
  client.result = new SavedResult(true)
  const codes = codesOf(untagged)
  opened.uidValidity = numberOf(codes, 'UIDVALIDITY')
  const highest = highestOf(codes)
  if (highest !== undefined && highest > opened.highest) opened.highest = highest
  if (saved && saved.uidValidity === opened.uidValidity) fillIn(opened, saved, untagged)
}

function codesOf(untagged: readonly Response[]): readonly Code[] {
  return untagged.flatMap(one => (one.kind === 'status' ? one.code : []))
}

/** What depends on what is enabled. */
function checkHeard(
  { tagged, untagged }: Outcome,
  { mailbox, recent }: View,
  hears: { isRev2: boolean; wantsClosed: boolean },
): void {
  // RFC 9051 §7.1 and RFC 7162 §3.2.11
  const isClosed = codesOf(untagged).some(code => code.name === 'other' && code.atom === 'CLOSED')
  if (tagged && hears.wantsClosed && !isClosed) complain('missing', 'no CLOSED, though another mailbox was selected')
  if (tagged?.status !== 'OK') return
  // RFC 9051 §6.3.2: REQUIRED untagged LIST; RFC 3501 §6.3.1: REQUIRED untagged RECENT
  if (hears.isRev2 && !untagged.some(one => one.kind === 'list' && one.name === mailbox))
    complain('missing', `SELECT of ${mailbox} tells no LIST`)
  if (!hears.isRev2 && recent === undefined) complain('missing', `SELECT of ${mailbox} tells no RECENT`)
}

/** What was kept, without what vanished, with what the FETCH responses tell. */
function fillIn(view: View, saved: Saved, untagged: Pending['untagged']): void {
  const flags = new Map(saved.flags)
  for (const one of untagged) if (one.kind === 'vanished') for (const uid of one.uids) flags.delete(uid)
  for (const { uid, flags: told } of view.known) flags.set(uid, told ?? new Set())
  const uids = [...flags.keys()].sort((a, b) => a - b)
  // A message that came and whose number a FETCH has not told yet would stand here too
  if (uids.length !== view.slots.length)
    complain('vanished', `after the resync ${uids.length} messages are known, and there are ${view.slots.length}`)
  if (view.isUidOnly) view.arrange(uids)
  for (const [at, uid] of uids.entries()) {
    const slot = view.slots[at]
    if (!slot) continue
    if (slot.uid !== undefined && slot.uid !== uid)
      complain('uid', `after the resync ${at + 1} is ${uid}, told was ${slot.uid}`)
    slot.uid = uid
    slot.flags = flags.get(uid)
  }
}

function check(outcome: Outcome, opened: View, saved: Saved | undefined): void {
  const { tagged, model, untagged } = outcome
  if (!tagged) return
  const mailbox = model.mailboxes.get(opened.mailbox)
  if (!mailbox) {
    if (tagged.status !== 'NO') complain('allowed', `SELECT of nowhere was answered ${tagged.status}`)
    return
  }
  if (tagged.status !== 'OK') complain('refused', `SELECT was answered ${tagged.status}`)
  const access = tagged.code.name === 'other' ? tagged.code.atom : ''
  if ((access === 'READ-ONLY') !== opened.readOnly)
    complain('missing', `SELECT was answered with ${access || 'no code'}`)
  const codes = codesOf(untagged)
  checkUidValidity(model.formerValidities.get(mailbox.name), mailbox, opened.uidValidity)
  checkUidNext(mailbox, numberOf(codes, 'UIDNEXT'))
  checkHighest(mailbox, highestOf(codes), 'SELECT')
  if (outcome.isQuiet) checkCount(mailbox, opened, numberOf(codes, 'UNSEEN'))
  if (saved && saved.uidValidity === opened.uidValidity)
    checkVanished({ ...outcome, view: opened }, undefined, saved.modseq)
}

function checkCount(mailbox: Mailbox, { slots, recent, isUidOnly }: View, unseen: number | undefined): void {
  const { present } = mailbox
  const count = slots.length
  if (count !== present.length)
    complain('exists', `${mailbox.name} has ${present.length} messages, EXISTS tells ${count}`)
  // RFC 3501 §7.1: the number of the first message without \Seen
  const first = present.findIndex(message => message.flag('\\seen').settled === false) + 1
  // RFC 9051, Appendix E: there is no UNSEEN any more
  if (recent === undefined && unseen === undefined) return
  if (isUidOnly) {
    if (unseen !== undefined) complain('unexpected', 'UNSEEN tells a number, though UIDONLY is enabled')
    return
  }
  if (unseen !== (first || undefined)) complain('status', `UNSEEN of ${mailbox.name} is ${unseen}, expected ${first}`)
}

/** RFC 9051 §2.3.1.1: the same for the mailbox's life; another that bears its name later has a greater one. */
export function checkUidValidity(former: number | undefined, mailbox: Mailbox, told: number | undefined): void {
  if (told === undefined) complain('uidvalidity', `${mailbox.name} was selected without UIDVALIDITY`)
  if (mailbox.uidValidity === undefined && former !== undefined && told <= former)
    complain('uidvalidity', `the mailbox that was ${mailbox.name} before had ${former}, the new one has ${told}`)
  mailbox.uidValidity ??= told
  if (mailbox.uidValidity !== told) complain('uidvalidity', `${mailbox.name} had ${mailbox.uidValidity}, now ${told}`)
}

/** RFC 9051 §2.3.1.1: greater than every UID so far, and never back. */
export function checkUidNext(mailbox: Mailbox, told: number | undefined): void {
  if (told === undefined) complain('uidnext', `no UIDNEXT for ${mailbox.name}`)
  const least = mailbox.before.uidNext
  if (told < least)
    complain('uidnext', `UIDNEXT of ${mailbox.name} is ${told}; it was ${least}, or a message had ${least - 1}`)
  mailbox.uidNext = Math.max(mailbox.uidNext, told)
}

/** RFC 7162 §3.1.2.1: the highest of all in the mailbox, and never back. */
export function checkHighest(mailbox: Mailbox, told: bigint | undefined, by: 'SELECT' | 'STATUS'): void {
  if (told === undefined) return
  const least = mailbox.before.highest
  if (told < least) complain('modseq', `HIGHESTMODSEQ of ${mailbox.name} is ${told} by ${by}, it was ${least} before`)
  if (told > mailbox.highest) mailbox.highest = told
}
