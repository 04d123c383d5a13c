/**
 * Plays a dialogue from a text file against a server, for every protocol alike.
 *
 *     # a comment; empty lines don't count
 *     C: MAIL FROM:<a@example.org>      the client says this line (CRLF is added)
 *     S: 250 2.1.0 OK                   the server says exactly this line
 *     S: /^250 /                        … or one that matches
 *     S: ...                            what comes is passed over, up to a line that is what the next S: says
 *     S: * OK [UIDVALIDITY ${validity}] an unknown name takes what stands there (\S+), a known one must be the same
 *     C! raw\r\nbytes\x00               exactly these octets (\r \n \t \0 \xHH \\)
 *     S! \x00\x01                       exactly these octets come
 *     C$                                the client closes its side
 *     S$                                the server has closed
 *     TLS                               both sides begin TLS
 *     2C: … 2S: … 2TLS                  a second connection, opened where it is first named
 *     @letters INBOX 5                  something is made so, by the test: words of its own
 *
 * At the end nothing may be left unread.
 */
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export type TranscriptOptions = {
  /** Opens a connection to the server under test and gives the client's end. */
  readonly connect: (number: number) => Duplex | Promise<Duplex>
  /** Does the client's handshake; absent: TLS steps fail. */
  readonly startTls?: (plain: Duplex) => Promise<Duplex>
  /** What the words after `@` ask for; absent: such steps fail. */
  readonly prepare?: (words: readonly string[]) => Promise<void>
  readonly variables?: Readonly<Record<string, string>>
  /** For each line that is waited for */
  readonly timeoutMs?: number
}

type Step = { readonly at: number; readonly connection: number; readonly act: string; readonly text: string }

/** What is said unasked after the last line comes within this time. */
const unaskedMs = 20

/** Throws with the line's number and both texts where they part. Resolves with all variables. Closes what it opened. */
export async function runTranscript(
  transcript: string,
  options: TranscriptOptions,
): Promise<ReadonlyMap<string, string>> {
  const variables = new Map(Object.entries(options.variables ?? {}))
  const peers = new Map<number, Peer>()
  try {
    for (const step of stepsOf(transcript)) {
      if (step.act === '@') {
        if (!options.prepare) throw new Error(`line ${step.at}: nothing is prepared in this test`)
        await options.prepare(step.text.split(' '))
        continue
      }
      const peer = peers.get(step.connection) ?? new Peer(await options.connect(step.connection))
      peers.set(step.connection, peer)
      await play(step, peer, variables, options)
    }
    await sleep(unaskedMs)
    for (const [connection, peer] of peers) peer.nothingLeft(connection)
  } finally {
    for (const peer of peers.values()) peer.leave()
  }
  return variables
}

function* stepsOf(transcript: string): Generator<Step> {
  const lines = transcript.split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const match = /^(\d*)(C:|S:|C!|S!|C\$|S\$|TLS)(?: (.*))?$/.exec(line) ?? /^()(@)(.+)$/.exec(line)
    if (!match) throw new Error(`line ${index + 1} is no step: ${line}`)
    yield { at: index + 1, connection: Number(match[1] || 1), act: match[2] ?? '', text: match[3] ?? '' }
  }
}

async function play(step: Step, peer: Peer, variables: Map<string, string>, options: TranscriptOptions): Promise<void> {
  const timeoutMs = options.timeoutMs ?? 5_000
  const text = step.act.startsWith('C') ? filled(step, variables) : step.text
  switch (step.act) {
    case 'C:':
      return peer.write(Buffer.from(`${text}\r\n`))
    case 'C!':
      return peer.write(octets(text))
    case 'C$':
      return peer.end()
    case 'S:':
      return await expectLine(step, peer, variables, timeoutMs)
    case 'S!': {
      const wanted = octets(text)
      const got = await peer.take(step, wanted.length, timeoutMs)
      if (!got.equals(wanted))
        throw new Error(`line ${step.at}: wanted ${text}, got ${JSON.stringify(got.toString('latin1'))}`)
      return undefined
    }
    case 'S$':
      return await peer.ended(step, timeoutMs)
    default:
      if (!options.startTls) throw new Error(`line ${step.at}: there is no TLS in this test`)
      return peer.become(await within(step, timeoutMs, options.startTls(peer.release())))
  }
}

