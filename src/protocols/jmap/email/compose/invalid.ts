/** What of an email that is to be made cannot be: names of properties, and the first reason. RFC 8620 §5.3 */
import type { SetError } from '../../wire.ts'

export class Invalid {
  readonly #names = new Set<string>()
  #why: string | undefined

  /** `at`: the property, a part's with its place before it (`attachments/0/type`) */
  add(at: string, why: string): void {
    this.#names.add(at.slice(0, 300))
    this.#why ??= why
  }

  get error(): SetError | undefined {
    if (this.#why === undefined) return undefined
    return { type: 'invalidProperties', properties: [...this.#names], description: this.#why }
  }
}
