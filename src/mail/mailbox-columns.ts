/**
 * A mailbox as packed columns, cut into chunks of some thousand messages. Several views may hold the same columns, each with its
 * own length: appending goes on in the spare room behind; everything else first takes a copy of the chunks that it changes
 * when someone else is looking, so that a change to one message of a million costs no more than elsewhere.
 */
import type { IndexRange } from './account-view.ts'

type Chunk = {
  readonly uids: Uint32Array
  readonly flags: Uint32Array
  readonly modSeqs: Float64Array
  readonly emailIds: Float64Array
  /** Whose columns may change flags and modseqs in it */
  readonly owner: MailboxColumns | undefined
}

export type LoadedColumns = Omit<Chunk, 'owner'> & { readonly length: number }
/** Messages one behind the other: see MessageRun in store/account/message-runs.ts */
export type NewMessages = {
  readonly first: number
  readonly count: number
  readonly modSeq: number
  readonly flags: number
  readonly email: number
}

/** Messages of a chunk at most: 96 KiB */
const chunkRows = 4096

export class MailboxColumns {
  #chunks: Chunk[] = []
  /** Index of the first message of each chunk */
  #starts: number[] = []
  length = 0
  /** Someone else holds these columns: a copy is to be changed instead */
  shared = false
  // The chunk in which the last look was, and which indexes are in it
  #chunk = noChunk
  #from = 0
  #to = 0

  /** `loaded`: may have room behind its `length` */
  static of(loaded: LoadedColumns): MailboxColumns {
    const columns = new MailboxColumns()
    for (let start = 0; start < loaded.length; start += chunkRows) {
      const isLast = start + chunkRows >= loaded.length
      const end = Math.min(start + chunkRows, isLast ? loaded.uids.length : loaded.length)
      columns.#push(cut(loaded, start, end, columns), start)
    }
    columns.length = loaded.length
    return columns
  }

