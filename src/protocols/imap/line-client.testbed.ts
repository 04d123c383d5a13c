import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

const lineDeadlineMs = 5_000
const endings = ['end', 'close', 'error'] as const

/** Lines of what comes from the server. */
export class LineClient {
  readonly stream: Duplex
  readonly #lines: string[] = []
  #rest = ''
  #ended = false
  #wake: (() => void) | undefined

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('data', this.#onData)
    for (const event of endings) stream.on(event, this.#onEnd)
  }

  /** Leaves the stream to others. */
  [Symbol.dispose](): void {
    this.stream.off('data', this.#onData)
    for (const event of endings) this.stream.off(event, this.#onEnd)
  }

  send(line: string): void {
    this.stream.write(`${line}\r\n`)
  }

  /** The next line; `<end>` when the server has closed. */
  async line(): Promise<string> {
    const deadline = performance.now() + lineDeadlineMs
    while (this.#lines.length === 0 && !this.#ended) {
      const left = deadline - performance.now()
      if (left <= 0) return `<nothing; unfinished: ${this.#rest}>`
      await Promise.race([new Promise<void>(resolve => (this.#wake = resolve)), delay(left, undefined, { ref: false })])
    }
    return this.#lines.shift() ?? '<end>'
  }

  get waiting(): readonly string[] {
    return this.#lines
  }

  /** Sends a command and collects its lines up to the tagged one. */
  async command(tag: string, line: string): Promise<readonly string[]> {
    this.send(`${tag} ${line}`)
    const lines: string[] = []
    for (;;) {
      const next = await this.line()
      lines.push(next)
      if (next.startsWith(`${tag} `) || next.startsWith('<')) return lines
    }
  }

  readonly #onData = (chunk: Buffer) => {
    const parts = (this.#rest + chunk.toString('utf8')).split('\r\n')
    this.#rest = parts.pop() ?? ''
    this.#lines.push(...parts)
    this.#wake?.()
  }
  readonly #onEnd = () => {
    this.#ended = true
    this.#wake?.()
  }
}
