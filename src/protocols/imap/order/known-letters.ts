/**
 * Columns of whole mailboxes, kept because a letter never changes: a client that sorts its mailbox again pays for what has
 * come since. They belong to nobody's session and are let go of by age.
 */
import { readerOf } from '#formats/message/byte-reader.ts'
import { readReferences } from '#formats/message/references.ts'
import type { Account, Accounts } from '#mail/account.ts'
import type { EmailParts } from '#mail/account-email.ts'
import type { EmailId } from '#mail/ids.ts'
import { rowBatch } from '../limits.ts'
import type { Peer } from '../peer.ts'
import type { Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import { LetterColumns } from './letter-columns.ts'
import { pausesFor } from './slices.ts'

/** Messages in all kept columns together: about 120 octets each, ids included. */
const keptMessages = 1_200_000
/** So many gone ones may lie among a mailbox's columns before they are made anew. */
const staleShare = 1 / 4

/** So many letters are looked at between two looks at the clock: before the code is compiled each takes 20 µs and more. */
const pausedLetters = 64

type Kept = { readonly columns: LetterColumns; readonly threads: boolean; busy: Promise<void> }

/** By account and mailbox, the longest unused first */
const keptOf = new WeakMap<Accounts, Map<string, Kept>>()

/** Messages found, those left out that are gone, and where they stand in columns. */
export type OrderedLetters = { readonly columns: LetterColumns; readonly slots: Uint32Array; readonly indexes: Found }

type Slots = Omit<OrderedLetters, 'indexes'>

export async function lettersOf(
  found: Found,
  session: Selected,
  peer: Peer,
  needs: { readonly threads: boolean },
): Promise<OrderedLetters> {
  const { columns, slots } = await slotsOf(found, session, peer, needs)
  await peer.output.room()
  const { view } = session.selected
  const isThere = (at: number) => columns.found[slots[at] ?? 0] === 1 && view.isThere(found[at] ?? 0)
  let gone = 0
  for (let at = 0; at < found.length; at++) if (!isThere(at)) gone++
  if (gone === 0) return { columns, slots, indexes: found }
  return { columns, slots: slots.filter((_, at) => isThere(at)), indexes: found.filter((_, at) => isThere(at)) }
}

async function slotsOf(
  found: Found,
  session: Selected,
  peer: Peer,
  needs: { readonly threads: boolean },
): Promise<Slots> {
  if (!isWorthKeeping(found, session, peer, needs.threads)) return readAlone(found, session, peer, needs.threads)
  const kept = keptFor(session, peer, needs.threads)
  const before = kept.busy
  const reading = before.then(() => bringUpToDate(kept, session, peer))
  kept.busy = reading.catch(() => undefined)
  await reading
  const slots = slotsFor(kept.columns, found, session)
  return slots ? { columns: kept.columns, slots } : readAlone(found, session, peer, needs.threads)
}

/** A few out of many: the others are not worth reading, unless they have been read before. */
function isWorthKeeping(found: Found, { account, selected }: Selected, { accounts }: Peer, threads: boolean): boolean {
  const { view } = selected
  if (view.length > keptMessages) return false
  if (found.length * 4 >= view.length) return true
  const known = keptOf.get(accounts)?.get(keyOf({ account, selected }))
  if (!known || !fits(known, threads, view.length)) return false
  return view.length - firstUnknown(known.columns, view) <= found.length
}

async function readAlone(found: Found, session: Selected, peer: Peer, threads: boolean): Promise<Slots> {
  const columns = new LetterColumns()
  await readInto(columns, found, session, peer, threads)
  return { columns, slots: Uint32Array.from(found.keys()) }
}

function keptFor({ account, selected }: Selected, { accounts }: Peer, threads: boolean): Kept {
  const all = keptOf.get(accounts) ?? new Map<string, Kept>()
  keptOf.set(accounts, all)
  const key = keyOf({ account, selected })
  const known = all.get(key)
  const kept =
    known && fits(known, threads, selected.view.length)
      ? known
      : { columns: new LetterColumns(), threads, busy: Promise.resolve() }
  all.delete(key)
  all.set(key, kept)
  trim(all)
  return kept
}

function keyOf({ account, selected }: Pick<Selected, 'account' | 'selected'>): string {
  return `${account.id} ${selected.mailbox.id} ${selected.view.uidValidity}`
}

function fits(known: Kept, threads: boolean, current: number): boolean {
  return (known.threads || !threads) && !isStale(known.columns, current)
}

function isStale({ length }: LetterColumns, current: number): boolean {
  return length - current > current * staleShare + 64
}

function trim(all: Map<string, Kept>): void {
  let total = 0
  for (const { columns } of all.values()) total += columns.length
  for (const [key, { columns }] of all) {
    if (total <= keptMessages || all.size === 1) return
    all.delete(key)
    total -= columns.length
  }
}

/** Reads what stands behind the last known message. */
async function bringUpToDate({ columns, threads }: Kept, session: Selected, peer: Peer): Promise<void> {
  const { view } = session.selected
  const indexes: number[] = []
  for (let index = firstUnknown(columns, view); index < view.length; index++) indexes.push(index)
  await readInto(columns, indexes, session, peer, threads)
}

function firstUnknown({ length, uids }: LetterColumns, view: Selected['selected']['view']): number {
  return length === 0 ? 0 : view.lowerBound((uids[length - 1] ?? 0) + 1)
}

/** Undefined when one is missing: another session's older view knew fewer. */
function slotsFor({ uids, length }: LetterColumns, found: Found, { selected }: Selected): Uint32Array | undefined {
  const slots = new Uint32Array(found.length)
  let slot = 0
  for (let at = 0; at < found.length; at++) {
    const uid = selected.view.uid(found[at] ?? 0)
    while (slot < length && (uids[slot] ?? 0) < uid) slot++
    if (slot >= length || uids[slot] !== uid) return undefined
    slots[at] = slot
  }
  return slots
}

async function readInto(
  columns: LetterColumns,
  indexes: Found,
  session: Selected,
  { output, progress, signal }: Peer,
  threads: boolean,
): Promise<void> {
  const { account, selected } = session
  await output.room()
  const pause = pausesFor(output)
  for (let from = 0; from < indexes.length; from += rowBatch) {
    progress.reach(from, indexes.length)
    const some = indexes.slice(from, from + rowBatch)
    const ids = some.map(index => selected.view.emailId(index))
    const names = ['envelope', 'internalDate', 'sizeBytes', ...(threads ? (['commonFields'] as const) : [])] as const
    const parts = await account.emailParts(ids, names)
    await pause()
    const references = threads ? await referencesIn(parts, ids, { account, signal, pause }) : undefined
    for (let at = 0; at < some.length; at++) {
      addLetter(columns, selected.view.uid(some[at] ?? 0), parts, at, references?.[at])
      if (at % pausedLetters === 0) await pause()
    }
  }
}

function addLetter(
  columns: LetterColumns,
  uid: number,
  { facts, parts }: EmailParts,
  at: number,
  references: readonly string[] | undefined,
): void {
  const envelope = parts.envelope
  const end = envelope?.ends[at] ?? 0
  if (!envelope || end === 0) return columns.add({ uid })
  columns.add({
    uid,
    internalDate: facts.internalDate?.[at] ?? 0,
    sizeBytes: facts.sizeBytes?.[at] ?? 0,
    envelope: envelope.bytes.subarray(envelope.starts[at], end),
    references,
  })
}

/** Long ones, and those from before they were kept, are read by the searching thread. */
async function referencesIn(
  { count, found, parts: { commonFields } }: EmailParts,
  ids: readonly EmailId[],
  { account, signal, pause }: { account: Account; signal: AbortSignal; pause: () => Promise<void> | undefined },
): Promise<readonly (readonly string[])[]> {
  const references: (readonly string[])[] = []
  const others: number[] = []
  for (let at = 0; at < count; at++) {
    if (at % pausedLetters === 0) await pause()
    const end = commonFields?.ends[at] ?? 0
    if (commonFields && end > 0) {
      const bytes = commonFields.bytes.subarray(commonFields.starts[at], end)
      references[at] = readReferences(readerOf(bytes), bytes.length)
    } else if (found[at] === 1) others.push(at)
  }
  if (others.length === 0) return references
  const read = await account.references(
    Float64Array.from(others, at => ids[at] ?? 0),
    signal,
  )
  for (const [position, at] of others.entries()) references[at] = read[position] ?? []
  return references
}
