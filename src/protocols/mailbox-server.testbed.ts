/** What the test beds of IMAP and POP3 share: a data folder with a real store of accounts in it, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAccounts, type AccountsOptions, type OpenAccounts } from '#mail/accounts.ts'
import { testOptions } from '#mail/accounts.testbed.ts'

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
    await rm(folder, { recursive: true, force: true })
  }
}
