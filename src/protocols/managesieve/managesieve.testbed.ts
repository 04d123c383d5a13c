/** What the tests of ManageSieve share: a server on a real store, directory and logins, on a free port of 127.0.0.1. */
import { type Served, withLoginServer } from '../mailbox-server.testbed.ts'
import { type ManageSieveOptions, serveManageSieve } from './server.ts'

export { address, password } from '../mailbox-server.testbed.ts'
export const maxScriptBytes = 100_000

export type Testbed = Served<ManageSieveOptions>

/** One user without scripts, whose language is English. Logins without TLS are allowed unless `changes` say otherwise. */
export async function withManageSieve(
  act: (bed: Testbed) => Promise<void>,
  changes: Partial<ManageSieveOptions> = {},
): Promise<void> {
  await withLoginServer<ManageSieveOptions>(
    { name: 'managesieve' },
    serveManageSieve,
    (common, accounts, directory) => ({
      ...common,
      scripts: accounts.scripts,
      features: {
        extensions: ['fileinto', 'vacation'],
        notifyMethods: ['mailto'],
        maxRedirects: 4,
        listSchemes: ['tag', 'urn'],
      },
      maxScriptBytes,
      languageOf: async id => (await directory.userOf(id))?.language ?? 'en',
      ...changes,
    }),
    act,
  )
}