  #push(chunk: Chunk, start: number): void {
    this.#chunks.push(chunk)
    this.#starts.push(start)
    this.#to = 0
  }

  /** Puts the chunk of this index at hand; the result is the place in it. The caller knows that there is such a message. */
  #at(index: number): number {
    if (index < this.#from || index >= this.#to) this.#seek(this.#chunkOf(index))
    return index - this.#from
  }

  #seek(number: number): void {
    this.#chunk = this.#chunks[number] ?? noChunk
    this.#from = this.#starts[number] ?? 0
    this.#to = this.#starts[number + 1] ?? Infinity
  }

  #chunkOf(index: number): number {
    let low = 0
    let high = this.#starts.length
    while (low + 1 < high) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] ?? 0) <= index) low = middle
      else high = middle
    }
    return low
  }

  uid(index: number): number {
    const at = this.#at(index)
    return this.#chunk.uids[at] ?? 0
  }

  flags(index: number): number {
    const at = this.#at(index)
    return this.#chunk.flags[at] ?? 0
  }

  modSeq(index: number): number {
    const at = this.#at(index)
    return this.#chunk.modSeqs[at] ?? 0
  }

  emailId(index: number): number {
    const at = this.#at(index)
    return this.#chunk.emailIds[at] ?? 0
  }

  /** Index of the first of `length` messages whose UID is at least `uid`. */
  lowerBound(uid: number, length = this.length): number {
    let low = 0
    let high = this.#starts.length
    while (low + 1 < high) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] ?? 0) < length && (this.#chunks[middle]?.uids[0] ?? 0) <= uid) low = middle
      else high = middle
    }
    const { uids } = this.#chunks[low] ?? noChunk
    const start = this.#starts[low] ?? 0
    const end = Math.min(this.#starts[low + 1] ?? Infinity, length)
    low = 0
    high = end - start
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((uids[middle] ?? 0) < uid) low = middle + 1
      else high = middle
    }
    return start + low
  }

  indexOf(uid: number, length = this.length): number {
    const index = this.lowerBound(uid, length)
    return index < length && this.uid(index) === uid ? index : -1
  }

  /** Flags from `start` to `end - 1`, or-ed together. */
  allFlags(start: number, end: number): number {
    let all = 0
    for (let index = start; index < end; ) {
      const at = this.#at(index)
      const { flags } = this.#chunk
      const to = Math.min(end, this.#to) - this.#from
      for (let place = at; place < to; place++) all |= flags[place] ?? 0
      index = this.#from + to
    }
    return all >>> 0
  }

  /** Index behind the last, up to `end`, that goes on from `start`: no gap between UIDs, the same flags and modseq. */
  runEnd(start: number, end: number, { modSeqs: alsoModSeqs } = { modSeqs: true }): number {
    const [uid, flag, modSeq] = [this.uid(start), this.flags(start), this.modSeq(start)]
    for (let index = start; index < end; ) {
      const at = this.#at(index)
      const { uids, flags, modSeqs } = this.#chunk
      const from = this.#from
      const to = Math.min(end, this.#to) - from
      // as UIDs go up there is no gap when the last is where it would be without any
      const isDense = uids[to - 1] === uid + from + to - 1 - start
      for (let place = at; place < to; place++) {
        if (flags[place] !== flag || (alsoModSeqs && modSeqs[place] !== modSeq)) return from + place
        if (!isDense && uids[place] !== uid + from + place - start) return from + place
      }
      index = from + to
    }
    return end
  }

  /** The same for further changes: itself when nobody else holds it, else another one that has the same chunks. */
  writable(): MailboxColumns {
    if (!this.shared) return this
    const copy = new MailboxColumns()
    copy.#chunks = [...this.#chunks]
    copy.#starts = [...this.#starts]
    copy.length = this.length
    return copy
  }

  /** Of all from `start` to `end - 1`. These columns have to be writable. */
  change(start: number, end: number, flags: number, modSeq: number): void {
    for (let index = start; index < end; ) {
      const number = this.#chunkOf(index)
      const chunk = this.#own(number)
      const from = this.#starts[number] ?? 0
      const to = Math.min(end, this.#starts[number + 1] ?? Infinity)
      chunk.flags.fill(flags, index - from, to - from)
      chunk.modSeqs.fill(modSeq, index - from, to - from)
      index = to
    }
  }

  /** UIDs and email ids never change: what appends to them finds the same room as before. */
  #own(number: number): Chunk {
    const chunk = this.#chunks[number] ?? noChunk
    if (chunk.owner === this) return chunk
    const { uids, flags, modSeqs, emailIds } = chunk
    const own = { uids, emailIds, flags: flags.slice(), modSeqs: modSeqs.slice(), owner: this }
    this.#chunks[number] = own
    this.#to = 0
    return own
  }

  /** Adds messages at the end. Only one holder may append: the mailbox itself. */
  append({ first, count, modSeq, flags, email }: NewMessages): void {
    for (let done = 0; done < count; ) {
      const { chunk, used } = this.#room(count - done)
      const rows = Math.min(count - done, chunk.uids.length - used)
      for (let row = 0; row < rows; row++) {
        chunk.uids[used + row] = first + done + row
        chunk.emailIds[used + row] = email + done + row
      }
      chunk.flags.fill(flags, used, used + rows)
      chunk.modSeqs.fill(modSeq, used, used + rows)
      this.length += rows
      done += rows
    }
  }

  /** The last chunk while it has room, else a new one. */
  #room(wanted: number): { readonly chunk: Chunk; readonly used: number } {
    const last = this.#chunks.at(-1)
    const used = this.length - (this.#starts.at(-1) ?? 0)
    if (last && used < last.uids.length) return { chunk: last, used }
    const chunk = emptyChunk(Math.min(chunkRows, grown(this.length, wanted)), this)
    this.#push(chunk, this.length)
    return { chunk, used: 0 }
  }

  /** Without these. Always other columns. */
  without(ranges: readonly IndexRange[]): MailboxColumns {
    const kept = new MailboxColumns()
    let from = 0
    for (const { start, end } of ranges) {
      kept.take(this, from, start)
      from = end
    }
    kept.take(this, from, this.length)
    return kept
  }

  /** Adds what others have from `start` to `end - 1`: whole chunks as they are, parts of them as copies. */
  take(others: MailboxColumns, start: number, end: number): void {
    for (let index = start; index < end; ) {
      const number = others.#chunkOf(index)
      const from = others.#starts[number] ?? 0
      const used = (others.#starts[number + 1] ?? others.length) - from
      const to = Math.min(end, from + used)
      const chunk = others.#chunks[number] ?? noChunk
      // little ones are joined, so that no look has to go through many
      if (index === from && to === from + used && used >= chunkRows / 4) {
        this.#push(chunk, this.length)
        this.length += used
      } else this.#copyRows(chunk, index - from, to - from, end - index)
      index = to
    }
  }

  #copyRows(others: Chunk, start: number, end: number, wanted: number): void {
    for (let from = start; from < end; ) {
      const { chunk, used } = this.#ownRoom(wanted - (from - start))
      const rows = Math.min(end - from, chunk.uids.length - used)
      chunk.uids.set(others.uids.subarray(from, from + rows), used)
      chunk.flags.set(others.flags.subarray(from, from + rows), used)
      chunk.modSeqs.set(others.modSeqs.subarray(from, from + rows), used)
      chunk.emailIds.set(others.emailIds.subarray(from, from + rows), used)
      this.length += rows
      from += rows
    }
  }

  /** Room in the last chunk is only ours when the chunk is. */
  #ownRoom(wanted: number): { readonly chunk: Chunk; readonly used: number } {
    const last = this.#chunks.at(-1)
    if (last && last.owner !== this) this.#push(emptyChunk(Math.min(chunkRows, grown(0, wanted)), this), this.length)
    return this.#room(wanted)
  }

  /** UIDs of those in these ranges, one after the other. */
  uidsIn(ranges: readonly IndexRange[]): Uint32Array {
    const found = new Uint32Array(ranges.reduce((sum, { start, end }) => sum + end - start, 0))
    let count = 0
    for (const { start, end } of ranges)
      for (let index = start; index < end; ) {
        const at = this.#at(index)
        const to = Math.min(end, this.#to) - this.#from
        found.set(this.#chunk.uids.subarray(at, to), count)
        count += to - at
        index = this.#from + to
      }
    return found
  }
}

const noChunk: Chunk = emptyChunk(0, undefined)

function emptyChunk(rows: number, owner: MailboxColumns | undefined): Chunk {
  return {
    uids: new Uint32Array(rows),
    flags: new Uint32Array(rows),
    modSeqs: new Float64Array(rows),
    emailIds: new Float64Array(rows),
    owner,
  }
}

function cut(
  { uids, flags, modSeqs, emailIds }: LoadedColumns,
  start: number,
  end: number,
  owner: MailboxColumns,
): Chunk {
  return {
    uids: uids.subarray(start, end),
    flags: flags.subarray(start, end),
    modSeqs: modSeqs.subarray(start, end),
    emailIds: emailIds.subarray(start, end),
    owner,
  }
}

/** Room for what is wanted and an eighth of all more, so that few chunks come together one by one. */
function grown(length: number, wanted: number): number {
  return wanted + 64 + ((length + wanted) >> 3)
}
