/** Who may fetch now: so many at once for an account and for everybody together, the others in the order in which they came, within bounds. */
export type TurnLimits = {
  readonly perAccount: number
  readonly perProcess: number
  /** For each account: who comes beyond is sent away */
  readonly waitingPerAccount: number
}

type Waiting = { readonly account: string; readonly begin: () => void }

export class Turns {
  readonly #limits: TurnLimits
  readonly #underWay = new Map<string, number>()
  #total = 0
  readonly #waiting = new Set<Waiting>()

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  /** Dispose when it is over. Undefined: too many wait already, or the signal aborted before it was one's turn. */
  async take(account: string, signal: AbortSignal): Promise<Disposable | undefined> {
    if (signal.aborted) return undefined
    if (this.#isFree(account)) return this.#begin(account)
    const ahead = [...this.#waiting].filter(one => one.account === account).length
    if (ahead >= this.#limits.waitingPerAccount) return undefined
    const { promise, resolve } = Promise.withResolvers<Disposable | undefined>()
    const waiting = { account, begin: () => resolve(this.#begin(account)) }
    const leave = () => {
      this.#waiting.delete(waiting)
      resolve(undefined)
    }
    this.#waiting.add(waiting)
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  #isFree(account: string): boolean {
    return this.#total < this.#limits.perProcess && (this.#underWay.get(account) ?? 0) < this.#limits.perAccount
  }

  #begin(account: string): Disposable {
    this.#total++
    this.#underWay.set(account, (this.#underWay.get(account) ?? 0) + 1)
    let isOver = false
    return {
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        this.#end(account)
      },
    }
  }

  #end(account: string): void {
    this.#total--
    const left = (this.#underWay.get(account) ?? 1) - 1
    if (left > 0) this.#underWay.set(account, left)
    else this.#underWay.delete(account)
    for (const waiting of this.#waiting) {
      if (!this.#isFree(waiting.account)) continue
      this.#waiting.delete(waiting)
      waiting.begin()
      return
    }
  }
}
