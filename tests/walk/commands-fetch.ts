/** FETCH and UID FETCH. RFC 9051 §6.4.5, RFC 7162 §3.1.4 (CHANGEDSINCE), §3.2.6 (VANISHED) */
import type { Command, Ground, Outcome } from './command.ts'
import { usesNumbers } from './commands-numbers.ts'
import { complain } from './complaint.ts'
import { type Message, writeFlag } from './model.ts'
import { someTargets, type Targets } from './targets.ts'

type Item = { readonly text: string; readonly told: string; readonly setsSeen?: boolean }

const plainItems: readonly Item[] = [
  { text: 'FLAGS', told: 'flags' },
  { text: 'UID', told: 'uid' },
  { text: 'INTERNALDATE', told: 'internalDate' },
  { text: 'RFC822.SIZE', told: 'size' },
  { text: 'ENVELOPE', told: 'envelope' },
  { text: 'BODYSTRUCTURE', told: 'structure' },
]
const sections = [
  '',
  '',
  'HEADER',
  'TEXT',
  '1',
  '2',
  '1.MIME',
  'HEADER.FIELDS (SUBJECT)',
  'HEADER.FIELDS (X-WALK DATE)',
]

/** Everything about flags of the whole mailbox, as clients do after SELECT; the only FETCH by numbers whose UIDs are unknown. */
export function learn({ client, random }: Ground): Command | undefined {
  const count = client.view?.slots.length ?? 0
  if (count === 0) return undefined
  const modseq = client.enabled.has('condstore') ? ' MODSEQ' : ''
  return random.integer(2) === 0 && usesNumbers(client)
    ? { name: 'FETCH', parts: [`FETCH 1:${count} (UID FLAGS${modseq})`], keepsNumbers: true, check: refuseNothing }
    : { name: 'UID FETCH', parts: [`UID FETCH 1:* (FLAGS${modseq})`], check: refuseNothing }
}

function refuseNothing({ tagged, isQuiet }: Outcome): void {
  if (tagged && tagged.status !== 'OK' && isQuiet) complain('refused', `FETCH was answered ${tagged.status}`)
}

export function fetch(ground: Ground, byNumber: boolean): Command | undefined {
  const { client, random } = ground
  const targets = someTargets(ground, byNumber)
  if (!targets) return undefined
  const items = random.integer(3) === 0 ? [plainItems[0] ?? someItem(ground)] : someItems(ground)
  const mayAskSince = client.enabled.has('condstore') && targets.set !== '$'
  const since = mayAskSince && random.integer(4) === 0 ? changedSince(ground) : undefined
  if (since !== undefined) items.push({ text: 'RFC822.SIZE', told: 'size' })
  const texts = [...new Set(items.map(item => item.text))].join(' ')
  const withVanished = since !== undefined && !byNumber && client.enabled.has('qresync')
  const modifier = since === undefined ? '' : ` (CHANGEDSINCE ${since}${withVanished ? ' VANISHED' : ''})`
  const name = byNumber ? 'FETCH' : 'UID FETCH'
  return {
    name,
    parts: [`${name} ${targets.set} (${texts})${modifier}`],
    keepsNumbers: byNumber,
    fresh: targets.uids,
    resolve: outcome => {
      if (items.some(item => item.setsSeen) && outcome.view?.readOnly === false) markSeen(outcome, targets, since)
    },
    check: outcome => {
      checkComplete(outcome, targets, items, since)
      if (withVanished) checkVanished(outcome, targets.uids, since)
    },
  }
}

function someItems(ground: Ground): Item[] {
  return Array.from({ length: 1 + ground.random.integer(3) }, () => someItem(ground))
}

function someItem({ random, client }: Ground): Item {
  const kind = random.integer(10)
  if (kind === 0 && client.enabled.has('condstore')) return { text: 'MODSEQ', told: 'modseq' }
  if (kind < 6) return random.pick(plainItems)
  const section = random.pick(sections)
  const partial = random.integer(3) === 0 ? `<${random.integer(300)}.${1 + random.integer(2_000)}>` : ''
  const setsSeen = kind === 9
  return { text: `BODY${setsSeen ? '' : '.PEEK'}[${section}]${partial}`, told: section, setsSeen }
}

