/** What the tests of POP3 share: a server on a real store, directory and logins, on a free port of 127.0.0.1. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect as netConnect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import type { Account } from '#mail/account.ts'
import { createAuthenticator } from '#mail/auth-authenticator.ts'
import { openDirectory } from '#mail/directory/open.ts'
import type { OpenDirectory } from '#mail/directory/open.ts'
import { silentEvents } from '#mail/events.ts'
import { openPasswords } from '#mail/passwords/passwords.ts'
import { Connection } from '#net/connection.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { withDataFolder } from '../mailbox-server.testbed.ts'
import { servePop3, type Pop3Options } from './server.ts'

export const address = 'yuki@home.test'
export const password = 'fifty-three stations'

export type Testbed = {
  readonly account: Account
  readonly directory: OpenDirectory
  readonly options: Pop3Options
  readonly stop: AbortController
  /** The client's end of a new connection */
  connect(): Duplex
  startTls(plain: Duplex): Promise<Duplex>
  /** Into the inbox unless told otherwise */
  deliver(message: string | Uint8Array, mailbox?: string): Promise<void>
  inboxSize(): Promise<number>
}

/** One user with an empty inbox. Logins without TLS are allowed unless `changes` say otherwise. */
export async function withPop3(
  act: (bed: Testbed) => Promise<void>,
  changes: Partial<Pop3Options> = {},
): Promise<void> {
  await withDataFolder('pop3', async (accounts, folder) => {
    const stop = new AbortController()
    const sessions: Promise<void>[] = []
    await using passwords = openPasswords()
    await using directory = await openDirectory({
      folder,
      clock: systemClock,
      passwords,
      createAccount: (id, language) => accounts.createAccount(id, language),
    })
    using authenticator = createAuthenticator({
      directory,
      passwords,
      clock: systemClock,
      log: silentLog,
      events: silentEvents,
      scramKey: new Uint8Array(32),
    })
    await directory.addDomain('home.test')
    const user = await directory.addUser({ address, password, language: 'ja' })
    if ('refused' in user) throw new Error(user.refused)
    const account = await accounts.account(user.account)
    const ca = await openLocalCa(join(folder, 'ca'))
    const pair = await ca.issueServer(['home.test'])
    const options: Pop3Options = {
      accounts,
      authenticator,
      hostname: 'home.test',
      log: silentLog,
      tls: () => pair,
      allowPlaintextLogin: true,
      async preferencesOf(id) {
        const found = await directory.userOf(id)
        return { mailbox: found?.pop3Mailbox ?? 'INBOX', language: found?.language ?? 'en' }
      },
      ...changes,
    }
    const server = createServer({ allowHalfOpen: true }, socket => {
      const facts = { clientAddress: socket.remoteAddress ?? '' }
      sessions.push(servePop3(new Connection(socket), facts, options, stop.signal))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    await using closing = {
      async [Symbol.asyncDispose]() {
        stop.abort()
        await new Promise<void>(resolve => server.close(() => resolve()))
      },
    }
    void closing
    const { port } = server.address() as AddressInfo
    await act({
      account,
      directory,
      options,
      stop,
      connect: () => netConnect(port, '127.0.0.1').on('error', () => undefined),
      async startTls(plain) {
        const secure = tlsConnect({ socket: plain as Socket, servername: 'home.test', ca: ca.certificatePem })
        await once(secure, 'secureConnect')
        return secure
      },
      deliver: (message, mailbox = 'INBOX') => deliver(account, message, mailbox),
      inboxSize: async () => (await account.mailboxNamed('INBOX'))?.messages ?? -1,
    })
    stop.abort()
    await Promise.all(sessions)
  })
}

async function deliver(account: Account, message: string | Uint8Array, name: string): Promise<void> {
  const mailbox = await account.mailboxNamed(name)
  if (!mailbox) throw new Error(`There is no ${name}`)
  const placed = await account.append(mailbox.id, [
    {
      message: memorySource(typeof message === 'string' ? Buffer.from(message) : message),
      flags: { mode: 'replace', system: 0, keywords: [] },
      internalDate: Date.UTC(2026, 0, 1),
    },
  ])
  if ('refused' in placed) throw new Error(placed.refused)
}

/** A message of exactly so many octets. */
export function letterOf(octets: number): string {
  const head = 'From: a@example.org\r\nSubject: letter\r\n\r\n'
  return `${head}${'x'.repeat(octets - head.length - 2)}\r\n`
}
