/** An account whose script files a copy and sends another out for each message that an IMAP session appends; scripts run. */
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { utf8 } from '#base/bytes.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import type { AccountRefusal, Placed } from '../account.ts'
import { openAccounts, type OpenAccounts } from '../accounts.ts'
import { testOptions } from '../accounts.testbed.ts'
import type { AccountId } from '../ids.ts'
import { testSievePorts } from './ports.testbed.ts'
import { createImapEvents, type ImapEvents } from './run.ts'

export const testId = 'aaaaaaaaaaaaaaaa' as AccountId

const script = `require ["imapsieve", "fileinto", "copy", "imap4flags"];
fileinto :copy "Archive"; fileinto :copy :flags "\\\\Flagged" "Trash"; redirect :copy "jiro@example.net"; addflag "$Seen";
`

export type EventsBed = AsyncDisposable & {
  readonly accounts: OpenAccounts
  readonly events: ImapEvents
  append(): Promise<readonly Placed[] | AccountRefusal>
}

export async function openEvents(folder: string): Promise<EventsBed> {
  await using scope = new AsyncDisposableStack()
  let events: ImapEvents | undefined
  const options = testOptions(join(folder, 'accounts'), { writerThreads: 1 })
  const accounts = scope.use(await openAccounts({ ...options, onImapEvents: account => events?.wake(account) }))
  await accounts.createAccount(testId, 'en')
  await accounts.scripts.put(testId, 'main', utf8(script))
  const ports = testSievePorts(accounts)
  events = scope.use(createImapEvents({ accounts, ports, hostname: 'home.test', clock: systemClock, log: silentLog }))
  const account = (await accounts.account(testId)).as('one', { login: 'hanako@home.test', script: 'main' })
  const inbox = await account.mailboxNamed('INBOX')
  if (!inbox) throw new Error('There is no inbox')
  let number = 0
  const opened = scope.move()
  return {
    accounts,
    events,
    append() {
      const text = `From: taro@example.org\r\nSubject: ${process.pid}.${++number}\r\n\r\nWords\r\n`
      const flags = { mode: 'add', system: 0, keywords: [] } as const
      return account.append(inbox.id, [{ message: memorySource(utf8(text)), flags, internalDate: 1_000_000 }])
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
