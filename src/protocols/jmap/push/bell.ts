/** Wakes who tells: something is new, or all is over. */
export class Bell {
  #wake: (() => void) | undefined
  #rung = false
  readonly #over = new AbortController()

  get over(): AbortSignal {
    return this.#over.signal
  }

  readonly ring = (): void => {
    this.#rung = true
    this.#wake?.()
  }

  readonly end = (): void => {
    this.#over.abort()
    this.ring()
  }

  /** False: the time, where there is one, is over and nothing rang. */
  async rings(ms?: number): Promise<boolean> {
    if (!this.#rung) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        this.#wake = resolve
        if (ms !== undefined) timer = setTimeout(resolve, ms)
      })
      clearTimeout(timer)
      this.#wake = undefined
    }
    const rung = this.#rung
    this.#rung = false
    return rung
  }
}
