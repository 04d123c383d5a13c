/** How long the main thread's event loop is held at once, in its own processor time: what other processes take does not count. */

const tickMs = 2

export class LoopGauge {
  #timer: NodeJS.Timeout | undefined
  #before = 0
  #longestMs = 0

  start(): void {
    this.stop()
    this.#before = usedMs()
    this.#timer = setInterval(() => this.#look(), tickMs)
  }

  stop(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#look()
  }

  /** Since the last call */
  takeLongestMs(): number {
    const longestMs = this.#longestMs
    this.#longestMs = 0
    return longestMs
  }

  /** Between two ticks lie one turn of the loop, or several short ones. */
  #look(): void {
    const now = usedMs()
    this.#longestMs = Math.max(this.#longestMs, now - this.#before - tickMs)
    this.#before = now
  }
}

function usedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
