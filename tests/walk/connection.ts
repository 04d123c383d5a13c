/** A socket to the server: commands with their literals out, whole responses in, and the dialogue of late for whoever must read it. */
import { connect, type Socket } from 'node:net'
import { complain } from './complaint.ts'
import type { Proxy } from './proxy.ts'
import { clip } from './scanner.ts'

/** A text, or a literal; both with octets as characters */
export type Part = string | { readonly literal: string }

const keptLines = 2_000
const answerBudgetMs = 20_000

export class Connection {
  readonly name: string
  readonly #socket: Socket
  readonly #proxy: Proxy
  readonly #log: string[]
  readonly #onResponse: (text: string) => void
  #received: Buffer[] = []
  #rest = Buffer.alloc(0)
  #framed = 0
  #needed = 0
  #continue: (() => void) | undefined
  isOpen = true

  constructor(name: string, socket: Socket, options: ConnectionOptions) {
    this.name = name
    this.#socket = socket
    this.#proxy = options.proxy
    this.#log = options.log
    this.#onResponse = options.onResponse
    socket.setNoDelay(true)
    socket.on('data', chunk => {
      try {
        this.#take(chunk)
      } catch (error) {
        options.onFault(error as Error)
      }
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.isOpen = false
      this.#continue?.()
      options.onClose()
    })
  }

  /** All in one write, or, with `waits`, each literal after the server's "+". RFC 9051 §4.3, RFC 7888 */
  async send(tag: string, parts: readonly Part[], waits = false): Promise<void> {
    let text = `${tag} `
    for (const part of parts) {
      if (typeof part === 'string') text += part
      else if (waits) {
        const go = new Promise<void>(resolve => (this.#continue = resolve))
        this.#write(`${text}{${part.literal.length}}\r\n`)
        await go
        this.#continue = undefined
        text = part.literal
      } else text += `{${part.literal.length}+}\r\n${part.literal}`
    }
    this.#write(`${text}\r\n`)
  }

  /** DONE */
  sendLine(line: string): void {
    this.#write(`${line}\r\n`)
  }

  /** Lets a waiting literal go, or gives it up. */
  proceed(): void {
    this.#continue?.()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #write(text: string): void {
    this.#remember('C', text)
    const sent = this.#proxy.command(this.name, text)
    if (this.isOpen) this.#socket.write(sent, 'latin1')
  }

  #remember(who: string, text: string): void {
    this.#log.push(`${who}: ${clip(text.trimEnd(), 400)}`)
    if (this.#log.length > keptLines) this.#log.shift()
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk)
    this.#needed -= chunk.length
    // a long literal comes in many pieces: they are joined once it is whole
    if (this.#needed > 0) return
    this.#rest = Buffer.concat([this.#rest, ...this.#received])
    this.#received = []
    for (let text = this.#frame(); text !== undefined; text = this.#frame()) {
      this.#remember('S', text)
      for (const told of this.#proxy.response(this.name, text)) this.#onResponse(told)
    }
  }

  #frame(): string | undefined {
    for (;;) {
      const end = this.#rest.indexOf('\r\n', this.#framed)
      if (end < 0) return undefined
      const line = this.#rest.toString('latin1', this.#framed, end)
      const literal = /\{(\d+)\}$/.exec(line)
      if (literal) {
        const after = end + 2 + Number(literal[1])
        if (this.#rest.length < after) {
          this.#needed = after - this.#rest.length
          return undefined
        }
        this.#framed = after
        continue
      }
      if (/[\r\n\0]/.test(line)) complain('syntax', `CR, LF or NUL in a line: ${JSON.stringify(line)}`)
      const text = this.#rest.toString('latin1', 0, end)
      this.#rest = this.#rest.subarray(end + 2)
      this.#framed = 0
      return text
    }
  }
}

export type ConnectionOptions = {
  readonly proxy: Proxy
  readonly log: string[]
  readonly onResponse: (text: string) => void
  readonly onClose: () => void
  /** What is received breaks a rule */
  readonly onFault: (error: Error) => void
}

export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Complains when it does not come. */
export async function within<Value>(what: string, answer: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      try {
        complain('silent', `${what}: no answer within ${answerBudgetMs} ms`)
      } catch (error) {
        reject(error as Error)
      }
    }, answerBudgetMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
