/** What messages are put in order and threads by, as columns: about 60 octets a message. A slot is a message's place in them. */
import { parseMessageId, parseMessageIds } from '#formats/message/message-id.ts'
import { readEnvelope, type EnvelopeFacts } from '#formats/message/read-envelope.ts'
import { decodedSubject } from '#formats/message/sort-text.ts'
import { normalMessageId } from '#formats/message/references.ts'
import { baseSubject } from '#formats/message/base-subject.ts'
import { casemapKey } from '#formats/charset/casemap.ts'
import { IdTable } from './id-table.ts'
import type { Steps } from './slices.ts'
import { compareColumns, sortInSteps } from './sort.ts'
import { sentDate } from './sort-value.ts'

export type LetterFacts = {
  readonly uid: number
  /** Milliseconds since 1970 */
  readonly internalDate: number
  readonly sizeBytes: number
  readonly envelope: Uint8Array
  /** Of the References field, normalised; undefined when threads are not asked for */
  readonly references: readonly string[] | undefined
}

export class LetterColumns {
  length = 0
  /** Ascending */
  uids = new Uint32Array(64)
  /** 0: gone before it could be read */
  found = new Uint8Array(64)
  /** By the Date field, else the internal one: milliseconds. RFC 5256 §2.2 */
  dates = new Float64Array(64)
  arrivals = new Float64Array(64)
  sizes = new Float64Array(64)
  /** Numbers of base subjects as they are compared; 0 is the empty one */
  subjects = new Uint32Array(64)
  replies = new Uint8Array(64)
  /** Number of its own id, -1 without one */
  ids = new Int32Array(64)
  /** Numbers of its ancestors' ids: from where those of the slot before end */
  referenceEnds = new Uint32Array(64)
  references = new Int32Array(64)
  readonly idTable = new IdTable()
  readonly #subjectNumbers = new Map<string, number>([['', 0]])
  readonly #subjects: string[] = ['']
  #ranks: Uint32Array | undefined

  add(facts: LetterFacts | { readonly uid: number }): void {
    const slot = this.length
    if (slot === this.uids.length) this.#grow()
    this.length++
    this.uids[slot] = facts.uid
    const before = slot === 0 ? 0 : (this.referenceEnds[slot - 1] ?? 0)
    this.referenceEnds[slot] = before
    if (!('envelope' in facts)) return
    const envelope = readEnvelope(facts.envelope)
    const { base, isReply } = baseSubject(decodedSubject(envelope))
    this.found[slot] = 1
    this.dates[slot] = sentDate(envelope, facts)
    this.arrivals[slot] = facts.internalDate
    this.sizes[slot] = facts.sizeBytes
    this.subjects[slot] = this.#subjectNumber(casemapKey(base))
    this.replies[slot] = isReply ? 1 : 0
    if (facts.references) this.#addIds(slot, before, envelope, facts.references)
  }

  /** The ancestors of a slot, the oldest first. */
  referencesOf(slot: number): Int32Array {
    return this.references.subarray(slot === 0 ? 0 : this.referenceEnds[slot - 1], this.referenceEnds[slot])
  }

  /**
   * Ranks by subject number: comparing them compares the subjects. Of those that are known at the first step; another session
   * may add some in between.
   */
  *subjectRanks(): Steps<Uint32Array> {
    if (this.#ranks?.length === this.#subjects.length) return this.#ranks
    const ranks = new Uint32Array(this.#subjects.length)
    const numbers = ranks.map((_, number) => number)
    yield* sortInSteps(numbers, compareColumns([{ column: this.#subjects, reverse: false }]))
    for (let rank = 0; rank < numbers.length; rank++) ranks[numbers[rank] ?? 0] = rank
    this.#ranks = ranks
    return ranks
  }

  #subjectNumber(subject: string): number {
    let number = this.#subjectNumbers.get(subject)
    if (number === undefined) {
      number = this.#subjects.push(subject) - 1
      this.#subjectNumbers.set(subject, number)
    }
    return number
  }

  #addIds(slot: number, from: number, envelope: EnvelopeFacts, references: readonly string[]): void {
    const id = envelope.messageId && parseMessageId(envelope.messageId)
    this.ids[slot] = id === undefined ? -1 : (this.idTable.numberOf(normalMessageId(id)) ?? -1)
    let end = from
    for (const ancestor of ancestors(references, envelope)) {
      const number = this.idTable.numberOf(ancestor)
      if (number === undefined) continue
      if (end === this.references.length) this.references = resized(this.references, Int32Array)
      this.references[end++] = number
    }
    this.referenceEnds[slot] = end
  }

  #grow(): void {
    this.uids = resized(this.uids, Uint32Array)
    this.found = resized(this.found, Uint8Array)
    this.dates = resized(this.dates, Float64Array)
    this.arrivals = resized(this.arrivals, Float64Array)
    this.sizes = resized(this.sizes, Float64Array)
    this.subjects = resized(this.subjects, Uint32Array)
    this.replies = resized(this.replies, Uint8Array)
    this.ids = resized(this.ids, Int32Array)
    this.referenceEnds = resized(this.referenceEnds, Uint32Array)
  }
}

/** RFC 5256 §3: References, and without any the first id of In-Reply-To, where words and addresses may stand beside it */
function ancestors(references: readonly string[], { inReplyTo }: EnvelopeFacts): readonly string[] {
  if (references.length > 0 || !inReplyTo?.includes(0x3c)) return references
  return parseMessageIds(inReplyTo, 1).map(normalMessageId)
}

type Numbers = Uint8Array | Uint32Array | Int32Array | Float64Array

/** Half as large again. */
function resized<Column extends Numbers>(column: Column, kind: new (length: number) => Column): Column {
  const larger = new kind(column.length + (column.length >>> 1))
  larger.set(column)
  return larger
}

/** The values at these places. (`from` of typed arrays takes ten times as long.) */
export function taken(column: ArrayLike<number>, places: ArrayLike<number>): Float64Array {
  const values = new Float64Array(places.length)
  for (let at = 0; at < places.length; at++) values[at] = column[places[at] ?? 0] ?? 0
  return values
}
