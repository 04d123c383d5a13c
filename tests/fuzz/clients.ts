/** Our SMTP and LMTP clients against servers that talk nonsense, over a port. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Envelope } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { lmtpTransport, smtpTransport } from '#protocols/smtp/transport.ts'
import type { Random } from '../support/random.ts'
import { changed, type Words } from './mutate.ts'
import { spoken } from './seeds.ts'
import { type Play, type Target, watching } from './target.ts'

const replyWords: Words = [
  '250 ',
  '250-',
  '354 ',
  '421 ',
  '550 5.7.1 ',
  '220 ready\r\n',
  '250-PIPELINING\r\n',
  '250-CHUNKING\r\n',
  '250-SIZE 1\r\n',
  '250-LIMITS RCPTMAX=0\r\n',
  '250 SMTPUTF8\r\n',
  '\r\n',
  '\n',
  '\0',
  '999 ',
  Buffer.alloc(30, 0xff),
  Buffer.alloc(3000, 0x78),
]
const hello = '250-mx.example.org\r\n250-PIPELINING\r\n250-DSN\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n'
const dialogues: Readonly<Record<string, readonly string[]>> = {
  pipelining: [
    '220 mx.example.org\r\n',
    `${hello}250 SIZE 1000\r\n`,
    '250 2.1.0 ok\r\n',
    '250 ok\r\n',
    '250 ok\r\n',
    '354 go\r\n',
    '250 2.6.0 taken\r\n',
    '250 2.6.0 taken\r\n',
    '221 bye\r\n',
  ],
  chunking: [
    '220 mx.example.org\r\n',
    `${hello}250 CHUNKING\r\n`,
    '250 ok\r\n',
    '250 ok\r\n',
    '250 ok\r\n',
    '250 ok\r\n',
    '452 4.2.2 full\r\n',
    '221 bye\r\n',
  ],
  bare: [
    '220 mx.example.org\r\n',
    '250 mx.example.org\r\n',
    '250 ok\r\n',
    '250 ok\r\n',
    '550 5.1.1 nobody\r\n',
    '354 go\r\n',
    '250 taken\r\n',
    '421 bye\r\n',
  ],
}
const envelope: Envelope = {
  reversePath: 'hanako@home.test',
  recipients: [{ address: 'a@example.org' }, { address: 'b@example.org' }],
  body: '8BITMIME',
  smtpUtf8: false,
}
const letter = memorySource(Buffer.from('From: hanako@home.test\r\nSubject: out\r\n\r\n.\r\nText\r\n'))
/** A server that has said half a line says the rest after this. */
const pauseMs = 4

export const smtpClients: readonly Target[] = (['smtp', 'lmtp'] as const).map(protocol => ({
  name: `${protocol} client`,
  async run(fuzz) {
    const watch = watching()
    let say: (socket: Socket) => Promise<void> = async () => undefined
    const server = createServer(socket => {
      socket.on('error', () => undefined)
      void say(socket)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const seeds = [
      ...spoken('smtp', 'S'),
      ...Object.values(dialogues)
        .flat()
        .map(text => Buffer.from(text)),
    ]
    const plays = Object.entries(dialogues).map(
      ([state, replies]): Play => ({
        state,
        async play(random) {
          const said: Buffer[] = []
          const at = random.integer(replies.length)
          const wire = replies.map((reply, n) =>
            n === at || random.integer(6) === 0
              ? changed(Buffer.from(reply), seeds, replyWords, random)
              : Buffer.from(reply),
          )
          say = socket => speak(socket, wire, said, random)
          const make = protocol === 'smtp' ? smtpTransport : lmtpTransport
          await using transport = make({
            server: { host: '127.0.0.1', port },
            helo: 'home.test',
            tls: { mode: 'none' },
          })
          const results = await transport(envelope, letter, new AbortController().signal)
          return judged(
            results.map(({ status }) => status),
            Buffer.concat(said).toString('latin1'),
          )
        },
      }),
    )
    try {
      await fuzz(plays, watch)
    } finally {
      server.close()
    }
  },
}))

/** All at once, or the next reply when the client has said something (or says nothing for a while); then the end. */
async function speak(socket: Socket, wire: readonly Buffer[], said: Buffer[], random: Random): Promise<void> {
  const atOnce = random.integer(3) === 0
  for (const piece of wire) {
    if (socket.destroyed) return
    said.push(piece)
    socket.write(piece)
    if (!atOnce) await Promise.race([once(socket, 'data').catch(() => undefined), delay(pauseMs)])
  }
  await delay(pauseMs)
  socket.end().resume()
  setTimeout(() => socket.destroy(), 200).unref()
}

/** One result each; delivered only where the server has said yes to greeting, hello, sender, recipient and message. */
function judged(statuses: readonly string[], said: string): string | undefined {
  if (statuses.length !== envelope.recipients.length) return `${statuses.length} results`
  const yes = said.match(/^2\d\d(?!-)/gm)?.length ?? 0
  return statuses.includes('delivered') && yes < 5 ? `delivered after ${JSON.stringify(said)}` : undefined
}
