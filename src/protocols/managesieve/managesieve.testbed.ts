/** What the tests of ManageSieve share: a server on a real store, directory and logins, on a free port of 127.0.0.1. */
import { once } from 'node:events'
import { connect as netConnect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { OpenAccounts } from '#mail/accounts.ts'
import { createAuthenticator } from '#mail/auth-authenticator.ts'
import { openDirectory, type OpenDirectory } from '#mail/directory/open.ts'
import { silentEvents } from '#mail/events.ts'
import type { AccountId } from '#mail/ids.ts'
import { openPasswords } from '#mail/passwords/passwords.ts'
import { Connection } from '#net/connection.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { withDataFolder } from '../mailbox-server.testbed.ts'
import { serveManageSieve, type ManageSieveOptions } from './server.ts'

export const address = 'yuki@home.test'
export const password = 'fifty-three stations'
export const maxScriptBytes = 100_000

export type Testbed = {
  readonly account: AccountId
  readonly accounts: OpenAccounts
  readonly directory: OpenDirectory
  readonly options: ManageSieveOptions
  readonly port: number
  readonly ca: string
  readonly stop: AbortController
  /** The client's end of a new connection */
  connect(): Duplex
  startTls(plain: Duplex): Promise<Duplex>
}

/** One user without scripts, whose language is English. Logins without TLS are allowed unless `changes` say otherwise. */
export async function withManageSieve(
  act: (bed: Testbed) => Promise<void>,
  changes: Partial<ManageSieveOptions> = {},
): Promise<void> {
  await withDataFolder('managesieve', async (accounts, folder) => {
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
    const user = await directory.addUser({ address, password })
    if ('refused' in user) throw new Error(user.refused)
    const ca = await openLocalCa(join(folder, 'ca'))
    const pair = await ca.issueServer(['home.test'])
    const options: ManageSieveOptions = {
      scripts: accounts.scripts,
      authenticator,
      hostname: 'home.test',
      log: silentLog,
      tls: () => pair,
      allowPlaintextLogin: true,
      features: { extensions: ['fileinto', 'vacation'], notifyMethods: ['mailto'], maxRedirects: 4 },
      maxScriptBytes,
      languageOf: async id => (await directory.userOf(id))?.language ?? 'en',
      ...changes,
    }
    const server = createServer({ allowHalfOpen: true }, socket => {
      const facts = { clientAddress: socket.remoteAddress ?? '' }
      sessions.push(serveManageSieve(new Connection(socket), facts, options, stop.signal))
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
      account: user.account,
      accounts,
      directory,
      options,
      port,
      ca: ca.certificatePem,
      stop,
      connect: () => netConnect(port, '127.0.0.1').on('error', () => undefined),
      async startTls(plain) {
        const secure = tlsConnect({ socket: plain as Socket, servername: 'home.test', ca: ca.certificatePem })
        await once(secure, 'secureConnect')
        return secure
      },
    })
    stop.abort()
    await Promise.all(sessions)
  })
}
