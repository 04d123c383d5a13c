/**
 * What happens in an account beside JMAP, as words in its transcripts. `NAME` becomes a variable with the email's id, `NAMEThread` with its thread's.
 *
 *     @letter MAILBOX NAME SUBJECT_WITH_UNDERSCORES [seen,flagged,…] [re=NAME] [at=2026-11-27T09:30:00Z]
 *     @copy NAME MAILBOX      @move NAME MAILBOX      @flags NAME +deleted -seen +$custom      @expunge MAILBOX
 *     @create MAILBOX   @delete MAILBOX   @rename MAILBOX MAILBOX   @subscribe MAILBOX   @unsubscribe MAILBOX      @mailbox NAME MAILBOX
 *     @renamescript NAME TO   @deletescript NAME
 *     @delivered NAME DELIVERY   @event JSON      a letter that came in, and a step of the trace
 *     @reported NAME JSON   a report on what was sent, whose blob is NAME (submission/report.testbed.ts)
 *     @quota OCTETS   @quota none      @alias ADDRESS   @script NAME TEXT   @activate NAME   @active NAME (tests/transcripts/jmap.test.ts)
 */
import assert from 'node:assert/strict'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import {
  type Account,
  answeredFlag,
  deletedFlag,
  draftFlag,
  type FlagChange,
  flaggedFlag,
  seenFlag,
} from '#mail/account.ts'
import type { MailboxId, Uid } from '#mail/ids.ts'
import { printEmailId, printMailboxId, printThreadId, readEmailId } from '#mail/object-ids.ts'

type Variables = Map<string, unknown>

const systemFlags: Readonly<Record<string, number>> = {
  seen: seenFlag,
  answered: answeredFlag,
  flagged: flaggedFlag,
  draft: draftFlag,
  deleted: deletedFlag,
}

export async function happens(
  account: Account,
  [what = '', ...words]: readonly string[],
  variables: Variables,
): Promise<void> {
  const [first = '', second = ''] = words
  switch (what) {
    case 'letter':
      return letter(account, words, variables)
    case 'copy':
    case 'move': {
      const place = await placeOf(account, first, variables)
      return well(await account[what](place.mailbox, [place.uid], await mailboxId(account, second)))
    }
    case 'flags': {
      const { mailbox, uid } = await placeOf(account, first, variables)
      for (const word of words.slice(1)) {
        const mode = word.startsWith('+') ? 'add' : 'remove'
        well(await account.changeFlags(mailbox, [uid], flagsOf([word.slice(1)], mode)))
      }
      return
    }
    case 'expunge':
      return void (await account.expunge(await mailboxId(account, first)))
    case 'create':
      return well(await account.createMailbox(first))
    case 'delete':
      return well(await account.deleteMailbox(first))
    case 'rename':
      return well(await account.renameMailbox(first, second))
    case 'subscribe':
    case 'unsubscribe':
      return account.subscribe(first, what === 'subscribe')
    case 'mailbox':
      return void variables.set(first, printMailboxId(await mailboxId(account, second)))
    default:
      throw new Error(`Nothing is known of @${what}`)
  }
}

async function letter(account: Account, words: readonly string[], variables: Variables): Promise<void> {
  const [mailbox = 'INBOX', name = '', subject = '', ...more] = words
  const option = (key: string) => more.find(word => word.startsWith(`${key}=`))?.slice(key.length + 1)
  const re = option('re')
  const references = re === undefined ? '' : `References: <${re}@internet.test>\r\n`
  const text = `From: Aki <aki@internet.test>\r\nTo: yuki@home.test\r\nSubject: ${re ? 'Re: ' : ''}${subject.replaceAll('_', ' ')}\r\nMessage-ID: <${name}@internet.test>\r\n${references}Date: Fri, 27 Nov 2026 09:00:00 +0900\r\n\r\nHello\r\n`
  const flags = more.find(word => !word.includes('='))?.split(',') ?? []
  const placed = await account.append(await mailboxId(account, mailbox), [
    {
      message: memorySource(utf8(text)),
      flags: flagsOf(flags, 'replace'),
      internalDate: Date.parse(option('at') ?? '2026-11-27T00:00:00Z'),
    },
  ])
  assert.ok(!('refused' in placed) && placed[0])
  const [row] = await account.emails([placed[0].emailId])
  variables.set(name, printEmailId(placed[0].emailId))
  variables.set(`${name}Thread`, row && printThreadId(row.threadId))
}

function flagsOf(words: readonly string[], mode: FlagChange['mode']): FlagChange {
  const system = words.reduce((bits, word) => bits | (systemFlags[word] ?? 0), 0)
  return { mode, system, keywords: words.filter(word => systemFlags[word] === undefined) }
}

/** `NAME`, or `NAME@MAILBOX` where it has several */
async function placeOf(
  account: Account,
  named: string,
  variables: Variables,
): Promise<{ mailbox: MailboxId; uid: Uid }> {
  const [name = '', where] = named.split('@')
  const email = readEmailId(String(variables.get(name)))
  assert.ok(email !== undefined, `${name} is no email`)
  const within = where === undefined ? undefined : await mailboxId(account, where)
  const placements = await account.read(reader => reader.placements(email))
  const placement = placements.find(({ mailbox }) => within === undefined || mailbox === within)
  assert.ok(placement, `${named} is nowhere`)
  return placement
}

async function mailboxId(account: Account, name: string): Promise<MailboxId> {
  const mailbox = await account.mailboxNamed(name)
  assert.ok(mailbox, `There is no mailbox ${name}`)
  return mailbox.id
}

function well(result: object): void {
  assert.ok(!('refused' in result), JSON.stringify(result))
}
