/** As much of IMAP as the walk needs: a command at a time, its lines. RFC 9051 */
import type { Duplex } from 'node:stream'
import { address, password } from '#protocols/jmap/jmap.testbed.ts'

export type Message = {
  readonly uid: number
  readonly email: string
  readonly thread: string
  /** Lower case, ascending */
  readonly flags: readonly string[]
}

export class ImapClient implements Disposable {
  readonly #connect: () => Duplex
  #stream: Duplex | undefined
  #text = ''
  #wake: (() => void) | undefined
  #tag = 0
  #selected: string | undefined
  /** Its last command, and what was heard since */
  get dialogue(): string {
    return `${this.#command}\n${this.#text}`
  }
  #command = ''

  constructor(connect: () => Duplex) {
    this.#connect = connect
  }

  async login(): Promise<void> {
    const stream = this.#connect()
    this.#stream = stream
    this.#selected = undefined
    const over = () => {
      if (this.#stream === stream) this.#stream = undefined
      this.#wake?.()
    }
    stream.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString()
      this.#wake?.()
    })
    stream.on('end', over).on('close', over)
    await this.#say(`LOGIN ${address} "${password}"`)
  }

  /** What was answered; undefined for NO, and when the connection ends: a session does so when its mailbox is deleted. Literals go without waiting (LITERAL+). */
  async ask(command: string): Promise<string | undefined> {
    if (!this.#stream) await this.login()
    return await this.#say(command)
  }

  async #say(command: string): Promise<string | undefined> {
    const tag = `t${++this.#tag}`
    this.#text = ''
    this.#command = `${tag} ${command}`
    this.#stream?.write(`${tag} ${command}\r\n`)
    const done = new RegExp(`(?:^|\r\n)${tag} (OK|NO|BAD)[^\r\n]*\r\n`)
    for (;;) {
      const [, word] = done.exec(this.#text) ?? []
      if (word === 'BAD') throw new Error(`${command}: ${this.#text}`)
      if (word) return word === 'OK' ? this.#text : undefined
      if (!this.#stream) return undefined
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  /** False: there is no such mailbox. */
  async select(name: string): Promise<boolean> {
    if (this.#stream && this.#selected === name) return true
    const selected = await this.ask(`SELECT "${name}"`)
    this.#selected = selected === undefined ? undefined : name
    return selected !== undefined
  }

  /** Names and ids of all mailboxes that can be selected */
  async mailboxes(): Promise<ReadonlyMap<string, string>> {
    const listed = (await this.ask('LIST "" "*" RETURN (STATUS (MAILBOXID))')) ?? ''
    const found = listed.matchAll(/^\* STATUS (?:"([^"]*)"|(\S+)) \(MAILBOXID \((M\d+)\)\)/gm)
    return new Map(Array.from(found, ([, quoted, plain, id = '']) => [quoted ?? plain ?? '', id]))
  }

  /** Looked at anew, whatever was selected; undefined when the mailbox is gone */
  async look(name: string): Promise<readonly Message[] | undefined> {
    this.#selected = undefined
    if ((await this.ask(`EXAMINE "${name}"`)) === undefined) return undefined
    const fetched = (await this.ask('UID FETCH 1:* (FLAGS EMAILID THREADID)')) ?? ''
    const lines = fetched.matchAll(/^\* \d+ FETCH \((.*)\)\r$/gm)
    const messages = Array.from(lines, ([, line = '']) => ({
      uid: Number(/UID (\d+)/.exec(line)?.[1]),
      email: /EMAILID \((E\d+)\)/.exec(line)?.[1] ?? '',
      thread: /THREADID \((T\d+)\)/.exec(line)?.[1] ?? '',
      flags: (/FLAGS \(([^)]*)\)/.exec(line)?.[1] ?? '')
        .split(' ')
        .filter(flag => flag !== '' && flag !== '\\Recent')
        .map(flag => flag.toLowerCase())
        .sort(),
    }))
    return messages
  }

  [Symbol.dispose](): void {
    this.#stream?.end()
  }
}
