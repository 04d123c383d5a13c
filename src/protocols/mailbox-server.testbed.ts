/** What the test beds of IMAP, POP3 and ManageSieve share: a data folder with a real store of accounts in it, gone afterwards; a server with one user. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect as netConnect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { type Clock, systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Language } from '#base/text.ts'
import { type Access, createAccess } from '#mail/access/access.ts'
import { openAccounts, type AccountsOptions, type OpenAccounts } from '#mail/accounts.ts'
import { testOptions } from '#mail/accounts.testbed.ts'
import { createAuthenticator, type OpenAuthenticator } from '#mail/auth-authenticator.ts'
import { openDirectory, type OpenDirectory } from '#mail/directory/open.ts'
import { silentEvents } from '#mail/events.ts'
import type { AccountId } from '#mail/ids.ts'
import { openPasswords } from '#mail/passwords/passwords.ts'
import { Connection } from '#net/connection.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import type { ClientFacts, MailboxServerOptions } from './mailbox-server.ts'

export const address = 'yuki@home.test'
export const password = 'fifty-three stations'

export async function withDataFolder(
  name: string,
  act: (accounts: OpenAccounts, folder: string) => Promise<void>,
  options: Partial<AccountsOptions> = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `hikyaku-${name}-`))
  try {
    await using accounts = await openAccounts(testOptions(join(folder, 'accounts'), { writerThreads: 1, ...options }))
    await act(accounts, folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

type LoginServerOptions = Omit<MailboxServerOptions, 'accounts' | 'events'>
export type CommonOptions = LoginServerOptions & { readonly authenticator: OpenAuthenticator; readonly access: Access }

export type Served<Options> = {
  readonly accounts: OpenAccounts
  /** The user's */
  readonly account: AccountId
  readonly directory: OpenDirectory
  readonly access: Access
  readonly options: Options
  readonly port: number
  /** PEM */
  readonly ca: string
  readonly stop: AbortController
  /** The client's end of a new connection */
  connect(): Duplex
  startTls(plain: Duplex): Promise<Duplex>
}

/** A server on a free port of 127.0.0.1, with one user, a directory and logins that are real. Logins without TLS are allowed unless the options say otherwise. */
export async function withLoginServer<Options extends LoginServerOptions>(
  {
    name,
    language,
    accountsOptions,
    clock,
  }: {
    readonly name: string
    readonly language?: Language
    readonly accountsOptions?: Partial<AccountsOptions>
    /** Of sessions and the like */
    readonly clock?: Clock | undefined
  },
  serve: (connection: Connection, facts: ClientFacts, options: Options, stop: AbortSignal) => Promise<void>,
  optionsFrom: (common: CommonOptions, accounts: OpenAccounts, directory: OpenDirectory) => Options,
  act: (served: Served<Options>) => Promise<void>,
): Promise<void> {
  await withDataFolder(
    name,
    async (accounts, folder) => {
      const stop = new AbortController()
      const sessions: Promise<void>[] = []
      await using passwords = openPasswords()
      await using directory = await openDirectory({
        folder,
        clock: systemClock,
        passwords,
        createAccount: (id, spoken) => accounts.createAccount(id, spoken),
      })
      using access = createAccess({ rows: directory.access, clock: clock ?? systemClock, key: new Uint8Array(32) })
      using authenticator = createAuthenticator({
        appPasswords: access.appPasswords,
        directory,
        passwords,
        clock: systemClock,
        log: silentLog,
        events: silentEvents,
        scramKey: new Uint8Array(32),
      })
      await directory.addDomain('home.test')
      const user = await directory.addUser({ address, password, ...(language && { language }) })
      if ('refused' in user) throw new Error(user.refused)
      const ca = await openLocalCa(join(folder, 'ca'))
      const pair = await ca.issueServer(['home.test'])
      const common = {
        authenticator,
        access,
        hostname: 'home.test',
        log: silentLog,
        tls: () => pair,
        allowPlaintextLogin: true,
      }
      const options = optionsFrom(common, accounts, directory)
      const server = createServer({ allowHalfOpen: true }, socket => {
        const facts = { clientAddress: socket.remoteAddress ?? '' }
        sessions.push(serve(new Connection(socket), facts, options, stop.signal))
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
        accounts,
        account: user.account,
        directory,
        access,
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
    },
    accountsOptions,
  )
}
