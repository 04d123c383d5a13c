/** What is made of each email's envelope or structure, in columns: places in an order of texts, and whether there are attachments. */
import { sortByNumber } from '#base/radix.ts'
import { isAttached } from '#formats/message/attached.ts'
import { sortText } from '#formats/message/sort-text.ts'
import type { Database } from '../sqlite.ts'

const selectEnvelope = `SELECT envelope FROM email WHERE id = ?`
const selectStructure = `SELECT body_structure AS structure FROM email WHERE id = ?`

export type DerivedName = 'from' | 'to' | 'subject' | 'attached'

export type DeriveInput = {
  readonly name: DerivedName
  /** Emails, each once */
  readonly ids: Float64Array
  /** What is known of them already; NaN is to be found out. Undefined: nothing is */
  readonly known: Float64Array<ArrayBuffer> | undefined
}

/** Between neighbours in an order of texts: so many times another one finds its place between two. */
const rankGap = 2 ** 20
/** More at once, and the order is made anew */
const maxPlaced = 500

/**
 * For each email a number. `attached`: 1 or 0. Else a whole number, below 2^53, that compares as its text does (formats/message/sort-text.ts): only with others
 * of the same answer, or of those that it was made of. Reads rows by key, a hundred thousand in half a second: for a reader thread when it is many.
 */
export function deriveColumn(database: Database, { name, ids, known }: DeriveInput): Float64Array<ArrayBuffer> {
  if (name === 'attached') return attachedColumn(database, ids, known)
  const key = (id: number) => {
    const row = database.prepare(selectEnvelope).get(id) as { envelope: Uint8Array } | undefined
    return row ? sortText(name, row.envelope) : ''
  }
  return (known && placed(ids, known, key)) ?? ranked(ids, key)
}

function attachedColumn(
  database: Database,
  ids: Float64Array,
  known: Float64Array<ArrayBuffer> | undefined,
): Float64Array<ArrayBuffer> {
  const values = new Float64Array(ids.length)
  for (let index = 0; index < values.length; index++) {
    const value = known?.[index] ?? Number.NaN
    values[index] = Number.isNaN(value) ? attached(database, ids[index] ?? 0) : value
  }
  return values
}

function attached(database: Database, id: number): 0 | 1 {
  const row = database.prepare(selectStructure).get(id) as { structure: Uint8Array } | undefined
  return row && isAttached(row.structure) ? 1 : 0
}

function ranked(ids: Float64Array, key: (id: number) => string): Float64Array<ArrayBuffer> {
  const keys = Array.from(ids, key)
  const ranks = new Map([...new Set(keys)].sort(compare).map((text, index) => [text, (index + 1) * rankGap]))
  return Float64Array.from(keys, text => ranks.get(text) ?? 0)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Each that is not known gets its place among those that are. Undefined: there are too many, or there is no room. */
function placed(
  ids: Float64Array,
  known: Float64Array<ArrayBuffer>,
  key: (id: number) => string,
): Float64Array<ArrayBuffer> | undefined {
  const ranks = known.slice()
  const unknown: number[] = []
  for (let index = 0; index < ranks.length; index++) if (Number.isNaN(ranks[index])) unknown.push(index)
  if (unknown.length > maxPlaced || unknown.length === ranks.length) return undefined
  const rankAt = (index: number) => ranks[index] ?? 0
  const others = Uint32Array.from(ranks.keys().filter(index => !Number.isNaN(ranks[index])))
  const order = Array.from(sortByNumber(others, rankAt, true))
  for (const index of unknown) {
    const text = key(ids[index] ?? 0)
    let [low, high] = [0, order.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (key(ids[order[middle] ?? 0] ?? 0) < text) low = middle + 1
      else high = middle
    }
    const after = order[low]
    const isSame = after !== undefined && key(ids[after] ?? 0) === text
    const rank = isSame
      ? rankAt(after)
      : between(rankAt(order[low - 1] ?? -1), after === undefined ? undefined : rankAt(after))
    if (rank === undefined) return undefined
    ranks[index] = rank
    order.splice(low, 0, index)
  }
  return ranks
}

/** `below` is 0 before all others, `above` undefined behind them */
function between(below: number, above: number | undefined): number | undefined {
  if (above === undefined) return below + rankGap
  const rank = Math.floor((below + above) / 2)
  return rank > below ? rank : undefined
}
