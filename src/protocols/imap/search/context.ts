/** One search that goes on. RFC 5267 §4.3: ADDTO and REMOVEFROM of SEARCH have no positions (0), those of SORT have. */
import type { ViewNews } from '#mail/account-view.ts'
import { PeerGone, PeerTimeout } from '#net/connection.ts'
import { writeNewMessages } from '../fetch/new-messages.ts'
import type { Context } from '../contexts.ts'
import { SortedResult, type Placed } from '../order/sorted-result.ts'
import type { Peer } from '../peer.ts'
import type { Selected } from '../session.ts'
import type { SearchRequest, SortRequest } from '../syntax/request.ts'
import { printNumbers } from '../syntax/sequence-set.ts'
import { searchMailbox, type Found } from './search.ts'

/** Numbers said at once: a line stays shorter than what clients take for one. */
const numbersAtOnce = 500

type Item = 'ADDTO' | 'REMOVEFROM'

export type Followed = (SearchRequest | SortRequest) & {
  /** Of an ESEARCH command */
  readonly correlator?: string
}

/** A message by its UID and by the number that it has when it is told. */
type Told = { readonly uid: number; readonly number: number }

export class SearchContext implements Context {
  readonly #request: Followed
  readonly #tag: string
  readonly #session: Selected
  readonly #peer: Peer
  /** By index of the view: 1 for what is in the result */
  #members: Uint8Array<ArrayBuffer>
  readonly #order: SortedResult | undefined

  constructor(request: Followed, tag: string, found: Found, session: Selected, peer: Peer) {
    this.#request = request
    this.#tag = tag
    this.#session = session
    this.#peer = peer
    const { view } = session.selected
    this.#members = new Uint8Array(view.length)
    for (const index of found) this.#members[index] = 1
    if (request.name === 'SORT')
      this.#order = new SortedResult(
        found.map(index => view.uid(index)),
        request.program,
        session,
        peer,
      )
  }

  get byUid(): boolean {
    return this.#request.byUid
  }

  async lose(expunged: ViewNews['expunged']): Promise<void> {
    const lost: Told[] = []
    const members = this.#members
    let kept = 0
    let from = 0
    let before = 0
    for (const { start, end } of expunged.ranges) {
      // the number it has until EXPUNGE is said
      for (let old = start; old < end; old++, before++)
        if (members[old] === 1) lost.push({ uid: expunged.uids[before] ?? 0, number: old + 1 })
      members.copyWithin(kept, from, start)
      kept += start - from
      from = end
    }
    members.copyWithin(kept, from)
    this.#members = members.slice(0, members.length - expunged.uids.length)
    await this.#tell('REMOVEFROM', this.#removed(lost), lost)
  }

  async change(indexes: Uint32Array, firstNew: number): Promise<void> {
    const { view } = this.#session.selected
    const members = new Uint8Array(view.length)
    members.set(this.#members)
    this.#members = members
    try {
      const matching = new Uint8Array(view.length)
      for (const index of await searchMailbox(this.#request, this.#session, this.#peer, indexes)) matching[index] = 1
      const gained: number[] = []
      const lost: Told[] = []
      for (const index of indexes) {
        const isMember = members[index] === 1
        if (isMember === (matching[index] === 1)) continue
        if (isMember) lost.push({ uid: view.uid(index), number: index + 1 })
        else gained.push(index)
        members[index] = isMember ? 0 : 1
      }
      await this.#tell('REMOVEFROM', this.#removed(lost), lost)
      const added = this.#order ? await this.#order.insert(gained) : [gained.map(index => view.uid(index))].map(whole)
      // RFC 5465 §7: before ESEARCH, and not where flags have brought a message in
      const come = gained.filter(index => index >= firstNew)
      await writeNewMessages(this.#request.updateItems ?? [], come, this.#session, this.#peer)
      await this.#tell(
        'ADDTO',
        added,
        gained.map(index => ({ uid: view.uid(index), number: index + 1 })),
      )
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #removed(lost: readonly Told[]): readonly Placed[] {
    const uids = lost.map(({ uid }) => uid)
    return this.#order ? this.#order.remove(new Set(uids)) : [whole(uids)]
  }

  /** `* ESEARCH (TAG "B01") UID ADDTO (0 32768:32769)` */
  async #tell(item: Item, changes: readonly Placed[], told: readonly Told[]): Promise<void> {
    if (told.length === 0) return
    const { output } = this.#peer
    const { byUid, correlator = `TAG "${this.#tag}"` } = this.#request
    const numbers = byUid ? undefined : new Map(told.map(({ uid, number }) => [uid, number]))
    let pairs: string[] = []
    let count = 0
    const write = () => {
      if (pairs.length === 0) return
      output.write(`* ESEARCH (${correlator})${byUid ? ' UID' : ''} ${item} (${pairs.join(' ')})\r\n`)
      pairs = []
      count = 0
    }
    for (const { position, uids } of changes)
      for (let from = 0; from < uids.length; from += numbersAtOnce) {
        const some = uids.slice(from, from + numbersAtOnce).map(uid => numbers?.get(uid) ?? uid)
        // what is removed at a position makes room for the next at the same one
        const at = position > 0 && item === 'ADDTO' ? position + from : position
        pairs.push(`${at} ${printNumbers(some)}`)
        count += some.length
        if (count < numbersAtOnce) continue
        write()
        if (output.isFull) await output.room()
      }
    write()
  }

  /** The client is told that no more comes. */
  #giveUp(error: unknown): void {
    const { signal, log, output } = this.#peer
    if (signal.aborted || error instanceof PeerGone || error instanceof PeerTimeout) throw error
    log.error('A search can no longer be followed', { err: error })
    this.#session.selected.contexts.delete(this.#tag)
    output.write(`* NO [NOUPDATE "${this.#tag}"] This search can no longer be followed\r\n`)
  }
}

function whole(uids: readonly number[]): Placed {
  return { position: 0, uids }
}
