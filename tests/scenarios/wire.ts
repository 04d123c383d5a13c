/** A peer that says what a test tells it to say, line by line, with or without TLS. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

const waitMs = 10_000

export class Wire implements AsyncDisposable {
  #socket: Socket
  #text = ''
  #ended = false
  #wake: (() => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    this.#listen()
  }

  static async open(port: number, host = '127.0.0.1', localAddress?: string): Promise<Wire> {
    const socket = connect({ port, host, ...(localAddress !== undefined && { localAddress }) })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new Wire(socket)
  }

  static async openTls(port: number, host = '127.0.0.1'): Promise<Wire> {
    const socket = connectTls({ port, host, rejectUnauthorized: false })
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
    })
    return new Wire(socket)
  }

  get isOpen(): boolean {
    return !this.#ended && !this.#socket.destroyed
  }

  send(line: string): void {
    this.#socket.write(`${line}\r\n`)
  }

  /** The text up to and with what matches; what comes after stays for later. */
  async read(pattern: RegExp, timeoutMs = waitMs): Promise<string> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const found = pattern.exec(this.#text)
      if (found) {
        const end = found.index + found[0].length
        const text = this.#text.slice(0, end)
        this.#text = this.#text.slice(end)
        return text
      }
      const leftMs = deadline - performance.now()
      if (this.#ended || leftMs <= 0)
        throw new Error(`${pattern} did not come; what came: ${JSON.stringify(this.#text)}`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, leftMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** One whole SMTP reply. */
  reply(timeoutMs = waitMs): Promise<string> {
    return this.read(/^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/, timeoutMs)
  }

  /** Says it and gives the reply. */
  async say(line: string): Promise<string> {
    this.send(line)
    return this.reply()
  }

  /** After STARTTLS and its 220 */
  async secure(): Promise<void> {
    this.#socket.removeAllListeners('data')
    const socket = connectTls({ socket: this.#socket, rejectUnauthorized: false })
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
    })
    this.#socket = socket
    this.#listen()
  }

  #listen(): void {
    const wake = () => this.#wake?.()
    this.#socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      wake()
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.#ended = true
      wake()
    })
    this.#socket.on('end', () => {
      this.#ended = true
      wake()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await Promise.resolve()
  }
}

/** SASL PLAIN in base64. */
export function plain(user: string, password: string): string {
  return Buffer.from(`\0${user}\0${password}`).toString('base64')
}
