/** One copy of what many entries have in common: their destination, their submitter. */
import { maxInterned } from './limits.ts'

export class Interned<Value> {
  readonly #known = new Map<string, Value>()

  /** The value that came first under this name. Who is in use is not counted: a full table begins anew. */
  of(name: string, value: Value): Value {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    if (this.#known.size >= maxInterned) this.#known.clear()
    this.#known.set(name, value)
    return value
  }
}
