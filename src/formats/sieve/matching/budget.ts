/** Work of one run, counted in steps so that the same script and message always end alike, on whatever machine. */
export class Budget {
  #left: number
  #sincePause = 0

  constructor(steps: number) {
    this.#left = steps
  }

  /** A step is about what comparing a few characters costs. Throws OutOfBudget. */
  spend(steps: number): void {
    this.#left -= steps
    this.#sincePause += steps
    if (this.#left < 0) throw new OutOfBudget()
  }

  /** True once every `steps`: time to let others run */
  pauseDue(steps: number): boolean {
    if (this.#sincePause < steps) return false
    this.#sincePause = 0
    return true
  }
}

export class OutOfBudget extends Error {
  constructor() {
    super('Out of budget')
  }
}
