/** SEARCH and UID SEARCH, answered by SEARCH or ESEARCH. RFC 9051 §6.4.4, RFC 4731 */
import type { Pending } from './client.ts'
import type { Command, Ground, Outcome } from './command.ts'
import type { Slot } from './client-view.ts'
import { complain } from './complaint.ts'
import type { Esearch } from './response.ts'
import { SavedResult } from './saved-result.ts'
import { type Key, type Reader, someKey } from './search-keys.ts'
import { uidsAt } from './targets.ts'

const returnOptions = ['MIN', 'MAX', 'COUNT', 'ALL'] as const

export function search(ground: Ground, byNumber: boolean): Command | undefined {
  const { client } = ground
  if (!client.view) return undefined
  const key = someKey(ground)
  const asked = someOptions(ground)
  const saves = asked?.includes('SAVE') ? new SavedResult(asked.includes('ALL') && !byNumber) : undefined
  const name = byNumber ? 'SEARCH' : 'UID SEARCH'
  const options = asked === undefined ? '' : ` RETURN (${asked.join(' ')})`
  // RFC 9051 §6.4.4: without RETURN, as RETURN (ALL)
  const shown = toldOptions(asked ?? (client.isRev2 ? [] : undefined))
  let slots: readonly Slot[] = []
  let before: ReadonlySet<Slot> = new Set()
  let told: Reader['told'] = new Map()
  return {
    name,
    parts: [`${name}${options} ${key.text}`],
    keepsNumbers: byNumber,
    ...(saves && { saves }),
    start: ({ view }) => {
      told = new Map(view?.known.map(({ uid, flags }) => [uid, flags]))
      before = new Set(view?.slots)
    },
    end: (one, pending) => {
      slots = [...(pending.view?.slots ?? [])]
      if (!saves) return
      one.result = saves
      keepTold(saves, pending, asked ?? [], byNumber)
    },
    check: outcome => {
      const { tagged } = outcome
      if (!tagged) return
      if (tagged.status !== 'OK') complain('refused', `SEARCH was answered ${tagged.status}`)
      const fits = whatFits(outcome, key, { slots, before }, byNumber, {
        ...outcome,
        told,
        since: outcome.view?.syncedRound ?? 0,
      })
      if (shown) checkEsearch(outcome, byNumber, shown, fits)
      else checkSearch(outcome, fits)
      if (saves && !saves.isKnown && isWhole(asked ?? [])) keepComputed(saves, fits, byNumber, slots)
    },
  }
}

function someOptions({ random }: Ground): readonly string[] | undefined {
  if (random.integer(2) === 0) return undefined
  const shown = returnOptions.filter(() => random.integer(2) === 0)
  return random.integer(2) === 0 ? shown : ['SAVE', ...shown]
}

/** What ESEARCH tells; undefined where SEARCH does. RFC 4731 §3.1; SAVE alone tells nothing (RFC 5182 §2.1). */
function toldOptions(asked: readonly string[] | undefined): readonly string[] | undefined {
  return asked?.length === 0 ? ['ALL'] : asked?.filter(option => option !== 'SAVE')
}

/** RFC 5182 §2.4: with MIN and MAX alone only those are kept. */
function isWhole(asked: readonly string[]): boolean {
  const isEdge = asked.includes('MIN') || asked.includes('MAX')
  return !isEdge || asked.includes('ALL') || asked.includes('COUNT')
}

function keepTold(
  saves: SavedResult,
  { tagged, untagged, view }: Pending,
  asked: readonly string[],
  byNumber: boolean,
) {
  saves.isKnown = false
  const found = untagged.find((one): one is Esearch => one.kind === 'esearch')
  // RFC 5182 §2.1: NO leaves the empty list behind
  if (tagged?.status === 'NO') saves.fill([])
  if (tagged?.status !== 'OK' || !found) return
  const uids = (numbers: readonly number[]) => (byNumber ? uidsAt(view?.slots ?? [], numbers) : numbers)
  if (asked.includes('ALL')) saves.fill(uids(found.all ?? []))
  else if (!isWhole(asked)) saves.fill(uids([found.min, found.max].filter(number => number !== undefined)))
}

/** What nobody was told is known when there is no doubt. */
function keepComputed(saves: SavedResult, { must, may }: Fits, byNumber: boolean, slots: readonly Slot[]): void {
  if (may.size === 0) saves.fill(byNumber ? uidsAt(slots, [...must]) : [...must])
}

/** The mailbox as the client saw it at the end of the search, and what it had been told when it asked. */
type Shown = { readonly slots: readonly Slot[]; readonly before: ReadonlySet<Slot> }
const unknownSlot: Slot = { uid: undefined, flags: undefined, modseq: undefined }

/** Numbers or UIDs that must be found, and those that may be. */
type Fits = {
  readonly must: ReadonlySet<number>
  readonly may: ReadonlySet<number>
  readonly key: string
}

