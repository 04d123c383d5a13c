/**
 * Work of one run, counted in steps so that the same script and message always end alike, on whatever machine. Long work is a generator that
 * yields now and then: whoever drives it lets others run meanwhile.
 */
export class Budget {
  #left: number
  #sincePause = 0
  readonly #stepsBetweenPauses: number

  constructor(steps: number, stepsBetweenPauses: number = Infinity) {
    this.#left = steps
    this.#stepsBetweenPauses = stepsBetweenPauses
  }

  /** A step is about what comparing a few characters costs. Throws OutOfBudget. */
  spend(steps: number): void {
    this.#left -= steps
    this.#sincePause += steps
    if (this.#left < 0) throw new OutOfBudget()
  }

  /** Time to let others run */
  get pauseDue(): boolean {
    if (this.#sincePause < this.#stepsBetweenPauses) return false
    this.#sincePause = 0
    return true
  }
}

/** Work that may be interrupted at each `yield` */
export type Work<T> = Generator<undefined, T>

/** Without interruption */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

export class OutOfBudget extends Error {
  constructor() {
    super('Out of budget')
  }
}
