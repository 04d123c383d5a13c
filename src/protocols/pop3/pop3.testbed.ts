/** What the tests of POP3 share: a server on a real store, directory and logins, on a free port of 127.0.0.1. */
import { memorySource } from '#formats/message-source.ts'
import type { Account } from '#mail/account.ts'
import { type Served, withLoginServer } from '../mailbox-server.testbed.ts'
import { type Pop3Options, servePop3 } from './server.ts'

export { address, password } from '../mailbox-server.testbed.ts'

export type Testbed = Omit<Served<Pop3Options>, 'account'> & {
  readonly account: Account
  /** Into the inbox unless told otherwise */
  deliver(message: string | Uint8Array, mailbox?: string): Promise<void>
  inboxSize(): Promise<number>
}

/** One user with an empty inbox. Logins without TLS are allowed unless `changes` say otherwise. */
export async function withPop3(
  act: (bed: Testbed) => Promise<void>,
  changes: Partial<Pop3Options> = {},
): Promise<void> {
  await withLoginServer<Pop3Options>(
    { name: 'pop3', language: 'ja' },
    servePop3,
    (common, accounts, directory) => ({
      ...common,
      accounts,
      async preferencesOf(id) {
        const found = await directory.userOf(id)
        return { mailbox: found?.pop3Mailbox ?? 'INBOX', language: found?.language ?? 'en' }
      },
      ...changes,
    }),
    async served => {
      const account = await served.accounts.account(served.account)
      await act({
        ...served,
        account,
        deliver: (message, mailbox = 'INBOX') => deliver(account, message, mailbox),
        inboxSize: async () => (await account.mailboxNamed('INBOX'))?.messages ?? -1,
      })
    },
  )
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
