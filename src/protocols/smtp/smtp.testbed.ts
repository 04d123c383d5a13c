/** An SMTP or LMTP server over in-memory pairs or a port, with a receiver that keeps what it gets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { duplexPair, type Duplex } from 'node:stream'
import { connect, type TlsOptions } from 'node:tls'
import { silentLog } from '#base/log.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Authenticator } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Settled } from '#mail/downstream.ts'
import type { MessageReceiver, SessionFacts, SmtpProfile } from '#mail/receiving.ts'
import { openSpool, type Spool } from '#mail/spool.ts'
import { Connection } from '#net/connection.ts'
import { listen, type Listener } from '#net/listener.ts'
import { openLocalCa, type LocalCa } from '#net/tls/local-ca.ts'
import type { SmtpServerOptions } from './options.ts'
import { serveSmtp } from './server.ts'

export type Taken = {
  readonly session: SessionFacts
  readonly envelope: Envelope
  readonly recipients: readonly EnvelopeRecipient[]
  readonly body: Buffer
  readonly place: string
}

export type Recorder = MessageReceiver & {
  readonly taken: Taken[]
  readonly outcomes: string[]
  readonly settledNews: Settled[]
  readonly hellos: string[]
  /** Answers of recipients by local part, after those that are built in: unknown…, full… */
  verdict: (recipients: readonly EnvelopeRecipient[]) => Promise<SmtpReply>
}

export function recorder(): Recorder {
  const receiver: Recorder = {
    taken: [],
    outcomes: [],
    settledNews: [],
    hellos: [],
    verdict: async () => smtpReply(250, '2.6.0', 'Taken'),
    async begin(session, envelope) {
      const recipients: EnvelopeRecipient[] = []
      return {
        kind: 'open',
        reply: smtpReply(250, '2.1.0', 'Sender taken'),
        transaction: {
          async recipient(recipient) {
            if (recipient.address.startsWith('unknown')) return smtpReply(550, '5.1.1', 'No such user here')
            if (recipient.address.startsWith('later')) return smtpReply(451, '4.3.0', 'Later')
            recipients.push(recipient)
            return smtpReply(250, '2.1.5', 'Recipient taken')
          },
          async message(source) {
            const parts: Uint8Array[] = []
            for await (const part of source.open()) parts.push(part)
            receiver.taken.push({ session, envelope, recipients, body: Buffer.concat(parts), place: source.place.kind })
            const reply = await receiver.verdict(recipients)
            return { reply, results: recipients.map(recipient => resultFor(recipient, reply)) }
          },
          settle(outcome) {
            receiver.outcomes.push(outcome)
          },
        },
      }
    },
    hello(_session, origin, boot) {
      receiver.hellos.push(`${origin} ${boot}`)
      return boot > 0
    },
    settled(_session, settled) {
      receiver.settledNews.push(...settled)
    },
  }
  return receiver
}

function resultFor({ address }: EnvelopeRecipient, reply: SmtpReply): RecipientResult {
  if (address.startsWith('full')) return { status: 'deferred', reply: smtpReply(452, '4.2.2', 'Mailbox full') }
  return { status: reply.code < 300 ? 'delivered' : reply.code < 500 ? 'deferred' : 'failed', reply }
}

/** hanako@home.test, secret */
export const oneUser: Authenticator = {
  async password(name, password) {
    if (name !== 'hanako@home.test' || password !== 'secret') return { kind: 'refused', reason: 'wrong-password' }
    return {
      kind: 'ok',
      login: { account: 'a' as AccountId, address: name, ended: new AbortController().signal },
    }
  },
  scram: async () => ({ kind: 'unavailable', reason: 'none here' }),
  scramReady: () => false,
}

export type SmtpBench = {
  readonly receiver: Recorder
  readonly spool: Spool
  readonly ca: LocalCa
  readonly folder: string
  readonly options: SmtpServerOptions
  /** Over a pair in memory; `ended` resolves when the session is over. */
  session(overrides?: Partial<SmtpServerOptions>, signal?: AbortSignal): { client: Duplex; ended: Promise<void> }
  startTls(plain: Duplex): Promise<Duplex>
  listen(overrides?: Partial<SmtpServerOptions>): Promise<Listener>
  [Symbol.asyncDispose](): Promise<void>
}

export async function smtpBench(profile: SmtpProfile, more: Partial<SmtpServerOptions> = {}): Promise<SmtpBench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hikyaku-smtp-'))
  const spool = await openSpool(path.join(folder, 'spool'))
  const ca = await openLocalCa(path.join(folder, 'ca'))
  const pair = await ca.issueServer(['mx.home.test', 'localhost', '127.0.0.1'])
  const tls: TlsOptions = { ...pair, requestCert: true, ca: ca.certificatePem }
  const receiver = recorder()
  const options: SmtpServerOptions = {
    profile,
    hostname: 'mx.home.test',
    receiver,
    spool,
    maxMessageBytes: 1_000_000,
    futureReleaseMs: 30 * 24 * 3600 * 1000,
    tls: () => tls,
    authenticator: oneUser,
    submissionHost: 'mail.home.test:465',
    ...(profile === 'lmtp' && {
      peers: { certificates: new Map(), passwords: new Map(), allowUnauthenticated: true },
    }),
    log: silentLog,
    ...more,
  }
  const listeners: Listener[] = []
  const facts = { clientAddress: '192.0.2.1', clientPort: 4321, localPort: 25 }
  return {
    receiver,
    spool,
    ca,
    folder,
    options,
    session(overrides = {}, signal = new AbortController().signal) {
      const [client, server] = duplexPair()
      client.on('error', () => undefined)
      const connection = new Connection(server)
      return { client, ended: serveSmtp(connection, { ...options, ...overrides, client: facts }, signal) }
    },
    startTls: plain =>
      new Promise((resolve, reject) => {
        // Over a pair in memory a server that waits already answers within `connect`, which would miss the end of the handshake:
        // nothing leaves before we listen.
        plain.cork()
        const socket = connect({ socket: plain, ca: ca.certificatePem, servername: 'mx.home.test' })
        socket.once('secureConnect', () => resolve(socket)).once('error', reject)
        plain.uncork()
      }),
    async listen(overrides = {}) {
      const listener = await listen({
        host: '127.0.0.1',
        port: 0,
        log: silentLog,
        graceMs: 200,
        onConnection: (connection, client, signal) =>
          serveSmtp(connection, { ...options, ...overrides, client }, signal),
      })
      listeners.push(listener)
      return listener
    },
    async [Symbol.asyncDispose]() {
      for (const listener of listeners) await listener.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}
