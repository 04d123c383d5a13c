/** The result of a SORT while it is followed: where messages come into it and go. RFC 5267 §4.3.3, §4.3.4 */
import type { EmailId, Uid } from '#mail/ids.ts'
import type { Peer } from '../peer.ts'
import type { Selected } from '../session.ts'
import type { SortCriterion } from '../syntax/request.ts'
import { pausesFor } from './slices.ts'
import { sortFound } from './sort-found.ts'
import { sortValues } from './sort-value.ts'

/** Messages next to each other, the first of them at this position, counted from 1 when those before have been dealt with. */
export type Placed = { readonly position: number; readonly uids: readonly number[] }

/** What a message is sorted by; undefined where it is gone. */
type Values = readonly (string | number)[] | undefined

/**
 * Keeps the UIDs alone. What messages are sorted by never changes, so it is read again where a place is looked for: by halving,
 * some twenty rows for a new message among a million.
 */
export class SortedResult {
  readonly #uids: number[]
  readonly #program: readonly SortCriterion[]
  readonly #session: Selected
  readonly #peer: Peer

  constructor(uids: number[], program: readonly SortCriterion[], session: Selected, peer: Peer) {
    this.#uids = uids
    this.#program = program
    this.#session = session
    this.#peer = peer
  }

  remove(gone: ReadonlySet<number>): readonly Placed[] {
    if (gone.size === 0) return []
    const removed: { position: number; uids: number[] }[] = []
    let kept = 0
    for (const uid of this.#uids) {
      if (!gone.has(uid)) {
        this.#uids[kept++] = uid
        continue
      }
      const last = removed.at(-1)
      if (last?.position === kept + 1) last.uids.push(uid)
      else removed.push({ position: kept + 1, uids: [uid] })
    }
    this.#uids.length = kept
    return removed
  }

  /** `indexes` of the view, ascending. */
  async insert(indexes: readonly number[]): Promise<readonly Placed[]> {
    if (indexes.length === 0) return []
    const { view } = this.#session.selected
    const pause = pausesFor(this.#peer.output)
    const known = new Map<number, Values>()
    const placed: { position: number; uids: number[] }[] = []
    let from = 0
    for (const index of await sortFound(indexes, this.#program, this.#session, this.#peer)) {
      const uid = view.uid(index)
      const place = await this.#placeFor(uid, from, known)
      this.#uids.splice(place, 0, uid)
      const last = placed.at(-1)
      if (last && last.position + last.uids.length === place + 1) last.uids.push(uid)
      else placed.push({ position: place + 1, uids: [uid] })
      from = place + 1
      await pause()
    }
    return placed
  }

  /** The first place at `from` or behind whose message comes after this one. */
  async #placeFor(uid: number, from: number, known: Map<number, Values>): Promise<number> {
    const own = await this.#valuesOf(uid, known)
    let low = from
    let high = this.#uids.length
    while (low < high) {
      const middle = (low + high) >>> 1
      // one that is gone says nothing: the next that is there is asked
      let at = middle
      let values = await this.#valuesOf(this.#uids[at] ?? 0, known)
      while (!values && ++at < high) values = await this.#valuesOf(this.#uids[at] ?? 0, known)
      if (values && this.#isBefore(values, this.#uids[at] ?? 0, own, uid)) low = at + 1
      else high = middle
    }
    return low
  }

  #isBefore(a: Values, uidOfA: number, b: Values, uidOfB: number): boolean {
    for (const [at, { reverse }] of this.#program.entries()) {
      const [left, right] = [a?.[at] ?? '', b?.[at] ?? '']
      if (left !== right) return left < right !== reverse
    }
    return uidOfA < uidOfB
  }

  async #valuesOf(uid: number, known: Map<number, Values>): Promise<Values> {
    if (known.has(uid)) return known.get(uid)
    const { account, selected } = this.#session
    const index = selected.view.indexOf(uid as Uid)
    const [row] = index < 0 ? [] : await account.emails([selected.view.emailId(index) as EmailId])
    const keys = this.#program.map(({ key }) => key)
    const values = row && sortValues(keys, row)
    known.set(uid, values)
    return values
  }
}
