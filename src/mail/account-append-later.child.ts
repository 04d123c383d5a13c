/** Run by account-append-later.test.ts: appends many messages, prints what was answered and is killed with the answer. */
import { writeSync } from 'node:fs'
import { isRefusal } from './account.ts'
import { accountId, letter, testOptions } from './accounts.testbed.ts'
import { openAccounts } from './accounts.ts'

const [folder = '', count = '0'] = process.argv.slice(2)
const accounts = await openAccounts(testOptions(folder))
const account = await accounts.account(accountId(1))
const inbox = await account.mailboxNamed('INBOX')
if (!inbox) throw new Error('No inbox')
const flags = { mode: 'replace', system: 4, keywords: [] } as const
const messages = Array.from({ length: Number(count) }, (_, number) => ({
  message: letter(`Many ${number}`, 'x'.repeat(3000), `many.${number}.${process.pid}@example.org`),
  flags,
  internalDate: 1_700_000_000_000 + number,
}))
const placed = await account.append(inbox.id, messages)
if (isRefusal(placed)) throw new Error(placed.refused)
writeSync(1, placed.map(({ uid }) => uid).join(','))
process.kill(process.pid, 'SIGKILL')
