/** Administration of an installation that is stopped: the same operations on the data folder itself, under its lock. */
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Config } from '#config/schema.ts'
import { createAccess } from '#mail/access/access.ts'
import { openAccounts } from '#mail/accounts.ts'
import { createAuthenticator } from '#mail/auth-authenticator.ts'
import { openDirectory } from '#mail/directory/open.ts'
import { createEvents } from '#mail/events-store.ts'
import { openPasswords } from '#mail/passwords/passwords.ts'
import { openDkimKeys } from '#mail/signing/dkim-keys.ts'
import { createResolver } from '#net/dns.ts'
import { openDataFolder } from '#store/data-folder.ts'
import type { AdminServices } from './admin-operation.ts'
import { boxName } from './surroundings.ts'

/** Throws `DataFolderRefusal` when the lock is taken. */
export async function openOffline(config: Config): Promise<AdminServices & AsyncDisposable> {
  await using scope = new AsyncDisposableStack()
  const folder = scope.use(openDataFolder(config.data))
  const box = boxName(config)
  const events = scope.use(
    await createEvents({ file: join(folder.path, 'trace.db'), box, clock: systemClock, log: silentLog }),
  )
  const people = config.role.includes('home') ? await openPeople(config, folder, events, scope) : {}
  const opened = scope.move()
  return { box, config, queues: [], events, ...people, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

async function openPeople(
  config: Config,
  folder: ReturnType<typeof openDataFolder>,
  events: Awaited<ReturnType<typeof createEvents>>,
  scope: AsyncDisposableStack,
): Promise<Pick<AdminServices, 'access' | 'directory' | 'dkim' | 'login' | 'scripts'>> {
  const accounts = scope.use(
    await openAccounts({
      folder: join(folder.path, 'accounts'),
      log: silentLog,
      clock: systemClock,
      quotaOf: () => undefined,
      writerThreads: 1,
      readerThreads: 1,
      diskReserveBytes: config.home.accounts.diskReserve,
      maxScriptBytes: config.home.sieve.scriptSize,
    }),
  )
  const passwords = scope.use(openPasswords())
  const directory = scope.use(
    await openDirectory({
      folder: folder.path,
      clock: systemClock,
      passwords,
      createAccount: (id, language) => accounts.createAccount(id, language),
      scramHashes: config.home.scramSha1 ? ['sha-256', 'sha-1'] : ['sha-256'],
    }),
  )
  const resolver = createResolver(config.dns.servers.length > 0 ? { servers: config.dns.servers } : {})
  const keys = { folder: join(folder.path, 'dkim'), txt: resolver.txt, clock: systemClock, log: silentLog }
  const dkim = scope.use(await openDkimKeys({ ...keys, lookEveryMs: 0 }))
  const scramKey = folder.deriveKey('scram')
  const key = folder.deriveKey('access')
  const access = scope.use(createAccess({ rows: directory.access, clock: systemClock, key }))
  const authenticator = scope.use(
    createAuthenticator({
      directory,
      passwords,
      clock: systemClock,
      log: silentLog,
      events,
      scramKey,
      appPasswords: access.appPasswords,
    }),
  )
  return {
    directory,
    access,
    dkim,
    scripts: accounts.scripts,
    login: (address, password) => authenticator.password(address, password, ownAttempt),
  }
}

/** A test from the command line: from this machine, under no protocol of the network. */
export const ownAttempt = {
  clientAddress: '127.0.0.1',
  protocol: 'http',
  mechanism: 'PLAIN',
  session: 'command-line',
} as const