function whatFits(outcome: Outcome, key: Key, { slots, before }: Shown, byNumber: boolean, reader: Reader): Fits {
  const { model, view } = outcome
  const mailbox = model.mailbox(view?.mailbox ?? '')
  const must = new Set<number>()
  const may = new Set<number>()
  const unknown = slots.filter(({ uid }) => uid === undefined).length
  const numberOf = new Map(slots.map((slot, at) => [slot.uid, at + 1]))
  for (const message of mailbox.messages.values()) {
    const number = numberOf.get(message.uid)
    const name = byNumber ? number : message.uid
    const presence = mailbox.presence(message, model.round)
    if (name === undefined || presence === 'no') continue
    // one that was told behind the result need not be in it
    const isBefore = number !== undefined && before.has(slots[number - 1] ?? unknownSlot)
    const isSure = isBefore && presence === 'yes' && !outcome.left.has(message.uid)
    const verdict = isSure ? key.worth(message, reader) : undefined
    if (verdict === true) must.add(name)
    else if (verdict === undefined) may.add(name)
  }
  for (const [at, { uid }] of slots.entries()) {
    // expunged by another, and not yet told to this client
    const name = byNumber ? at + 1 : uid
    if (uid === undefined ? byNumber : !mailbox.messages.has(uid)) if (name !== undefined) may.add(name)
  }
  for (const uid of outcome.left) if (uid !== undefined && !byNumber) may.add(uid)
  // one whose UID this client never knew may be any that has gone
  if (!byNumber && (unknown > 0 || outcome.left.has(undefined))) for (const uid of mailbox.gone.keys()) may.add(uid)
  return { must, may, key: key.text }
}

function checkSearch({ untagged }: Outcome, fits: Fits): void {
  const found = untagged.filter(one => one.kind === 'search')
  const [first, second] = found
  // RFC 3501 §7.2.5: one SEARCH response, empty when nothing is found
  if (!first || second) complain('search', `${found.length} SEARCH responses`)
  checkSet(first.numbers, fits)
  checkModseqTold(fits.key, first.numbers.length > 0, first.modseq)
}

/** RFC 7162 §3.1.5: a search for MODSEQ that finds something tells the highest of what it found. */
function checkModseqTold(key: string, hasFound: boolean, modseq: bigint | undefined): void {
  if (key.includes('MODSEQ') && hasFound && modseq === undefined)
    complain('missing', `no MODSEQ in the result for ${key}`)
  if (!key.includes('MODSEQ') && modseq !== undefined) complain('unexpected', `MODSEQ in the result for ${key}`)
}

function checkSet(numbers: readonly number[], { must, may, key }: Fits): void {
  const found = new Set(numbers)
  if (found.size !== numbers.length) complain('search', `a number is told twice: ${numbers.join()}`)
  for (const number of must)
    if (!found.has(number)) complain('search', `${number} fits ${key} and is missing in ${numbers.join()}`)
  for (const number of found)
    if (!must.has(number) && !may.has(number)) complain('search', `${number} does not fit ${key}`)
}

function checkEsearch(outcome: Outcome, byNumber: boolean, asked: readonly string[], fits: Fits): void {
  const found = outcome.untagged.filter((one): one is Esearch => one.kind === 'esearch')
  const [result, second] = found
  if (asked.length === 0 && found.length === 0) return
  if (asked.length === 0) complain('unexpected', 'ESEARCH, though the result was only to be saved')
  if (!result || second) complain('search', `${found.length} ESEARCH responses`)
  if (result.uid === byNumber) complain('search', `ESEARCH ${result.uid ? 'with' : 'without'} UID`)
  if (result.tag !== outcome.tagged?.tag) complain('search', `ESEARCH for ${result.tag}, not ${outcome.tagged?.tag}`)
  const { must, may } = fits
  if (result.all || asked.includes('ALL')) checkSet(result.all ?? [], fits)
  if (asked.includes('COUNT')) {
    const { count } = result
    if (count === undefined || count < must.size || count > must.size + may.size)
      complain('search', `COUNT ${count} for ${fits.key}, with ${must.size} that fit and ${may.size} that may`)
  }
  checkModseqTold(
    fits.key,
    (result.all ?? result.min ?? result.max ?? (result.count || undefined)) !== undefined,
    result.modseq,
  )
  if (asked.includes('MIN')) checkEdge('MIN', result.min, fits, (a, b) => a <= b)
  if (asked.includes('MAX')) checkEdge('MAX', result.max, fits, (a, b) => a >= b)
}

function checkEdge(
  name: string,
  edge: number | undefined,
  { must, may, key }: Fits,
  isBefore: (a: number, b: number) => boolean,
) {
  if (edge === undefined) {
    if (must.size > 0) complain('search', `no ${name}, though ${must.size} fit ${key}`)
    return
  }
  if (!must.has(edge) && !may.has(edge)) complain('search', `${name} ${edge} does not fit ${key}`)
  for (const number of must)
    if (!isBefore(edge, number)) complain('search', `${name} ${edge}, though ${number} fits ${key}`)
}
