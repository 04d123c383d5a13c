/** Clients that are not ours, as the end-to-end tests use them: a bare SMTP sender, imapflow, nodemailer, the command line. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import type { DemoReady, RunningDemo } from './demo.ts'

export type SentLetter = {
  readonly from: string
  readonly to: readonly string[]
  /** CRLF line ends, not dot-stuffed */
  readonly bytes: Buffer
}

export type SentAnswers = {
  /** One reply for each recipient */
  readonly recipients: readonly string[]
  /** The last reply: to the final dot, or to the command that was refused */
  readonly reply: string
  /** From the final dot to its reply */
  readonly tookMs: number
}

const replyTimeoutMs = 60_000

/** Sends as a stranger's server does; `atDot` runs when the last byte has been handed to the socket. */
export async function sendLetter(
  port: number,
  letter: SentLetter,
  hooks: { readonly atData?: () => void | Promise<void>; readonly atDot?: () => void } = {},
): Promise<SentAnswers> {
  using session = await openSession(port)
  await session.say('EHLO mx.internet.test')
  const mail = await session.say(`MAIL FROM:<${letter.from}>`)
  if (!mail.startsWith('250')) return { recipients: [], reply: mail, tookMs: 0 }
  const recipients: string[] = []
  for (const recipient of letter.to) recipients.push(await session.say(`RCPT TO:<${recipient}>`))
  if (!recipients.some(reply => reply.startsWith('250')))
    return { recipients, reply: recipients.at(-1) ?? '', tookMs: 0 }
  const data = await session.say('DATA')
  if (!data.startsWith('354')) return { recipients, reply: data, tookMs: 0 }
  const stuffed = Buffer.from(letter.bytes.toString('latin1').replace(/^\./gm, '..'), 'latin1')
  const half = stuffed.length >> 1
  await session.write(stuffed.subarray(0, half))
  await hooks.atData?.()
  await session.write(Buffer.concat([stuffed.subarray(half), Buffer.from('.\r\n')]))
  hooks.atDot?.()
  const begun = performance.now()
  const reply = await session.reply()
  const tookMs = performance.now() - begun
  await session.say('QUIT')
  return { recipients, reply, tookMs }
}

/** A bare text dialogue over TCP; one reply at a time. */
export type Session = {
  /** Sends a line and gives the last line of the reply. */
  say(line: string): Promise<string>
  write(bytes: Uint8Array): Promise<void>
  /** The next line that ends a reply: `250 …`, `+OK …`, `* OK …` */
  reply(): Promise<string>
  [Symbol.dispose](): void
}

export async function openSession(port: number, greeting: RegExp = /^220 /): Promise<Session> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true })
    opened.once('connect', () => resolve(opened))
    opened.once('error', reject)
  })
  const session = sessionOn(socket)
  const greeted = await session.reply().catch((error: unknown) => {
    throw new Error(`Port ${port} did not greet: ${String(error)}`)
  })
  if (greeting.test(greeted)) return session
  session[Symbol.dispose]()
  throw new Error(`Port ${port} greeted with ${greeted}`)
}

function sessionOn(socket: Socket): Session {
  let received = ''
  let failed: Error | undefined
  let wake: () => void = () => undefined
  socket.setTimeout(replyTimeoutMs, () => socket.destroy(new Error('no answer')))
  socket.on('data', chunk => {
    received += chunk.toString('latin1')
    wake()
  })
  socket.on('error', error => (failed ??= error))
  socket.on('close', () => {
    failed ??= new Error('closed')
    wake()
  })
  const write = (bytes: Uint8Array | string) =>
    new Promise<void>((resolve, reject) => {
      socket.write(bytes, error => (error ? reject(error) : resolve()))
    })
  async function reply(): Promise<string> {
    for (;;) {
      const line = /^(?!\d{3}-)[^\r\n]*\r\n/m.exec(received)
      if (line) {
        received = received.slice(line.index + line[0].length)
        return line[0].trimEnd()
      }
      if (failed) throw failed
      await new Promise<void>(resolve => (wake = resolve))
    }
  }
  return {
    async say(line) {
      await write(`${line}\r\n`)
      return reply()
    },
    write,
    reply,
    [Symbol.dispose]: () => socket.destroy(),
  }
}

export type Account = DemoReady['accounts'][number]

