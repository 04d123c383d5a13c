/** Messages that a FETCH reads together. */
import { isAscii } from 'node:buffer'
import { asciiText, bufferOf, freeBytes } from '#base/bytes.ts'
import type { EmailPart, EmailPartName, EmailParts } from '#mail/account-email.ts'
import { firstRowBatch, roomFrom, rowBatch } from '../limits.ts'
import type { Selected } from '../session.ts'
import { partOf, type FetchPlan, type PlannedItem } from './plan.ts'
import { giveRoom, takeRoom } from './rooms.ts'

export type Batch = {
  /** In the view, one after the other as they are to be answered */
  readonly indexes: readonly number[]
  /** By position in `indexes` */
  readonly parts: EmailParts | undefined
  /** By position of the item in the plan: where its octets stand, if they have been read with the batch */
  readonly octets: readonly (EmailPart | undefined)[]
  /** Parts that are ASCII all through as text, which is put together faster than octets */
  readonly texts: Readonly<Partial<Record<EmailPartName, string>>>
  readonly saveDates: readonly (number | undefined)[] | undefined
  /** Null: not ready */
  readonly previews: readonly (string | null | undefined)[] | undefined
}

/** One batch after the other; the next is being read while one is written. A batch is good until the next but one is asked for. */
export class Batches {
  readonly #indexes: Iterator<number>
  readonly #session: Selected
  readonly #plan: FetchPlan
  readonly #signal: AbortSignal
  /** Taken from the iterator, and not read yet */
  #waiting: number[] = []
  /** Octets of messages come here in turns: those of one batch are being written, those of the next come */
  #rooms: SharedArrayBuffer[] = []
  #next: Promise<Batch | undefined>
  #size = firstRowBatch

  constructor(indexes: Iterable<number>, session: Selected, plan: FetchPlan, signal: AbortSignal) {
    this.#indexes = indexes[Symbol.iterator]()
    this.#session = session
    this.#plan = plan
    this.#signal = signal
    this.#next = this.#begin()
  }

  async next(): Promise<Batch | undefined> {
    const batch = await this.#next
    if (batch) this.#next = this.#begin()
    return batch
  }

  /** Nothing of any batch is looked at any more. */
  end(): void {
    // a thread may still be writing for a FETCH that has failed
    const give = () => {
      for (const room of this.#rooms.splice(0)) giveRoom(room)
    }
    this.#next.then(give, give)
  }

  #roomFor(count: number): SharedArrayBuffer | undefined {
    if (count < roomFrom || !this.#plan.parts.includes('message')) return undefined
    const room = this.#rooms.length < 2 ? takeRoom() : this.#rooms.shift()
    if (room) this.#rooms.push(room)
    return room
  }

  #begin(): Promise<Batch | undefined> {
    const batch = this.#read()
    // heard when its turn comes; if the one before fails, nobody will ask
    batch.catch(() => undefined)
    return batch
  }

  async #read(): Promise<Batch | undefined> {
    while (this.#waiting.length < this.#size) {
      const { value, done } = this.#indexes.next()
      if (done === true) break
      this.#waiting.push(value)
    }
    if (this.#waiting.length === 0) return undefined
    this.#size = Math.min(2 * this.#size, rowBatch)
    const { account, selected } = this.#session
    const { view, mailbox } = selected
    const ids = this.#waiting.map(index => view.emailId(index))
    const { needsRow, needsPreview, needsSaveDate, parts: wanted } = this.#plan
    const parts = needsRow ? await account.emailParts(ids, wanted, this.#roomFor(ids.length)) : undefined
    const indexes = this.#waiting.splice(0, parts?.count ?? this.#waiting.length)
    const uids = () => indexes.map(index => view.uid(index))
    const options = { lazy: needsPreview === 'lazy', signal: this.#signal }
    const [saveDates, previews] = await Promise.all([
      needsSaveDate ? account.saveDates(mailbox.id, uids()) : undefined,
      needsPreview === 'no' ? undefined : account.previews(ids.slice(0, indexes.length), options),
    ])
    const octets = this.#plan.items.map(planned => parts && octetsOf(planned, parts))
    return { indexes, parts, octets, texts: textsOf(parts, this.#plan), saveDates, previews }
  }
}

function octetsOf(planned: PlannedItem, { parts }: EmailParts): EmailPart | undefined {
  const name = partOf(planned)
  const part = name === 'header' && parts.message ? parts.message : name && parts[name]
  if (!part || !(part.bytes.buffer instanceof SharedArrayBuffer)) return part
  // one view for all: copied by ranges
  return { ...part, bytes: bufferOf(part.bytes) }
}

const readyNames = ['envelope', 'bodyStructure', 'body', 'commonFields'] as const

function textsOf(parts: EmailParts | undefined, { items }: FetchPlan): Batch['texts'] {
  const texts: Partial<Record<EmailPartName, string>> = {}
  // fields that are not selected from the text need the octets still
  const isEnough = items.every(
    planned => planned.from !== 'message' || planned.stored !== 'commonFields' || planned.selectText !== undefined,
  )
  for (const name of readyNames) {
    const bytes = parts?.parts[name]?.bytes
    if (!bytes || !isAscii(bytes)) continue
    texts[name] = asciiText(bytes)
    if (isEnough) freeBytes(bytes)
  }
  return texts
}
