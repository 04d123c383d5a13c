/**
 * Rows of numbers, kept in columns outside JavaScript's heap: a hundred thousand rows are no work for the garbage collector and cost
 * their octets and nothing besides. A row that was given back is used again. The columns grow by half, and are small again once no row
 * is in use.
 */
const kinds = { float: Float64Array, int: Int32Array, octet: Uint8Array }
type Kind = keyof typeof kinds
type Column = Float64Array | Int32Array | Uint8Array

const firstRows = 256
const none = -1

export class PackedRows<Name extends string> {
  readonly #kinds: Readonly<Record<Name, Kind>>
  #columns: Record<Name, Column>
  /** Of free rows: the next free one */
  #next = new Int32Array(firstRows)
  #free = none
  #inUse = new Uint8Array(firstRows)
  /** Rows that were ever in use */
  #reached = 0
  #size = 0

  constructor(columns: Readonly<Record<Name, Kind>>) {
    this.#kinds = columns
    this.#columns = this.#sized(firstRows)
  }

  /** Rows in use */
  get size(): number {
    return this.#size
  }

  get(name: Name, row: number): number {
    return this.#columns[name][row] as number
  }

  set(name: Name, row: number, value: number): void {
    this.#columns[name][row] = value
  }

  /** A row with all its columns set to 0. */
  take(): number {
    this.#size++
    if (this.#free === none) {
      if (this.#reached === this.#next.length) this.#grow()
      this.#inUse[this.#reached] = 1
      return this.#reached++
    }
    const row = this.#free
    this.#free = this.#next[row] as number
    this.#inUse[row] = 1
    for (const name of this.#names) this.#columns[name][row] = 0
    return row
  }

  give(row: number): void {
    this.#size--
    this.#inUse[row] = 0
    if (this.#size === 0) return this.#clear()
    this.#next[row] = this.#free
    this.#free = row
  }

  /** Those in use, in no particular order. None may be taken or given back meanwhile. */
  *rows(): Iterable<number> {
    for (let row = 0; row < this.#reached; row++) if (this.#inUse[row] === 1) yield row
  }

  get #names(): readonly Name[] {
    return Object.keys(this.#kinds) as Name[]
  }

  #clear(): void {
    this.#free = none
    this.#reached = 0
    this.#next = new Int32Array(firstRows)
    this.#inUse = new Uint8Array(firstRows)
    this.#columns = this.#sized(firstRows)
  }

  #grow(): void {
    const rows = Math.ceil(this.#next.length * 1.5)
    const before = this.#columns
    this.#columns = this.#sized(rows)
    for (const name of this.#names) this.#columns[name].set(before[name])
    const next = new Int32Array(rows)
    next.set(this.#next)
    this.#next = next
    const inUse = new Uint8Array(rows)
    inUse.set(this.#inUse)
    this.#inUse = inUse
  }

  #sized(rows: number): Record<Name, Column> {
    const columns = this.#names.map(name => [name, new kinds[this.#kinds[name]](rows)])
    return Object.fromEntries(columns) as Record<Name, Column>
  }
}
