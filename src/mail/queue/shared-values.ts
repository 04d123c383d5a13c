/** One copy of what many entries have in common (destinations, submitters), named by a small number; gone with its last user. */
export class SharedValues<Value> {
  readonly #byName = new Map<string, number>()
  readonly #kept: ({ readonly name: string; readonly value: Value; users: number } | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#byName.size
  }

  /** The number of the value under this name, with one user more. The value that came first stays. */
  take(name: string, value: Value): number {
    const known = this.#byName.get(name)
    if (known !== undefined) {
      const kept = this.#kept[known]
      if (kept) kept.users++
      return known
    }
    const number = this.#free.pop() ?? this.#kept.length
    this.#kept[number] = { name, value, users: 1 }
    this.#byName.set(name, number)
    return number
  }

  of(number: number): Value {
    const kept = this.#kept[number]
    if (!kept) throw new Error(`Nothing is shared under ${number}`)
    return kept.value
  }

  /** The number under this name, if anybody uses it. */
  find(name: string): number | undefined {
    return this.#byName.get(name)
  }

  give(number: number): void {
    const kept = this.#kept[number]
    if (!kept || --kept.users > 0) return
    this.#byName.delete(kept.name)
    this.#kept[number] = undefined
    this.#free.push(number)
  }
}
