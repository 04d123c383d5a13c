/** Our own home, whose outbound queue is under test: letters are handed in as a mail program does, and the queue is asked what became of them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import type { Envelope, EnvelopeRecipient } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import type { QueueEntry } from '#mail/queue/queue.ts'
import { smtpTransport } from '#protocols/smtp/transport.ts'
import { type Box, startBox } from '../../support/box.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../../support/peers.ts'
import { fromHanako, smallLetter, type TestLetter } from '../letters.ts'
import { type MailboxAt, messagesIn } from '../mailbox.ts'
import type { Certificates, World } from './world.ts'

export type Sent = {
  readonly letter: TestLetter
  /** The one recipient, or the first */
  readonly to: string
}

export type Sender = {
  readonly home: Box
  readonly inbox: MailboxAt
  /** Hands one in, from hanako. The queue has it when this resolves. */
  send(to: string, how?: { letter?: TestLetter; envelope?: Partial<Envelope> }): Promise<Sent>
  /** Resolves when the queue has given a reason why it waits that is like this; gives it. */
  waits(sent: Sent, reason: RegExp, timeoutMs?: number): Promise<string>
  /** Resolves when nothing is left of it in the queue. */
  left(sent: Sent): Promise<void>
  isQueued(sent: Sent): Promise<boolean>
  /** It is tried now. */
  retry(sent: Sent): Promise<void>
  /** Reports that have come to hanako about it, their fields unfolded */
  reports(sent: Sent): Promise<readonly string[]>
}

const hanako = 'hanako@home.test'
const password = 'sakura-no-michi-7'

export async function startSender(
  scope: AsyncDisposableStack,
  world: World,
  certificates: Certificates,
  mx: number,
  routes = '',
): Promise<Sender> {
  const folder = temporaryFolder(scope, 'sender')
  const ports = await freePorts('submissions', 'imaps')
  const { good, ca } = certificates
  const yaml = fill(join(import.meta.dirname, 'home.yaml'), {
    folder,
    ...ports,
    dns: world.dns,
    web: world.web,
    mx,
    good,
    ca,
  })
  const home = await startBox(scope, { folder, name: 'home', yaml: yaml + routes })
  const socketPath = join(folder, 'home-data', 'admin.sock')
  await home.command(['domain', 'add', 'home.test'])
  await home.command(['user', 'add', hanako, '--password-stdin'], `${password}\n`)
  const inbox = { port: ports.imaps, ca, user: hanako, password }
  const transport = smtpTransport({
    server: { host: 'localhost', port: ports.submissions },
    helo: 'desk.home.test',
    tls: { mode: 'required', from: 'start', ca: readFileSync(ca, 'utf8') },
    login: { username: hanako, password },
  })
  scope.defer(() => transport.close())
  const entryOf = async ({ to }: Sent): Promise<QueueEntry | undefined> => {
    const entries = (await operation(socketPath, 'queue.ls')) as readonly QueueEntry[]
    return entries.find(({ recipients }) => recipients.some(({ address }) => address === to))
  }
  const isQueued = async (sent: Sent) => (await entryOf(sent)) !== undefined
  return {
    home,
    inbox,
    isQueued,
    async send(to, { letter = smallLetter(), envelope = {} } = {}) {
      const recipients: readonly EnvelopeRecipient[] = [{ address: to }]
      const whole: Envelope = { reversePath: hanako, recipients, body: '8BITMIME', smtpUtf8: false, ...envelope }
      const own = fromHanako(letter)
      const results = await transport(whole, memorySource(own.bytes), AbortSignal.timeout(30_000))
      for (const { status, reply } of results) assert.equal(status, 'delivered', JSON.stringify(reply))
      return { letter: own, to }
    },
    async waits(sent, reason, timeoutMs) {
      let last = ''
      const look = async () => {
        const recipient = (await entryOf(sent))?.recipients.find(({ address }) => address === sent.to)
        last = JSON.stringify(recipient?.last ?? recipient ?? 'gone')
        return reason.test(last) && recipient?.state === 'waiting' && last
      }
      return await eventually(`${sent.to} waits for ${reason}`, look, timeoutMs).catch(error => {
        throw new Error(`${String(error)}: ${last}`)
      })
    },
    left: async sent => void (await eventually(`${sent.to} has left`, async () => !(await isQueued(sent)))),
    retry: async sent => void (await operation(socketPath, 'queue.retry', { id: (await entryOf(sent))?.id })),
    async reports({ letter }) {
      const about = (await messagesIn(inbox)).filter(message => message.includes(letter.mark))
      return about.map(report => String(report).replace(/\r\n(?=[ \t])/g, ''))
    },
  }
}

/** What `hikyaku` asks of the running server by its socket. */
async function operation(socketPath: string, name: string, input: object = {}): Promise<unknown> {
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const asked = request(
      { socketPath, path: `/operations/${name}`, method: 'POST', headers, agent: false as const },
      response => {
        let body = ''
        response.on('data', chunk => (body += String(chunk))).on('end', () => resolve(body))
      },
    )
    asked.on('error', reject).end(JSON.stringify(input))
  })
  return (JSON.parse(text) as { result?: unknown }).result
}
