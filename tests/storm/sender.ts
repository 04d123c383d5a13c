/**
 * A stranger's mail server: sends letters over one connection after another, believes only what it reads, and sends again
 * what got no answer or a 4xx. Written on bare sockets, so that it shares nothing with the servers that it tests.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Letter } from './letters.ts'

export type Stage = 'data' | 'dot' | 'reply'

export type Fate =
  | { readonly kind: 'accepted'; readonly tries: number }
  | { readonly kind: 'refused'; readonly reply: string; readonly tries: number }
  | { readonly kind: 'gave-up'; readonly tries: number }

export type SenderOptions = {
  readonly port: number
  /** Called when a letter is at this point of its way; the storm may strike right there. */
  readonly at: (stage: Stage) => void
  readonly onFate: (letter: Letter, fate: Fate) => void
  readonly stopAt: number
  readonly signal: AbortSignal
}

const replyTimeoutMs = 40_000

/** Takes letters from the shared list until none is left. */
export async function runSender(options: SenderOptions, next: () => Letter | undefined): Promise<void> {
  let session: Session | undefined
  for (let letter = next(); letter; letter = next()) {
    for (let tries = 1; ; tries++) {
      if (Date.now() > options.stopAt || options.signal.aborted) {
        options.onFate(letter, { kind: 'gave-up', tries })
        break
      }
      try {
        session ??= await openSession(options.port)
        const reply = await session.send(letter, options.at)
        if (reply.startsWith('2')) {
          options.onFate(letter, { kind: 'accepted', tries })
          break
        }
        if (reply.startsWith('5')) {
          options.onFate(letter, { kind: 'refused', reply, tries })
          break
        }
        if (reply.startsWith('421')) throw new Error(reply)
        await sleep(200)
      } catch {
        session?.close()
        session = undefined
        await sleep(100)
      }
    }
  }
  await session?.quit()
}

type Session = {
  send(letter: Letter, at: (stage: Stage) => void): Promise<string>
  quit(): Promise<void>
  close(): void
}

async function openSession(port: number): Promise<Session> {
  const wire = await openWire(port)
  await expect(wire, '220')
  await wire.write('EHLO storm.internet.test\r\n')
  await expect(wire, '250')
  return {
    async send(letter, at) {
      await wire.write(`MAIL FROM:<${letter.from}>\r\n`)
      const mail = await wire.reply()
      if (!mail.startsWith('250')) return mail
      let accepted = 0
      let refusal = ''
      for (const recipient of letter.recipients) {
        await wire.write(`RCPT TO:<${recipient}>\r\n`)
        const reply = await wire.reply()
        if (reply.startsWith('250')) accepted++
        else refusal = reply
      }
      // all or nothing: a letter with a deferred recipient is tried again as a whole, like the others
      if (accepted < letter.recipients.length) {
        await wire.write('RSET\r\n')
        await expect(wire, '250')
        return refusal
      }
      await wire.write('DATA\r\n')
      const data = await wire.reply()
      if (!data.startsWith('354')) return data
      const stuffed = Buffer.from(letter.bytes.toString('latin1').replace(/^\./gm, '..'), 'latin1')
      const half = stuffed.length >> 1
      await wire.write(stuffed.subarray(0, half))
      at('data')
      await wire.write(stuffed.subarray(half))
      await wire.write('.\r\n')
      at('dot')
      const reply = await wire.reply()
      at('reply')
      return reply
    },
    async quit() {
      try {
        await wire.write('QUIT\r\n')
        await wire.reply()
      } catch {
        // it is over either way
      }
      wire.close()
    },
    close: () => wire.close(),
  }
}

async function expect(wire: Wire, code: string): Promise<void> {
  const reply = await wire.reply()
  if (!reply.startsWith(code)) throw new Error(reply)
}

type Wire = {
  write(data: string | Buffer): Promise<void>
  /** The last line of the next reply */
  reply(): Promise<string>
  close(): void
}

async function openWire(port: number): Promise<Wire> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true })
    opened.once('connect', () => resolve(opened))
    opened.once('error', reject)
  })
  let received = ''
  let failed: Error | undefined
  let wake: (() => void) | undefined
  socket.on('data', chunk => {
    received += chunk.toString('latin1')
    wake?.()
  })
  const fail = (error: Error) => {
    failed ??= error
    wake?.()
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('closed')))
  return {
    write: data =>
      new Promise((resolve, reject) => {
        socket.write(data, error => (error ? reject(error) : resolve()))
      }),
    async reply() {
      const deadline = Date.now() + replyTimeoutMs
      for (;;) {
        const line = /^\d{3}(?: [^\n]*)?\r?\n/m.exec(received)
        if (line) {
          received = received.slice(line.index + line[0].length)
          return line[0].trimEnd()
        }
        if (failed) throw failed
        if (Date.now() > deadline) throw new Error('no answer')
        await new Promise<void>(resolve => {
          wake = resolve
          setTimeout(resolve, 1_000).unref()
        })
      }
    },
    close: () => socket.destroy(),
  }
}
