/** Columns of emails, with some emails as they are now in the place of what they were. What comes last, as new mail does, is put behind the rest without a copy. */
import type { ColumnData } from './email-columns.ts'

/** Room behind columns that had to be copied: so many further emails cost no copy */
const spareRows = 256
/** Fewer ids are looked for one by one */
const lookedUpEach = 16

/** `fresh`: those of `touched` that are shown, in order */
export function mergeColumns(old: ColumnData, touched: Float64Array, fresh: ColumnData): ColumnData {
  const removed = placesOf(old, touched)
  if (removed.length === 0 && isBehind(old, fresh)) return appendAll(old, fresh)
  const flags = flagsAlone(old, removed, fresh)
  return flags ? { ...old, flags } : gather(old, removed, fresh)
}

/** Indexes in the columns, ascending */
function placesOf({ ids }: ColumnData, touched: Float64Array): readonly number[] {
  if (touched.length < lookedUpEach)
    return Array.from(touched, id => ids.indexOf(id))
      .filter(index => index >= 0)
      .sort((a, b) => a - b)
  const wanted = new Set(touched)
  const found: number[] = []
  for (let index = 0; index < ids.length; index++) if (wanted.has(ids[index] ?? 0)) found.push(index)
  return found
}

function isBehind(old: ColumnData, fresh: ColumnData): boolean {
  return fresh.length === 0 || old.length === 0 || placeFor(old, fresh, 0) === old.length
}

/** Index of the first of `old` that comes after email `at` of `fresh` */
function placeFor(old: ColumnData, fresh: ColumnData, at: number): number {
  const [received = 0, id = 0] = [fresh.received[at], fresh.ids[at]]
  let [low, high] = [0, old.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const before = (old.received[middle] ?? 0) - received || (old.ids[middle] ?? 0) - id
    if (before < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** A copy of the flags when nothing else of these emails is another */
function flagsAlone(old: ColumnData, removed: readonly number[], fresh: ColumnData): Uint32Array | undefined {
  if (removed.length !== fresh.length) return undefined
  for (const [at, index] of removed.entries())
    if (old.ids[index] !== fresh.ids[at] || !isInSame(old, index, fresh, at)) return undefined
  const flags = old.flags.slice()
  for (const [at, index] of removed.entries()) flags[index] = fresh.flags[at] ?? 0
  return flags
}

function isInSame(old: ColumnData, index: number, fresh: ColumnData, at: number): boolean {
  const start = old.starts[index] ?? 0
  const count = (old.starts[index + 1] ?? 0) - start
  const from = fresh.starts[at] ?? 0
  if (count !== (fresh.starts[at + 1] ?? 0) - from) return false
  for (let offset = 0; offset < count; offset++)
    if (old.mailboxes[start + offset] !== fresh.mailboxes[from + offset]) return false
  return true
}

/** Part of one of the two: their places from `start` to `end - 1` */
type Piece = { readonly of: ColumnData; readonly start: number; readonly end: number }

function gather(old: ColumnData, removed: readonly number[], fresh: ColumnData): ColumnData {
  const pieces: Piece[] = []
  let [from, taken] = [0, 0]
  const take = (end: number) => {
    for (; taken < removed.length && (removed[taken] ?? 0) < end; taken++) {
      pieces.push({ of: old, start: from, end: removed[taken] ?? 0 })
      from = (removed[taken] ?? 0) + 1
    }
    if (from < end) pieces.push({ of: old, start: from, end })
    from = Math.max(from, end)
  }
  for (let at = 0; at < fresh.length; at++) {
    take(placeFor(old, fresh, at))
    pieces.push({ of: fresh, start: at, end: at + 1 })
  }
  take(old.length)
  return joined(pieces.filter(({ start, end }) => start < end))
}

function joined(pieces: readonly Piece[]): ColumnData {
  let [length, placed] = [0, 0]
  for (const { of, start, end } of pieces) {
    length += end - start
    placed += (of.starts[end] ?? 0) - (of.starts[start] ?? 0)
  }
  const whole = {
    length,
    ids: roomy(Float64Array, length),
    threads: roomy(Float64Array, length),
    received: roomy(Float64Array, length),
    sent: roomy(Float64Array, length),
    sizes: roomy(Float64Array, length),
    flags: roomy(Uint32Array, length),
    starts: roomy(Uint32Array, length + 1),
    mailboxes: roomy(Float64Array, placed),
  }
  let [to, toPlaced] = [0, 0]
  for (const { of, start, end } of pieces) {
    for (const name of perEmail) whole[name].set(of[name].subarray(start, end), to)
    const first = of.starts[start] ?? 0
    whole.mailboxes.set(of.mailboxes.subarray(first, of.starts[end]), toPlaced)
    for (let index = start; index < end; index++) whole.starts[++to] = (of.starts[index + 1] ?? 0) - first + toPlaced
    toPlaced += (of.starts[end] ?? 0) - first
  }
  return whole
}

const perEmail = ['ids', 'threads', 'received', 'sent', 'sizes', 'flags'] as const

function appendAll(old: ColumnData, fresh: ColumnData): ColumnData {
  const placed = old.starts[old.length] ?? 0
  return {
    length: old.length + fresh.length,
    ids: appended(old.ids, fresh.ids),
    threads: appended(old.threads, fresh.threads),
    received: appended(old.received, fresh.received),
    sent: appended(old.sent, fresh.sent),
    sizes: appended(old.sizes, fresh.sizes),
    flags: appended(old.flags, fresh.flags),
    starts: appended(
      old.starts,
      fresh.starts.subarray(1).map(start => start + placed),
    ),
    mailboxes: appended(old.mailboxes, fresh.mailboxes),
  }
}

type Column = Float64Array | Uint32Array
type ColumnType<Values extends Column> = {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, start: number, length: number): Values
}

/** Of this length, with room behind it */
function roomy<Values extends Column>(type: ColumnType<Values>, length: number): Values {
  return new type(new ArrayBuffer((length + spareRows) * type.BYTES_PER_ELEMENT), 0, length)
}

/**
 * Only the newest columns are ever appended to, so nobody else writes into the room behind them; and whoever holds older ones sees no further than
 * their length.
 */
function appended<Values extends Column>(values: Values, more: Values): Values {
  const type = values.constructor as ColumnType<Values>
  const length = values.length + more.length
  const fits = values.byteOffset + length * type.BYTES_PER_ELEMENT <= values.buffer.byteLength
  const whole = fits ? new type(values.buffer, values.byteOffset, length) : roomy(type, length)
  if (!fits) whole.set(values)
  whole.set(more, values.length)
  return whole
}