function changedSince({ client, model, random }: Ground): bigint {
  const view = client.view
  const known = view ? model.mailbox(view.mailbox).present.flatMap(({ modseq }) => modseq ?? []) : []
  return known.length > 0 && random.integer(2) === 0 ? random.pick(known) : (view?.highest ?? 0n) || 1n
}

/** RFC 9051 §6.4.5: BODY[…] without PEEK sets \Seen. */
function markSeen(outcome: Outcome, { uids }: Targets, since: bigint | undefined): void {
  const { view, model, tagged } = outcome
  if (!view) return
  for (const uid of uids) {
    const message = model.mailbox(view.mailbox).messages.get(uid)
    const isTold = outcome.fetched.get(uid)?.includes('size') === true
    const isSure = tagged?.status === 'OK' && (since === undefined || isTold)
    // after NO (some have gone, RFC 2180 §4.1.1) those that are told or not told may have been marked all the same
    if (!message || !(isSure || isTold || tagged?.status !== 'OK')) continue
    writeFlag(message, '\\seen', outcome, true, isSure)
  }
}

function checkComplete(outcome: Outcome, targets: Targets, items: readonly Item[], since: bigint | undefined): void {
  const { tagged, view, model } = outcome
  if (!tagged || !view) return
  const mailbox = model.mailbox(view.mailbox)
  if (tagged.status === 'BAD') complain('refused', 'FETCH was answered BAD')
  let isAnyGone = false
  for (const uid of targets.uids) {
    const message = mailbox.messages.get(uid)
    if (!message || mailbox.presence(message, model.round) !== 'yes') {
      // RFC 2180 §4.1: what is told of messages that have gone is left to the server
      isAnyGone = true
      continue
    }
    if (tagged.status !== 'OK') continue
    const told = outcome.fetched.get(uid) ?? []
    if (since === undefined) for (const item of items) mustTell(uid, item.told, told)
    else if (message.registers.every(register => register.isQuiet)) checkSince(message, told, since)
  }
  if (tagged.status === 'NO' && !isAnyGone) complain('refused', 'FETCH was answered NO, and every message is there')
}

function mustTell(uid: number, item: string, told: readonly string[]): void {
  if (!told.includes(item)) complain('missing', `no ${item || 'BODY[]'} was told of UID ${uid}; told: ${told.join()}`)
}

function checkSince(message: Message, told: readonly string[], since: bigint): void {
  const { uid, modseq, modseqAbove } = message
  const isLater = modseq === undefined ? modseqAbove >= since || undefined : modseq > since
  const isTold = told.includes('size')
  const about = `UID ${uid}, whose mod-sequence is ${modseq ?? `above ${modseqAbove}`}, with CHANGEDSINCE ${since}`
  if (isLater === true && !isTold) complain('modseq', `nothing was told of ${about}`)
  if (isLater === false && isTold) complain('modseq', `told was ${about}`)
}

/** VANISHED (EARLIER): all that went since then, none that is there. RFC 7162 §3.2.10.1 */
export function checkVanished(outcome: Outcome, asked: ReadonlySet<number> | undefined, since: bigint): void {
  const { model, view, untagged, tagged } = outcome
  if (!view || tagged?.status !== 'OK') return
  const mailbox = model.mailbox(view.mailbox)
  const vanished = new Set(untagged.flatMap(one => (one.kind === 'vanished' && one.earlier ? one.uids : [])))
  for (const uid of vanished) {
    const message = mailbox.messages.get(uid)
    if (message && mailbox.presence(message, model.round) === 'yes') complain('vanished', `UID ${uid} is there`)
    if (uid >= mailbox.uidNext && outcome.isQuiet) complain('vanished', `UID ${uid} was never there`)
    if (asked && !asked.has(uid)) complain('vanished', `UID ${uid} was not asked for`)
  }
  for (const [uid, highest] of mailbox.gone)
    if (highest >= since && (!asked || asked.has(uid)) && !vanished.has(uid) && !outcome.left.has(uid))
      complain('vanished', `UID ${uid} went after ${highest} and is not among what vanished since ${since}`)
}
