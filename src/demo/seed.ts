/** Hanako, Taro and their letters, put into an empty home before it starts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { utf8 } from '#base/bytes.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { type Account, flaggedFlag, isRefusal, type MailboxRole, seenFlag } from '#mail/account.ts'
import { openAccounts } from '#mail/accounts.ts'
import { openDirectory } from '#mail/directory/open.ts'
import { openPasswords } from '#mail/passwords/passwords.ts'
import { writeRecipientList } from '#mail/recipient-list-file.ts'
import { openDataFolder } from '#store/data-folder.ts'

export const demoDomain = 'home.test'
export type DemoAccount = { readonly address: string; readonly name: string; readonly password: string }

export const demoAccounts: readonly DemoAccount[] = [
  { address: 'hanako@home.test', name: '花子', password: 'sakura-no-michi-7' },
  { address: 'taro@home.test', name: '太郎', password: 'yama-to-kawa-3' },
]

type LetterEntry = {
  readonly file: string
  readonly account: string
  readonly from: string
  readonly hoursAgo: number
  readonly mailbox: MailboxRole
  readonly seen: boolean
  readonly flagged: boolean
}

/**
 * Does nothing when the accounts are there already (a kept demo folder). The recipient list is written too: the gateway starts at
 * the same time as home, and must know its domains when it answers.
 */
export async function seedHome(dataFolder: string, recipientsFile: string): Promise<void> {
  await using scope = new AsyncDisposableStack()
  const folder = scope.use(openDataFolder(dataFolder))
  const accounts = scope.use(
    await openAccounts({
      folder: join(folder.path, 'accounts'),
      log: silentLog,
      clock: systemClock,
      quotaOf: () => undefined,
    }),
  )
  const passwords = scope.use(openPasswords())
  const directory = scope.use(
    await openDirectory({
      folder: folder.path,
      clock: systemClock,
      passwords,
      createAccount: (id, language) => accounts.createAccount(id, language),
    }),
  )
  if ((await directory.users()).length > 0) return
  expectDone(await directory.addDomain(demoDomain))
  for (const account of demoAccounts) {
    const user = await directory.addUser({ ...account, language: 'ja' })
    if ('refused' in user) throw new Error(`${account.address}: ${user.refused}`)
    await putLetters(await accounts.account(user.account), account.address)
  }
  await writeRecipientList(directory, recipientsFile)
}

function expectDone(value: object): void {
  if ('refused' in value) throw new Error(String(value.refused))
}

async function putLetters(account: Account, address: string): Promise<void> {
  const folder = new URL('letters/', import.meta.url)
  const entries = JSON.parse(await readFile(new URL('letters.json', folder), 'utf8')) as readonly LetterEntry[]
  const mailboxes = await account.mailboxes()
  const oldestFirst = entries.filter(entry => entry.account === address).sort((a, b) => b.hoursAgo - a.hoursAgo)
  for (const entry of oldestFirst) {
    const mailbox = mailboxes.find(({ role }) => role === entry.mailbox)
    if (!mailbox) throw new Error(`No mailbox ${entry.mailbox}`)
    const at = Date.now() - entry.hoursAgo * 3_600_000
    const placed = await account.append(mailbox.id, [
      {
        message: memorySource(dated(await readFile(new URL(entry.file, folder)), at)),
        flags: {
          mode: 'replace',
          system: (entry.seen ? seenFlag : 0) | (entry.flagged ? flaggedFlag : 0),
          keywords: entry.mailbox === 'junk' ? ['$Junk'] : [],
        },
        internalDate: at,
      },
    ])
    if (isRefusal(placed)) throw new Error(`${entry.file}: ${placed.refused}`)
  }
}

/** `@date@` becomes the letter's own date. RFC 5322 §3.3 */
function dated(bytes: Buffer, at: number): Uint8Array {
  const mark = bytes.indexOf('@date@')
  if (mark < 0) return bytes
  const date = `${new Date(at).toUTCString().replace('GMT', '+0000')}`
  return Buffer.concat([bytes.subarray(0, mark), utf8(date), bytes.subarray(mark + '@date@'.length)])
}
