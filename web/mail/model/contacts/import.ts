/** A file of vCards into the contacts: what was understood, who is here already, and the taking in, in batches. */
import type { VcardFile, VcardProblem } from '#formats/contacts/read-vcard.ts'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { CardPatch, Contacts, NewCard } from './contacts.ts'
import { displayName, entries, isGroup } from './facts.ts'
import { type Shrink, withSmallPhotos } from './photos.ts'
import { mergePatch } from './merge.ts'

export type Decision = 'merge' | 'skip' | 'add'

export type ImportItem = {
  readonly card: NewCard
  readonly name: string
  readonly line: number
  /** Who is here already: with the same uid, an address in common, or a group of this name */
  readonly known: ContactCard | undefined
  readonly decision: Decision
}

export type ImportPlan = {
  readonly items: readonly ImportItem[]
  readonly problems: readonly VcardProblem[]
  readonly problemCount: number
}

export type ImportResult = {
  readonly added: number
  readonly merged: number
  readonly skipped: number
  readonly failed: readonly ImportItem[]
  /** Whose photo is too large, and could not be made smaller: they are there without */
  readonly photosLeftOut: number
}

/** Octets of JSON in one request; cards with photos are large */
const maxBatchOctets = 2 * 1024 * 1024
const maxBatchCards = 100

export function planImport({ cards, problems, problemCount }: VcardFile, contacts: Contacts): ImportPlan {
  const byUid = contacts.byUid.peek()
  const byEmail = new Map(
    contacts.people
      .peek()
      .flatMap(card => entries(card.emails).map(({ address }) => [address.toLowerCase(), card] as const)),
  )
  const groups = new Map(contacts.groups.peek().map(group => [displayName(group), group]))
  const seen = new Set<string>()
  const items = cards.map(({ line, card: read }): ImportItem => {
    const card = read as unknown as ContactCard
    const name = displayName(card)
    const other = isGroup(card)
      ? groups.get(name)
      : entries(card.emails)
          .map(({ address }) => byEmail.get(address.toLowerCase()))
          .find(one => one !== undefined)
    const known = byUid.get(card.uid) ?? other
    // twice in one file with one uid: the second one needs one of its own
    const uid = seen.has(card.uid) ? newUid() : card.uid
    seen.add(uid)
    return { card: { ...card, uid }, name, line, known, decision: known ? 'merge' : 'add' }
  })
  return { items, problems, problemCount }
}

export type ImportWays = { readonly onProgress: (done: number) => void; readonly shrink: Shrink }

/** People first, then the groups, whose members may have come under other uids. */
export async function runImport(
  contacts: Contacts,
  { items }: ImportPlan,
  { onProgress, shrink }: ImportWays,
): Promise<ImportResult> {
  const uids = new Map<string, string>()
  const people = items.filter(({ card }) => !isGroup(card)).map(item => prepared(item, uids))
  const groups = items.filter(({ card }) => isGroup(card)).map(item => prepared(item, uids))
  const result = { added: 0, merged: 0, skipped: 0, failed: [] as ImportItem[], photosLeftOut: 0 }
  for (const part of [people, groups])
    for (const batch of batches(
      await small(
        part.map(item => withMembers(item, uids)),
        shrink,
        result,
      ),
    )) {
      await takeIn(contacts, batch, result)
      onProgress(result.added + result.merged + result.skipped + result.failed.length)
    }
  return result
}

async function small(items: readonly ImportItem[], shrink: Shrink, result: Counts): Promise<readonly ImportItem[]> {
  const all: ImportItem[] = []
  for (const item of items) {
    const { card, isLeftOut } = await withSmallPhotos(item.card, shrink)
    if (isLeftOut && item.decision !== 'skip') result.photosLeftOut++
    all.push(card === item.card ? item : { ...item, card })
  }
  return all
}

function prepared(item: ImportItem, uids: Map<string, string>): ImportItem {
  const { card, known, decision } = item
  if (known && decision !== 'add') {
    uids.set(card.uid, known.uid)
    return item
  }
  if (card.uid !== known?.uid) return item
  const uid = newUid()
  uids.set(card.uid, uid)
  return { ...item, card: { ...card, uid } }
}

function withMembers(item: ImportItem, uids: ReadonlyMap<string, string>): ImportItem {
  const { members } = item.card
  if (!members) return item
  const named = Object.keys(members).map(uid => [uids.get(uid) ?? uid, true as const] as const)
  return { ...item, card: { ...item.card, members: Object.fromEntries(named) } }
}

function* batches(items: readonly ImportItem[]): Generator<readonly ImportItem[]> {
  let batch: ImportItem[] = []
  let size = 0
  for (const item of items) {
    const octets = JSON.stringify(item.card).length
    if (batch.length > 0 && (batch.length >= maxBatchCards || size + octets > maxBatchOctets)) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(item)
    size += octets
  }
  if (batch.length > 0) yield batch
}

type Counts = { added: number; merged: number; skipped: number; photosLeftOut: number; readonly failed: ImportItem[] }

async function takeIn(contacts: Contacts, batch: readonly ImportItem[], result: Counts): Promise<void> {
  const create = new Map<string, NewCard>()
  const update = new Map<string, CardPatch>()
  const items = new Map<string, ImportItem>()
  batch.forEach((item, at) => {
    const before = item.known && update.get(item.known.id)
    // two cards of the file may be for one of ours
    const patch =
      item.known && item.decision === 'merge' ? mergePatch({ ...item.known, ...before }, item.card) : undefined
    if (item.decision === 'skip') result.skipped++
    else if (patch && item.known) {
      if (Object.keys(patch).length === 0 && !before) result.merged++
      else {
        update.set(item.known.id, { ...before, ...patch })
        items.set(item.known.id, item)
      }
    } else {
      create.set(`c${at}`, item.card)
      items.set(`c${at}`, item)
    }
  })
  if (create.size + update.size === 0) return
  try {
    const { refused } = await contacts.set({ create, ...(update.size > 0 && { update }) })
    for (const [key, item] of items) {
      if (refused.has(key)) result.failed.push(item)
      else if (create.has(key)) result.added++
      else result.merged++
    }
  } catch {
    result.failed.push(...items.values())
  }
}

function newUid(): string {
  return `urn:uuid:${crypto.randomUUID()}`
}
