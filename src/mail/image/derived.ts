/** Columns that are made only when somebody asks for them, and then kept beside the others: they stay with their emails while these come and go. */
import type { DeriveInput, DerivedName } from '#store/account/derived-columns.ts'
import type { EmailColumns } from './email-columns.ts'

export type { DerivedName }

/** `unknown`: how many values are to be found out */
export type Derive = (input: DeriveInput, unknown: number) => Promise<Float64Array<ArrayBuffer>>

type Known = Pick<EmailColumns, 'ids' | 'received'> & { readonly values: Float64Array<ArrayBuffer> }

/** Where they outlive this process. Neither throws: what cannot be kept is made anew. */
export type KeptColumns = {
  read(name: DerivedName): Promise<Known | undefined>
  write(name: DerivedName, column: Known): Promise<void>
}

/** Values that had to be found out: of more than these an order is made anew (derived-columns.ts), and worth a file */
const worthKeeping = 501

export class DerivedColumns {
  readonly #derive: Derive
  readonly #kept: KeptColumns | undefined
  readonly #known = new Map<DerivedName, Known>()
  /** One after the other: the second finds what the first has made */
  readonly #work = new Map<DerivedName, Promise<unknown>>()

  constructor(derive: Derive, kept?: KeptColumns) {
    this.#derive = derive
    this.#kept = kept
  }

  /** A value for each email of the columns. */
  async of(columns: EmailColumns, name: DerivedName): Promise<Float64Array> {
    const before = this.#work.get(name)
    const values = (async () => {
      await before?.catch(() => undefined)
      return await this.#make(columns, name)
    })()
    this.#work.set(name, values)
    try {
      return await values
    } finally {
      if (this.#work.get(name) === values) this.#work.delete(name)
    }
  }

  async #make({ ids, received }: EmailColumns, name: DerivedName): Promise<Float64Array> {
    const earlier = this.#known.get(name) ?? (await this.#kept?.read(name))
    if (earlier?.ids === ids) return earlier.values
    const known = earlier && carried(earlier, { ids, received })
    const unknown = known ? countUnknown(known) : ids.length
    const values = known && unknown === 0 ? known : await this.#derive({ name, ids: ids.slice(), known }, unknown)
    const column = { ids, received, values }
    this.#known.set(name, column)
    if (unknown >= worthKeeping) await this.#kept?.write(name, column)
    return values
  }
}

function countUnknown(values: Float64Array): number {
  let count = 0
  for (let index = 0; index < values.length; index++) if (Number.isNaN(values[index])) count++
  return count
}

/** What is known of those that are still there: both stand in the same order. */
function carried(from: Known, to: Pick<EmailColumns, 'ids' | 'received'>): Float64Array<ArrayBuffer> {
  const values = new Float64Array(to.ids.length)
  let at = 0
  for (let index = 0; index < values.length; index++) {
    const [id = 0, received = 0] = [to.ids[index], to.received[index]]
    while (at < from.ids.length && ((from.received[at] ?? 0) - received || (from.ids[at] ?? 0) - id) < 0) at++
    const isIt = from.ids[at] === id && from.received[at] === received
    values[index] = isIt ? (from.values[at] ?? Number.NaN) : Number.NaN
  }
  return values
}
