/** The one writer of the directory: changes one after the other, each planned against the model that it is applied to. */
import type { DirectoryStore } from '#store/directory/directory-store.ts'
import type { DirectoryStep } from '#store/directory/rows.ts'
import type { DirectoryRefusal } from '../directory.ts'
import { applySteps, type Model } from './model.ts'
import type { Plan } from './plan.ts'

export class Changes {
  readonly #store: Pick<DirectoryStore, 'change'>
  readonly #model: Model
  readonly #listeners = new Set<() => void>()
  readonly #allListeners = new Set<() => void>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: Pick<DirectoryStore, 'change'>, model: Model) {
    this.#store = store
    this.#model = model
  }

  /** On disk, in memory and told when it resolves. Nothing runs between plan and commit. */
  make<Answer>(plan: () => Plan<Answer>): Promise<Answer | DirectoryRefusal> {
    return this.inTurn(async () => {
      const planned = plan()
      if ('refused' in planned) return planned
      if (planned.steps.length > 0) {
        await this.#store.change(planned.steps)
        applySteps(this.#model, planned.steps)
        this.#tell(planned.steps)
      }
      return planned.answer
    })
  }

  /** Runs what it is given in the order of asking; one that fails does not hold up the next. */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(act)
    this.#last = result.catch(() => {})
    return result
  }

  /** Sessions begin and are used all the time: whoever follows users and aliases hears nothing of it. */
  #tell(steps: readonly DirectoryStep[]): void {
    for (const listener of this.#allListeners) listener()
    if (steps.some(step => ('put' in step ? step.put : step.drop) !== 'access'))
      for (const listener of this.#listeners) listener()
  }

  /** Called in the order of coming, after memory has changed. */
  watch(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Also of what opens accounts besides passwords, and before the others. */
  watchAll(listener: () => void): Disposable {
    this.#allListeners.add(listener)
    return { [Symbol.dispose]: () => void this.#allListeners.delete(listener) }
  }
}
