/** What one client knows of its selected mailbox, from the responses alone: which messages stand at which number. RFC 9051 §2.3.1.2 */
import { complain } from './complaint.ts'
import type { FetchItems } from './fetch-response.ts'

export type Slot = { uid: number | undefined; flags: ReadonlySet<string> | undefined; modseq: bigint | undefined }

export class View {
  readonly mailbox: string
  readonly readOnly: boolean
  /** No numbers are told, so that unknown messages have no place. RFC 9586 */
  readonly isUidOnly: boolean
  readonly slots: Slot[] = []
  /** The greatest mod-sequence told to this client */
  highest = 0n
  uidValidity: number | undefined
  recent: number | undefined
  /** The last round after which this client knew everything */
  syncedRound = 0

  constructor(mailbox: string, readOnly: boolean, isUidOnly: boolean) {
    this.isUidOnly = isUidOnly
    this.mailbox = mailbox
    this.readOnly = readOnly
  }

  /** Slots whose UID is known. */
  get known(): readonly (Slot & { uid: number })[] {
    return this.slots.filter((slot): slot is Slot & { uid: number } => slot.uid !== undefined)
  }

  slotOf(uid: number): Slot | undefined {
    return this.slots.find(slot => slot.uid === uid)
  }

  /** RFC 9051 §7.4.1: only EXPUNGE makes it smaller. */
  exists(count: number): void {
    if (count < this.slots.length)
      complain('exists', `EXISTS ${count} with ${this.slots.length} messages and no EXPUNGE`)
    while (this.slots.length < count) this.slots.push({ uid: undefined, flags: undefined, modseq: undefined })
  }

  expunge(number: number): Slot {
    const [slot] = this.slots.splice(number - 1, 1)
    if (!slot) complain('sequence', `EXPUNGE ${number} with ${this.slots.length} messages`)
    return slot
  }

  /** RFC 7162 §3.2.10: UIDs that this client never saw may be among them. */
  vanish(uids: readonly number[]): readonly Slot[] {
    return uids.map(uid => {
      const at = this.#placeOf(uid)
      const [slot] = at === undefined ? [] : this.slots.splice(at, 1)
      return { flags: undefined, modseq: undefined, ...slot, uid }
    })
  }

  /** Where it stands, or an unknown one in the gap where it must have stood. */
  #placeOf(uid: number): number | undefined {
    const exact = this.slots.findIndex(slot => slot.uid === uid)
    if (exact >= 0) return exact
    let gap: number | undefined
    for (const [at, slot] of this.slots.entries()) {
      if (slot.uid === undefined) gap ??= at
      else if (slot.uid > uid) break
      else gap = undefined
    }
    if (gap !== undefined || !this.isUidOnly) return gap
    const unknown = this.slots.findIndex(slot => slot.uid === undefined)
    return unknown < 0 ? undefined : unknown
  }

  /** Gives the message it is about. */
  fetch(number: number, items: FetchItems): Slot {
    const slot = this.slots[number - 1]
    if (!slot) complain('sequence', `FETCH ${number} with ${this.slots.length} messages`)
    if (items.uid !== undefined) this.#learn(number - 1, slot, items.uid)
    if (items.flags) slot.flags = new Set(items.flags.map(flag => flag.toLowerCase()))
    if (items.modseq !== undefined) {
      slot.modseq = items.modseq
      if (items.modseq > this.highest) this.highest = items.modseq
    }
    return slot
  }

  /** UIDFETCH tells no number: any message that is unknown may be this one. RFC 9586 §3.3 */
  fetchUid(uid: number, items: FetchItems): Slot {
    const at = this.#placeOf(uid)
    const [slot] = at === undefined ? [] : this.slots.splice(at, 1)
    if (!slot) complain('uid', `UIDFETCH ${uid}, and every message has another UID`)
    const next = this.slots.findIndex(other => other.uid !== undefined && other.uid > uid)
    const place = slot.uid === uid ? (at ?? 0) : next < 0 ? this.slots.length : next
    this.slots.splice(place, 0, slot)
    return this.fetch(place + 1, { ...items, uid })
  }

  /** Where numbers say nothing, unknown messages become those of these UIDs that are not known. Ascending */
  arrange(uids: readonly number[]): void {
    const unknown = this.slots.filter(slot => slot.uid === undefined)
    const others = this.known.filter(slot => !uids.includes(slot.uid))
    const arranged = uids.flatMap(uid => {
      const slot = this.slotOf(uid) ?? unknown.shift()
      return slot ? Object.assign(slot, { uid }) : []
    })
    this.slots.splice(0, Infinity, ...arranged, ...others, ...unknown)
  }

  /** RFC 9051 §2.3.1.1: UIDs ascend strictly. */
  #learn(at: number, slot: Slot, uid: number): void {
    if (slot.uid === uid) return
    if (slot.uid !== undefined) complain('uid', `message ${at + 1} had UID ${slot.uid}, now ${uid}`)
    for (const [other, { uid: known }] of this.slots.entries()) {
      if (known !== undefined && other !== at && known > uid !== other > at)
        complain('uid', `message ${at + 1} has UID ${uid}, message ${other + 1} has ${known}`)
    }
    slot.uid = uid
  }
}
