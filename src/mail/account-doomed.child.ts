/** Run by account-doomed.test.ts: fills a mailbox, empties it, says so, and is killed. */
import { writeSync } from 'node:fs'
import { deletedFlag, isRefusal } from './account.ts'
import { accountId, letter, largeLetter, testOptions } from './accounts.testbed.ts'
import { openAccounts } from './accounts.ts'

const [folder = ''] = process.argv.slice(2)
const accounts = await openAccounts(testOptions(folder, { writerThreads: 1 }))
const id = accountId(1)
await accounts.createAccount(id, 'en')
const account = await accounts.account(id)
const inbox = await account.mailboxNamed('INBOX')
const archive = await account.mailboxNamed('Archive')
if (!inbox || !archive) throw new Error('The mailboxes are missing')
const flags = { mode: 'replace', system: 0, keywords: [] } as const
const messages = Array.from({ length: 500 }, (_, number) => ({
  message: number % 100 === 50 ? largeLetter(200_000) : letter(`secret${number}`),
  flags,
  internalDate: 1,
}))
const placed = await account.append(inbox.id, messages)
if (isRefusal(placed)) throw new Error(placed.refused)
// the last two stay, elsewhere
const kept = placed.slice(-2).map(({ uid }) => uid)
await account.copy(inbox.id, kept, archive.id)
await accounts.indexed(id)
await account.changeFlags(
  inbox.id,
  placed.map(({ uid }) => uid),
  { mode: 'add', system: deletedFlag, keywords: [] },
)
const { expunged } = await account.expunge(inbox.id)
writeSync(1, `${Array.from(expunged).join(':')} ${placed.map(({ emailId }) => emailId).join(',')}\n`)
setInterval(() => undefined, 1000)
