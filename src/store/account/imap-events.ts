/**
 * IMAP events (RFC 6785): noted in the transaction of the change that raised them, and finished in the transaction of what the script
 * decided. So each is seen by its script once, whatever breaks off. Nothing that is done here raises an event.
 */
import type { AccountWriter } from './account-writer.ts'
import { chosenMailbox, leaveEffects, storeFiled } from './deliver-filed.ts'
import { changed, flagBits } from './flags.ts'
import type { FlagInput, FlagsOutput, ImapActor, Refusal, UidList, WriterOperations } from './operations.ts'
import { deletedFlag, place, setFlags } from './place.ts'
import * as events from './tables/imap-event.ts'
import { readMetadata } from './tables/metadata.ts'
import { type PlacementRow, readPlacement, readPlacementsOf } from './tables/placement.ts'
import { readRange } from './tables/placement-range.ts'
import { rangesBelow, uidsIn } from './uid-ranges.ts'

/** RFC 6785 §2.3.1 */
export const imapScriptEntry = '/shared/imapsieve/script'

/** `messages` of one event: a command that changes more raises several, since one is read for every message of it. `waiting` of
 * one account, not yet seen by their scripts: more are dropped, somebody changes faster than scripts can look. */
const eventLimits = { messages: 200, waiting: 5000 }
/** Octets of a script's name */
const maxScriptNameBytes = 512

/** The mailbox's own entry counts, also an empty one, which means no script; else the server's. */
export function scriptFor(
  { database }: AccountWriter,
  mailbox: number,
  actor: ImapActor | undefined,
): string | undefined {
  if (!actor) return undefined
  const own = readMetadata(database, mailbox, imapScriptEntry)
  if (!own) return actor.script
  return own.length === 0 || own.length > maxScriptNameBytes ? undefined : Buffer.from(own).toString()
}

type Happened = {
  readonly cause: events.ImapEventRow['cause']
  readonly mailbox: number
  readonly uids: UidList
  readonly flags?: string
  readonly actor: ImapActor | undefined
}

export function noteEvent(
  account: AccountWriter,
  { actor, cause, flags = '', mailbox, uids }: Happened,
  limits = eventLimits,
): void {
  const script = scriptFor(account, mailbox, actor)
  if (!actor || script === undefined || uids.length === 0) return
  const { database } = account
  const { login, nowMs: happened } = actor
  const ascending = Uint32Array.from(uids).sort()
  const modSeq = account.modSeq()
  let waiting = events.countImapEvents(database)
  for (let from = 0; from < ascending.length; from += limits.messages) {
    if (waiting++ >= limits.waiting) return account.changes.imapEvent('dropped')
    const some = ascending.slice(from, from + limits.messages)
    events.insertImapEvent(database, { modSeq, cause, mailbox, uids: some, flags, script, login, happened })
  }
  account.changes.imapEvent('noted')
}

/** STORE: one event for all messages whose same flags changed. `act` does it. */
export function notingFlags(
  account: AccountWriter,
  { actor, change, mailbox, uids }: WriterOperations['changeFlags']['input'],
  act: () => FlagsOutput | Refusal,
): FlagsOutput | Refusal {
  const row = account.mailbox(mailbox)
  if (!row || scriptFor(account, mailbox, actor) === undefined) return act()
  const before = new Map<number, number>()
  for (const range of rangesBelow(uids, row.uidNext))
    for (const [uid = 0, , flags = 0] of readRange(account.database, mailbox, range, everything)) before.set(uid, flags)
  const output = act()
  const bits = flagBits(account, change, true)
  if ('refused' in output || typeof bits !== 'number') return output
  const alike = new Map<number, number[]>()
  for (const uid of uidsIn(output.changed)) {
    const flags = before.get(uid) ?? 0
    const difference = (flags ^ changed(flags, change.mode, bits)) >>> 0
    if (difference !== 0) alike.set(difference, [...(alike.get(difference) ?? []), uid])
  }
  for (const [difference, those] of alike)
    noteEvent(account, { cause: 'FLAG', mailbox, uids: those, actor, flags: namesOf(account, difference) })
  return output
}

const everything = { mask: 0, shared: false, limit: Number.MAX_SAFE_INTEGER }
const systemFlagNames = ['\\Seen', '\\Answered', '\\Flagged', '\\Draft', '\\Deleted'] as const

function namesOf({ keywords }: AccountWriter, bits: number): string {
  const all = [...systemFlagNames, ...keywords]
  return all.filter((_, position) => (bits >>> position) & 1).join(' ')
}

type Input = WriterOperations['finishImapEvent']['input']
type Output = WriterOperations['finishImapEvent']['output']

/** The next message of an event has been seen by its script: what was decided, all of it or nothing. */
export function finishImapEvent(account: AccountWriter, input: Input): Output {
  const { decided, event, index, modSeq } = input
  const row = events.readImapEvent(account.database, event)
  if (row?.modSeq !== modSeq || row.done !== index) return { status: 'known' }
  events.advanceImapEvent(account.database, row, decided ? index + 1 : row.uids.length)
  const placement = decided && readPlacement(account.database, row.mailbox, row.uids[index] ?? 0)
  if (!placement) return { status: 'gone' }
  const stored = decided.filing.emails.length > 0 ? storeFiled(account, input, decided.filing) : undefined
  if (stored?.status === 'over-quota') return { status: 'over-quota' }
  const flags = leaveIn(account, placement, decided)
  const placed = new Set<number>()
  for (const choice of decided.share) {
    const mailbox = chosenMailbox(account, choice, input.nowMs)
    if (placed.has(mailbox.id)) continue
    placed.add(mailbox.id)
    const { email: id, sizeBytes } = placement
    const others = readPlacementsOf(account.database, id)
    place(account, mailbox, { id, flags: flags & ~deletedFlag, sizeBytes, savedMs: input.nowMs, others })
  }
  const outside = { filing: decided.filing, outbox: decided.outbox, nowMs: input.nowMs }
  const unusedFiles = [...(stored?.unusedFiles ?? []), ...leaveEffects(account, outside)]
  return { status: 'done', unusedFiles }
}

/** The flags that the message has in its mailbox afterwards. RFC 6785 §4: what is not kept is marked \Deleted, and stays */
function leaveIn(
  account: AccountWriter,
  placement: PlacementRow,
  { discard, flags }: NonNullable<Input['decided']>,
): number {
  const bits = (change: FlagInput) => {
    const found = flagBits(account, change, true)
    return typeof found === 'number' ? found : 0
  }
  const kept = ((placement.flags | bits(flags.add)) & ~bits(flags.remove)) >>> 0
  const after = discard ? (kept | deletedFlag) >>> 0 : kept
  if (after !== placement.flags) setFlags(account, placement, after)
  return after
}
