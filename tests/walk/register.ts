/**
 * One truth that clients can change at the same time: a flag of a message, or that it is still there. What was written in one round
 * by several clients may have come in any order, so that afterwards it is "one of"; a later reading settles it.
 */
export type Actor = {
  /** Who wrote or read it */
  readonly client: string
  /** Which of its commands in this round */
  readonly order: number
}
/** Whether it was done may depend on what else the round brings: asked when all of it is known */
export type Certainty = boolean | (() => boolean)
type Write = Actor & { readonly value: boolean; readonly certain: Certainty }

export class Register {
  /** At the round's start */
  possible: ReadonlySet<boolean>
  #writes: Write[] = []
  /** The last round in which it could be true, and false */
  readonly #lastRound = new Map<boolean, number>()

  constructor(...values: boolean[]) {
    this.possible = new Set(values)
  }

  write({ client, order }: Actor, value: boolean, certain: Certainty): void {
    this.#writes.push({ client, order, value, certain })
    // outcomes become known in another order than the commands of one client had
    this.#writes.sort((one, other) => one.order - other.order)
  }

  get isQuiet(): boolean {
    return this.#writes.length === 0
  }

  /** The value when there is no doubt, before and during this round. */
  get settled(): boolean | undefined {
    const [value] = this.possible
    return this.possible.size === 1 && this.#writes.every(write => write.value === value) ? value : undefined
  }

  /** What this client may be told while this command runs: any order of the others, its own commands in theirs. */
  allowed({ client, order }: Actor): ReadonlySet<boolean> {
    const values = new Set<boolean>()
    let base: ReadonlySet<boolean> = this.possible
    for (const write of this.#writes) {
      if (write.client !== client) values.add(write.value)
      else if (write.order <= order) base = isCertain(write) ? new Set([write.value]) : new Set([...base, write.value])
    }
    return new Set([...values, ...base])
  }

  /** As `allowed`, for news that may be older: since the end of `round`. */
  allowedSince(round: number): ReadonlySet<boolean> {
    const values = new Set([...this.possible, ...this.#writes.map(write => write.value)])
    for (const [value, last] of this.#lastRound) if (last >= round) values.add(value)
    return values
  }

  /** How many commands of this round write it. */
  get writeCount(): number {
    return this.#writes.length
  }

  /** Whether it has changed in this round, in every order. */
  get mustChange(): boolean {
    const [value] = this.possible
    return (
      this.possible.size === 1 &&
      this.#writes.length === 1 &&
      this.#writes.every(w => isCertain(w) && w.value !== value)
    )
  }

  /** Ends the round. */
  commit(round: number): void {
    for (const value of this.possible) this.#lastRound.set(value, round)
    if (this.#writes.length === 0) return
    for (const { value } of this.#writes) this.#lastRound.set(value, round)
    const last = new Map<string, Set<boolean>>()
    let isAnyCertain = false
    for (const write of this.#writes) {
      const { client, value } = write
      const certain = isCertain(write)
      const own = last.get(client)
      if (certain || own === undefined) last.set(client, new Set([value]))
      else own.add(value)
      isAnyCertain ||= certain
    }
    const values = [...last.values()].flatMap(set => [...set])
    this.possible = new Set(isAnyCertain ? values : [...this.possible, ...values])
    this.#writes = []
  }

  /** What was read when nothing else happened; false when it cannot be. */
  settle(value: boolean): boolean {
    if (!this.possible.has(value)) return false
    this.possible = new Set([value])
    return true
  }
}

function isCertain({ certain }: Write): boolean {
  return typeof certain === 'boolean' ? certain : certain()
}
