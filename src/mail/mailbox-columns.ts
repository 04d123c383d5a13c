/**
 * A mailbox as packed columns. Several views may hold the same columns, each with its own length: appending goes on in the
 * spare room behind, everything else first takes a copy when someone else is looking.
 */
export class MailboxColumns {
  uids: Uint32Array
  flags: Uint32Array
  modSeqs: Float64Array
  emailIds: Float64Array
  length: number
  /** Someone else holds these columns: copy before changing */
  shared = false

  constructor(columns: {
    uids: Uint32Array
    flags: Uint32Array
    modSeqs: Float64Array
    emailIds: Float64Array
    length: number
  }) {
    this.uids = columns.uids
    this.flags = columns.flags
    this.modSeqs = columns.modSeqs
    this.emailIds = columns.emailIds
    this.length = columns.length
  }

  /** The same for further changes: itself when nobody else holds it, else a copy. */
  writable(): MailboxColumns {
    return this.shared ? this.#copied(this.length) : this
  }

  #copied(capacity: number): MailboxColumns {
    const copy = emptyColumns(capacity)
    copy.uids.set(this.uids.subarray(0, this.length))
    copy.flags.set(this.flags.subarray(0, this.length))
    copy.modSeqs.set(this.modSeqs.subarray(0, this.length))
    copy.emailIds.set(this.emailIds.subarray(0, this.length))
    copy.length = this.length
    return copy
  }

  /** Adds one at the end; the result is where it went. Only one holder may append: the mailbox itself. */
  append(uid: number, flags: number, modSeq: number, emailId: number): MailboxColumns {
    const room = this.length < this.uids.length ? this : this.#copied(grown(this.length))
    room.uids[room.length] = uid
    room.flags[room.length] = flags
    room.modSeqs[room.length] = modSeq
    room.emailIds[room.length] = emailId
    room.length++
    return room
  }

  /** Without these indexes (ascending). Always new columns. */
  without(indexes: ArrayLike<number>): MailboxColumns {
    const kept = emptyColumns(grown(this.length - indexes.length))
    let from = 0
    for (let gap = 0; gap <= indexes.length; gap++) {
      const to = gap < indexes.length ? (indexes[gap] ?? 0) : this.length
      this.#copyTo(kept, from, to)
      from = to + 1
    }
    return kept
  }

  #copyTo(kept: MailboxColumns, from: number, to: number): void {
    if (to - from < blockFrom) {
      for (let index = from; index < to; index++) kept.put(this, index)
      return
    }
    kept.uids.set(this.uids.subarray(from, to), kept.length)
    kept.flags.set(this.flags.subarray(from, to), kept.length)
    kept.modSeqs.set(this.modSeqs.subarray(from, to), kept.length)
    kept.emailIds.set(this.emailIds.subarray(from, to), kept.length)
    kept.length += to - from
  }

  /** Adds what the other columns have at this index. There has to be room. */
  put(from: MailboxColumns, index: number): void {
    const at = this.length++
    this.uids[at] = from.uids[index] ?? 0
    this.flags[at] = from.flags[index] ?? 0
    this.modSeqs[at] = from.modSeqs[index] ?? 0
    this.emailIds[at] = from.emailIds[index] ?? 0
  }
}

/** Fewer in a row are cheaper to copy one by one than as a block of each column. */
const blockFrom = 64

export function emptyColumns(capacity: number): MailboxColumns {
  return new MailboxColumns({
    uids: new Uint32Array(capacity),
    flags: new Uint32Array(capacity),
    modSeqs: new Float64Array(capacity),
    emailIds: new Float64Array(capacity),
    length: 0,
  })
}

/** Room for an eighth more, so that appending one by one copies seldom. */
function grown(length: number): number {
  return length + 64 + (length >> 3)
}

/** Index of the first of `length` ascending uids that is at least `uid`. */
export function lowerBound(uids: Uint32Array, length: number, uid: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((uids[middle] ?? 0) < uid) low = middle + 1
    else high = middle
  }
  return low
}

export function indexOfUid(uids: Uint32Array, length: number, uid: number): number {
  const index = lowerBound(uids, length, uid)
  return index < length && uids[index] === uid ? index : -1
}
