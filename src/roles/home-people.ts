/** Who may do what at home: users and aliases, their passwords, app passwords and sessions, and what everybody may keep. */
import { type Access, createAccess } from '#mail/access/access.ts'
import type { OpenAccounts } from '#mail/accounts.ts'
import { createAuthenticator, type OpenAuthenticator } from '#mail/auth-authenticator.ts'
import { type OpenDirectory, openDirectory } from '#mail/directory/open.ts'
import type { AccountId } from '#mail/ids.ts'
import { openPasswords } from '#mail/passwords/passwords.ts'
import { keepRecipientListWritten } from '#mail/recipient-list-file.ts'
import type { Surroundings } from './surroundings.ts'

export type HomePeople = {
  readonly directory: OpenDirectory
  readonly access: Access
  readonly authenticator: OpenAuthenticator
}

export type PeopleParts = {
  readonly accounts: OpenAccounts
  /** Kept as the directory has them, octets */
  readonly quotas: Map<AccountId, number>
}

export async function openHomePeople(
  { clock, config, events, folder, log }: Surroundings,
  { accounts, quotas }: PeopleParts,
  scope: AsyncDisposableStack,
): Promise<HomePeople> {
  const passwords = scope.use(openPasswords())
  const directory = scope.use(
    await openDirectory({
      folder: folder.path,
      clock,
      passwords,
      createAccount: (id, language) => accounts.createAccount(id, language),
      scramHashes: config.home.scramSha1 ? ['sha-256', 'sha-1'] : ['sha-256'],
    }),
  )
  scope.use(await followQuotas(directory, quotas))
  const access = scope.use(createAccess({ rows: directory.access, clock, key: folder.deriveKey('access') }))
  const { appPasswords } = access
  const scramKey = folder.deriveKey('scram')
  const authenticator = scope.use(
    createAuthenticator({ directory, passwords, clock, log, events, scramKey, appPasswords }),
  )
  if (config.home.recipientsFile !== undefined)
    scope.use(await keepRecipientListWritten({ directory, file: config.home.recipientsFile, clock, log }))
  return { directory, access, authenticator }
}

/** Deliveries ask for quotas often: they are answered from memory. */
async function followQuotas(directory: OpenDirectory, quotas: Map<AccountId, number>): Promise<Disposable> {
  const read = async () => {
    const users = await directory.users()
    quotas.clear()
    for (const user of users) if (user.quotaBytes !== undefined) quotas.set(user.account, user.quotaBytes)
  }
  await read()
  return directory.watch(() => void read())
}