async function within<Value>(step: Step, timeoutMs: number, coming: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`line ${step.at}: no TLS in ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([coming, late])
  } finally {
    clearTimeout(timer)
  }
}

function filled(step: Step, variables: ReadonlyMap<string, string>): string {
  return step.text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = variables.get(name)
    if (value === undefined) throw new Error(`line ${step.at}: nothing was taken as \${${name}} yet`)
    return value
  })
}

async function expectLine(step: Step, peer: Peer, variables: Map<string, string>, timeoutMs: number): Promise<void> {
  if (step.text === '...') {
    peer.passesOver = true
    return
  }
  const names: string[] = []
  const pattern = patternOf(step.text, variables, names)
  for (;;) {
    const got = await peer.line(step, timeoutMs)
    const match = pattern.exec(got)
    if (!match && peer.passesOver) continue
    if (!match) throw new Error(`line ${step.at}\n  wanted: ${step.text}\n  got:    ${got}`)
    peer.passesOver = false
    names.forEach((name, at) => variables.set(name, match[at + 1] ?? ''))
    return
  }
}

function patternOf(text: string, variables: ReadonlyMap<string, string>, names: string[]): RegExp {
  const regular = /^\/(.*)\/([iu]*)$/.exec(text)
  if (regular) return new RegExp(regular[1] ?? '', regular[2])
  const parts = text.split(/\$\{(\w+)\}/)
  const source = parts.map((part, at) => {
    if (at % 2 === 0) return escaped(part)
    const known = variables.get(part)
    if (known !== undefined) return escaped(known)
    names.push(part)
    return '(\\S+?)'
  })
  return new RegExp(`^${source.join('')}$`)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

function octets(text: string): Buffer {
  const out: Buffer[] = []
  for (const [token] of text.matchAll(/\\x[0-9A-Fa-f]{2}|\\.|[^\\]+/gs)) {
    if (token.startsWith('\\x')) out.push(Buffer.from(token.slice(2), 'hex'))
    else if (token.startsWith('\\')) out.push(Buffer.from(named[token[1] ?? ''] ?? token.slice(1)))
    else out.push(Buffer.from(token))
  }
  return Buffer.concat(out)
}

const named: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0' }

class Peer {
  /** Lines are passed over until one is what the next step wants */
  passesOver = false
  #stream: Duplex
  #buffer = Buffer.alloc(0)
  #ended = false
  #wake: (() => void) | undefined

  constructor(stream: Duplex) {
    this.#stream = stream
    this.#attach()
  }

  write(bytes: Buffer): void {
    this.#stream.write(bytes)
  }
  end(): void {
    this.#stream.end()
  }
  /** What the server still says is read, so that it need not wait to be rid of it. */
  leave(): void {
    this.#stream.resume().end()
  }

  async line(step: Step, timeoutMs: number): Promise<string> {
    for (;;) {
      const at = this.#buffer.indexOf('\r\n')
      if (at >= 0) {
        const line = this.#buffer.subarray(0, at).toString('utf8')
        this.#buffer = this.#buffer.subarray(at + 2)
        return line
      }
      await this.#more(step, timeoutMs)
    }
  }

  async take(step: Step, count: number, timeoutMs: number): Promise<Buffer> {
    while (this.#buffer.length < count) await this.#more(step, timeoutMs)
    const taken = this.#buffer.subarray(0, count)
    this.#buffer = this.#buffer.subarray(count)
    return taken
  }

  async ended(step: Step, timeoutMs: number): Promise<void> {
    while (!this.#ended) await this.#more(step, timeoutMs, true)
    if (this.#buffer.length > 0)
      throw new Error(`line ${step.at}: still came ${JSON.stringify(this.#buffer.toString())}`)
  }

  nothingLeft(connection: number): void {
    if (this.#buffer.length > 0)
      throw new Error(
        `connection ${connection} was told more than is written: ${JSON.stringify(this.#buffer.toString())}`,
      )
  }

  /** Gives the stream away for a handshake. */
  release(): Duplex {
    this.#stream.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd)
    this.#stream.pause()
    return this.#stream
  }
  become(stream: Duplex): void {
    this.#stream = stream
    this.#buffer = Buffer.alloc(0)
    this.#attach()
  }

  #attach(): void {
    this.#stream.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd)
    this.#stream.on('error', () => undefined)
  }

  async #more(step: Step, timeoutMs: number, endIsFine = false): Promise<void> {
    if (this.#ended && !endIsFine) throw new Error(`line ${step.at}: the server closed; wanted ${step.text}`)
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const has = JSON.stringify(this.#buffer.toString())
        const wanted = step.text || step.act
        reject(new Error(`line ${step.at}: nothing came in ${timeoutMs} ms; wanted ${wanted}, have ${has}`))
      }, timeoutMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  readonly #onData = (chunk: Buffer) => {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    this.#wake?.()
  }
  readonly #onEnd = () => {
    this.#ended = true
    this.#wake?.()
  }
}
