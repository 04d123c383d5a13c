/** Word to a client that waits for a long command. RFC 9585 */
import type { Output } from './peer.ts'

/** Calls `tick` again and again until disposed of. Tests give their own. */
export type Ticks = (everyMs: number, tick: () => void) => Disposable

export const timerTicks: Ticks = (everyMs, tick) => {
  const timer = setInterval(tick, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** For those who are not offered it. */
export const silence: Disposable = { [Symbol.dispose]: () => undefined }

type Work = {
  readonly tag: string
  /** Items to be dealt with; undefined where that is not known */
  readonly goal?: number
  /** Parts of the work, thought equally long */
  readonly phases?: number
}

/** Of one connection, whose commands run one after the other. */
export class Progress {
  readonly #peer: { readonly output: Output; flush(): Promise<void> }
  readonly #everyMs: number
  readonly #ticks: Ticks
  #work: Work | undefined
  #phase = 0
  /** From 0 to 1 */
  #part = 0

  constructor(peer: { readonly output: Output; flush(): Promise<void> }, everyMs: number, ticks: Ticks) {
    this.#peer = peer
    this.#everyMs = everyMs
    this.#ticks = ticks
  }

  /** While `act` runs no response may be half written: INPROGRESS comes in between. */
  async during<Result>(work: Work, act: () => Promise<Result>): Promise<Result> {
    this.#work = work
    this.#phase = 0
    this.#part = 0
    using _ticking = this.#ticks(this.#everyMs, () => this.#tell(work))
    try {
      return await act()
    } finally {
      this.#work = undefined
    }
  }

  /** So much of the current phase is done; less than before counts for nothing. Without `during` nobody is told. */
  reach(done: number, of: number): void {
    if (this.#work && of > 0) this.#part = Math.max(this.#part, done / of)
  }

  nextPhase(): void {
    this.#phase += 1
    this.#part = 0
  }

  /** `* OK [INPROGRESS ("A001" 454 1000)] Still working on this` */
  #tell({ tag, goal = 0, phases = 1 }: Work): void {
    // RFC 9585 §4: a tag with ] is not said, the goal is more than what has been reached
    const said = tag.includes(']') ? 'NIL' : `"${tag}"`
    const reached = Math.min(goal - 1, Math.floor((goal * (this.#phase + Math.min(1, this.#part))) / phases))
    const state = goal > 0 ? `${reached} ${goal}` : 'NIL NIL'
    this.#peer.output.write(`* OK [INPROGRESS (${said} ${state})] Still working on this\r\n`)
    // a peer that is gone is found out by the command or the next read
    this.#peer.flush().catch(() => undefined)
  }
}
