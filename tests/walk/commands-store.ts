/** STORE and UID STORE. RFC 9051 §6.4.6, RFC 7162 §3.1.3 (UNCHANGEDSINCE) */
import type { Pending } from './client.ts'
import type { Command, Ground, Outcome } from './command.ts'
import { complain } from './complaint.ts'
import { type Message, writeFlag } from './model.ts'
import { someTargets, type Targets, uidsAt } from './targets.ts'

export const someFlags = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft', '$Forwarded', 'walk'] as const

type Sign = '' | '+' | '-'
type Change = {
  readonly sign: Sign
  readonly flags: ReadonlySet<string>
  readonly isSilent: boolean
  readonly since: bigint | undefined
}

export function store(ground: Ground, byNumber: boolean): Command | undefined {
  const { random, client } = ground
  const targets = someTargets(ground, byNumber)
  if (!targets) return undefined
  const flags = pickFlags(ground)
  const since = client.enabled.has('condstore') && random.integer(3) === 0 ? unchangedSince(ground) : undefined
  const sign = random.pick(['', '+', '+', '-'] as const)
  const isSilent = random.integer(3) === 0
  const change: Change = { sign, flags: lowered(flags), isSilent, since }
  const name = byNumber ? 'STORE' : 'UID STORE'
  let modified: ReadonlySet<number | undefined> = new Set()
  const modifier = since === undefined ? '' : ` (UNCHANGEDSINCE ${since})`
  const item = `${sign}FLAGS${isSilent ? '.SILENT' : ''}`
  return {
    name,
    parts: [`${name} ${targets.set}${modifier} ${item} (${flags.join(' ')})`],
    keepsNumbers: byNumber,
    fresh: targets.uids,
    end: (_, pending) => {
      modified = modifiedBy(pending, byNumber)
      if (isSilent) believe(pending, targets, change, modified)
    },
    resolve: outcome => apply(outcome, targets, change, modified),
    check: outcome => check(outcome, targets, change, modified),
  }
}

export function pickFlags({ random, client }: Ground): readonly string[] {
  // not too many go, or there is nothing to play with
  const isCrowded = (client.view?.slots.length ?? 0) > 25
  if (isCrowded && random.integer(3) === 0) return ['\\Deleted']
  return someFlags.filter(flag => random.integer(flag === '\\Deleted' ? 8 : 3) === 0)
}

export function lowered(flags: readonly string[]): ReadonlySet<string> {
  return new Set(flags.map(flag => flag.toLowerCase()))
}

function unchangedSince({ client, model, random }: Ground): bigint {
  const { view } = client
  const known = view ? model.mailbox(view.mailbox).present.flatMap(({ modseq }) => modseq ?? []) : []
  return known.length > 0 ? random.pick(known) : (view?.highest ?? 1n)
}

/** UIDs of the MODIFIED code. */
function modifiedBy({ tagged, view }: Pending, byNumber: boolean): ReadonlySet<number | undefined> {
  const numbers = tagged?.code.name === 'MODIFIED' ? tagged.code.numbers : []
  return new Set(byNumber ? uidsAt(view?.slots ?? [], numbers) : numbers)
}

/** What a client takes to be true after .SILENT: its own change of what it knew. */
function believe(
  { view, tagged, fetched }: Pending,
  { uids }: Targets,
  change: Change,
  modified: ReadonlySet<number | undefined>,
) {
  if (!view || tagged?.status === 'BAD') return
  for (const slot of view.known) {
    if (!uids.has(slot.uid) || modified.has(slot.uid)) continue
    // what was told meanwhile may be from before or after this change
    const isDoubtful = tagged?.status !== 'OK' || fetched.get(slot.uid)?.includes('flags') === true
    const { flags } = change
    if (isDoubtful) slot.flags = undefined
    else if (change.sign === '') slot.flags = flags
    else if (slot.flags) slot.flags = change.sign === '+' ? slot.flags.union(flags) : slot.flags.difference(flags)
  }
}

function apply(outcome: Outcome, { uids }: Targets, change: Change, modified: ReadonlySet<number | undefined>): void {
  const { tagged, view } = outcome
  if (!view || view.readOnly || tagged?.status === 'BAD') return
  const mailbox = outcome.model.mailbox(view.mailbox)
  const isCertain = tagged?.status === 'OK'
  for (const uid of uids) {
    const message = mailbox.messages.get(uid)
    if (message && !modified.has(uid)) writeChange(message, change, outcome, isCertain)
  }
}

function writeChange(message: Message, { sign, flags }: Change, outcome: Outcome, isCertain: boolean): void {
  for (const flag of flags) writeFlag(message, flag, outcome, sign !== '-', isCertain)
  if (sign !== '') return
  // also those that another command of this round sets for the first time
  const names = new Set([...message.flags.map(([name]) => name), ...lowered(someFlags)])
  for (const name of names) if (!flags.has(name)) writeFlag(message, name, outcome, false, isCertain)
}

function check(outcome: Outcome, { uids }: Targets, change: Change, modified: ReadonlySet<number | undefined>): void {
  const { tagged, view, model } = outcome
  if (!tagged || !view) return
  if (tagged.status === 'BAD') complain('refused', 'STORE was answered BAD')
  if (view.readOnly) {
    if (tagged.status === 'OK') complain('allowed', 'STORE was answered OK in a mailbox that is selected read-only')
    return
  }
  const mailbox = model.mailbox(view.mailbox)
  let isAnyGone = false
  for (const uid of modified)
    if (uid === undefined || !uids.has(uid)) complain('modseq', `MODIFIED has ${uid}, not stored`)
  for (const uid of uids) {
    const message = mailbox.messages.get(uid)
    if (!message || mailbox.presence(message, model.round) !== 'yes') isAnyGone = true
    else if (tagged.status === 'OK') checkOne(outcome, message, change, modified.has(uid))
  }
  if (tagged.status === 'NO' && !isAnyGone && modified.size === 0)
    complain('refused', 'STORE was answered NO, and every message is there')
}

function checkOne(outcome: Outcome, message: Message, { isSilent, since }: Change, isModified: boolean): void {
  const told = outcome.fetched.get(message.uid) ?? []
  const { modseq, uid } = message
  // its copies have flags in common with it, so that a change of one is a change of all
  const isAlone = !outcome.model.hasCopies(message)
  if (since !== undefined && outcome.isQuiet && isAlone && modseq !== undefined && modseq > since !== isModified)
    complain(
      'modseq',
      `UID ${uid} has ${modseq}: MODIFIED ${isModified ? 'tells' : 'does not tell'} it, UNCHANGEDSINCE ${since}`,
    )
  if (isModified) return
  if (!isSilent && !told.includes('flags')) complain('missing', `STORE tells no flags of UID ${uid} `)
  // RFC 7162 §3.1.3: with UNCHANGEDSINCE, .SILENT too
  if (since !== undefined && !told.includes('modseq')) complain('missing', `STORE tells no MODSEQ of UID ${uid}`)
}