export function accountOf(ready: DemoReady, name: string): Account {
  const account = ready.accounts.find(({ address }) => address.startsWith(`${name}@`))
  if (!account) throw new Error(`There is no ${name}`)
  return account
}

/** A mail program with TLS verified against the demo's authority. */
export async function openMailbox(ready: DemoReady, account: Account): Promise<ImapFlow & AsyncDisposable> {
  const client = new ImapFlow({
    host: 'localhost',
    port: ready.ports['imaps'] ?? 0,
    secure: true,
    auth: { user: account.address, pass: account.password },
    tls: { ca: [readFileSync(ready.ca, 'utf8')], rejectUnauthorized: true },
    logger: false,
  })
  client.on('error', () => undefined)
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.logout().catch(() => undefined) })
}

/** Every letter of a mailbox as it is stored, by UID. */
export async function lettersIn(ready: DemoReady, account: Account, mailbox = 'INBOX'): Promise<readonly Buffer[]> {
  await using client = await openMailbox(ready, account)
  const lock = await client.getMailboxLock(mailbox)
  try {
    const letters: Buffer[] = []
    if (!client.mailbox || client.mailbox.exists === 0) return letters
    for await (const message of client.fetch('1:*', { source: true })) if (message.source) letters.push(message.source)
    return letters
  } finally {
    lock.release()
  }
}

/** Waits until the inbox holds `count` letters that contain `mark`, and gives them; what is there at the deadline otherwise. */
export async function awaitLetters(
  ready: DemoReady,
  account: Account,
  mark: string,
  options: { readonly count?: number; readonly withinMs?: number; readonly mailbox?: string } = {},
): Promise<readonly Buffer[]> {
  const until = Date.now() + (options.withinMs ?? 15_000)
  for (;;) {
    const found = await lettersIn(ready, account, options.mailbox).then(
      letters => letters.filter(letter => letter.includes(mark)),
      () => [],
    )
    if (found.length >= (options.count ?? 1) || Date.now() > until) return found
    await sleep(150)
  }
}

/** Submission with STARTTLS, as a mail program does it. Gives the last reply. */
export async function submit(
  ready: DemoReady,
  account: Account,
  to: string,
  subject: string,
  text = 'こんにちは。',
): Promise<string> {
  const transport = createTransport({
    host: 'localhost',
    port: ready.ports['submission'] ?? 0,
    secure: false,
    requireTLS: true,
    auth: { user: account.address, pass: account.password },
    tls: { ca: readFileSync(ready.ca, 'utf8'), rejectUnauthorized: true },
  })
  const { response } = await transport.sendMail({ from: account.address, to, subject, text })
  transport.close()
  return response
}

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** `./hikyaku …` on one box of the demo, as an owner runs it from a checkout. */
export function hikyaku(
  demo: Pick<RunningDemo, 'folder'>,
  box: 'gateway' | 'home',
  args: readonly string[],
): Promise<CommandResult> {
  const program = new URL('../../hikyaku', import.meta.url).pathname
  const config = join(demo.folder, box, 'config.yaml')
  return new Promise(resolve => {
    execFile(program, [...args, '--config', config], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
    })
  })
}

export async function hikyakuJson<Result>(
  demo: Pick<RunningDemo, 'folder'>,
  box: 'gateway' | 'home',
  args: readonly string[],
): Promise<Result> {
  const { code, stdout, stderr } = await hikyaku(demo, box, [...args, '--json'])
  if (code !== 0) throw new Error(`hikyaku ${args.join(' ')}: ${code} ${stderr}`)
  return (JSON.parse(stdout) as { result: Result }).result
}

/** A letter that nobody else has: its Message-ID carries `mark`. */
export function letterBytes(mark: string, sizeBytes = 500): Buffer {
  const head = [
    `Message-ID: <${mark}@internet.test>`,
    'From: Aki <aki@internet.test>',
    'To: hanako@home.test',
    `Subject: ${mark}`,
    'Date: Mon, 23 Nov 2026 09:00:00 +0900',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    '',
  ].join('\r\n')
  const line = `.${mark} 飛脚は夜も走る\r\n`
  const count = Math.max(1, Math.ceil((sizeBytes - head.length) / Buffer.byteLength(line)))
  return Buffer.from(head + line.repeat(count))
}
