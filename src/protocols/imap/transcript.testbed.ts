/**
 * Dialogues as text. `C: line` is sent, `S: line` must come next, `2C:` and `2S:` speak on a second connection. In server
 * lines `${name}` takes a word the first time and must equal it later, `/…/` is a pattern, `...` passes over lines up to the
 * next one that matches. `@messages INBOX 5`, `@message INBOX Subject` put mail there; `@anonymous` leaves logging in to the
 * dialogue. `<end>` is the closed connection. At the end nothing may be left unread.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { isRefusal } from '#mail/account.ts'
import { testAccount, testAddress, testPassword, withImap, type Testbed } from './imap.testbed.ts'

const lineDeadlineMs = 5_000

/** Lines of what comes from the server. */
export class LineClient {
  readonly stream: Duplex
  readonly #lines: string[] = []
  #rest = ''
  #ended = false
  #wake: (() => void) | undefined

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('data', (chunk: Buffer) => {
      const parts = (this.#rest + chunk.toString('utf8')).split('\r\n')
      this.#rest = parts.pop() ?? ''
      this.#lines.push(...parts)
      this.#wake?.()
    })
    for (const event of ['end', 'close', 'error'])
      stream.on(event, () => {
        this.#ended = true
        this.#wake?.()
      })
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
}

export async function runTranscript(file: URL): Promise<void> {
  await withImap(bed => new Dialogue(bed).run(readFileSync(file, 'utf8').split('\n')))
}

class Dialogue {
  readonly #bed: Testbed
  readonly #clients = new Map<string, LineClient>()
  readonly #captured = new Map<string, string>()
  readonly #skipping = new Set<string>()
  #anonymous = false

  constructor(bed: Testbed) {
    this.#bed = bed
  }

  async run(lines: readonly string[]): Promise<void> {
    for (const [index, line] of lines.entries()) {
      const place = `line ${index + 1}: ${line}`
      if (line.trim() === '' || line.startsWith('#')) continue
      if (line.startsWith('@')) await this.#directive(line.slice(1).split(' '))
      else {
        const match = /^(\d?)([CS]):(?: (.*))?$/.exec(line)
        assert.ok(match, `not understood, ${place}`)
        const [, connection = '', side, text = ''] = match
        const client = await this.#client(connection || '1')
        if (side === 'C') client.send(this.#substituted(text))
        else await this.#expect(connection || '1', client, text, place)
      }
    }
    await delay(20)
    for (const [connection, client] of this.#clients)
      assert.deepEqual(client.waiting, [], `connection ${connection} was told more than is written`)
  }

  async #directive([name, mailbox = '', ...rest]: readonly string[]): Promise<void> {
    if (name === 'anonymous') this.#anonymous = true
    else if (name === 'messages') for (let n = 1; n <= Number(rest[0]); n += 1) await this.#put(mailbox, `Message ${n}`)
    else if (name === 'message') await this.#put(mailbox, rest.join(' '))
    else assert.fail(`There is no directive ${name}`)
  }

  async #put(name: string, subject: string): Promise<void> {
    const account = await this.#bed.accounts.account(testAccount)
    const mailbox = await account.mailboxNamed(name)
    assert.ok(mailbox)
    const text = `From: Aki <aki@internet.test>\r\nTo: hanako@home.test\r\nSubject: ${subject}\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n\r\nText of ${subject}\r\n`
    const message = {
      message: memorySource(utf8(text)),
      flags: noFlags,
      internalDate: Date.UTC(1996, 6, 17, 9, 44, 25),
    }
    assert.ok(!isRefusal(await account.append(mailbox.id, [message])))
  }

  async #client(connection: string): Promise<LineClient> {
    const known = this.#clients.get(connection)
    if (known) return known
    const client = new LineClient(this.#bed.connect())
    this.#clients.set(connection, client)
    if (this.#anonymous) return client
    await client.line()
    const [answer] = await client.command('login', `LOGIN ${testAddress} ${testPassword}`)
    assert.match(answer ?? '', /^login OK/)
    return client
  }

  #substituted(text: string): string {
    return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => this.#captured.get(name) ?? `\${${name}}`)
  }

  async #expect(connection: string, client: LineClient, expected: string, place: string): Promise<void> {
    if (expected === '...') {
      this.#skipping.add(connection)
      return
    }
    for (;;) {
      const line = await client.line()
      if (this.#matches(expected, line)) break
      if (!this.#skipping.has(connection) || line.startsWith('<')) assert.equal(line, expected, place)
    }
    this.#skipping.delete(connection)
  }

  #matches(expected: string, line: string): boolean {
    const pattern = /^\/(.*)\/$/.exec(expected)?.[1]
    const source = pattern ?? this.#substituted(expected).replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    const names: string[] = []
    const capturing = source.replaceAll(/\\?\$\\?\{(\w+)\\?\}/g, (_, name: string) => {
      names.push(name)
      return '([^ \\])(]+)'
    })
    const match = new RegExp(`^${capturing}$`).exec(line)
    if (match) names.forEach((name, index) => this.#captured.set(name, match[index + 1] ?? ''))
    return match !== null
  }
}

const noFlags = { mode: 'add', system: 0, keywords: [] } as const
