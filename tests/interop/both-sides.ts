/** What a synchronizer must make equal: the messages and flags of an account, and those of a folder of maildirs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImapFlow } from 'imapflow'
import type { TestLetter } from './letters.ts'
import { flowTo, type MailboxAt } from './mailbox.ts'

/** By mailbox: each copy as `mark FLAGS`, sorted, with the letters a maildir has for flags (DFRST). */
export type Side = Readonly<Record<string, readonly string[]>>

const letterOf: Readonly<Record<string, string>> = {
  '\\Draft': 'D',
  '\\Flagged': 'F',
  '\\Answered': 'R',
  '\\Seen': 'S',
  '\\Deleted': 'T',
}

/** A logged-in session over verified TLS; closed with the scope. */
export async function openSession(scope: AsyncDisposableStack, at: MailboxAt): Promise<ImapFlow> {
  const client = flowTo(at, { disableAutoIdle: true })
  await client.connect()
  scope.defer(() => client.close())
  return client
}

export async function farSide(client: ImapFlow, mailboxes: readonly string[]): Promise<Side> {
  const side: Record<string, readonly string[]> = {}
  for (const mailbox of mailboxes) {
    const { exists } = await client.mailboxOpen(mailbox, { readOnly: true })
    const messages = exists === 0 ? [] : await client.fetchAll('1:*', { flags: true, headers: ['message-id'] })
    side[mailbox] = messages.map(({ flags, headers }) => entry(headers, [...(flags ?? [])])).sort()
    await client.mailboxClose()
  }
  return side
}

function entry(message: Buffer | undefined, flags: readonly string[]): string {
  const letters = flags.map(flag => letterOf[flag] ?? '').sort()
  return `${markIn(message ?? Buffer.alloc(0))} ${letters.join('')}`
}

/** `maildir` tells a mailbox's folder */
export function nearSide(maildir: (mailbox: string) => string, mailboxes: readonly string[]): Side {
  return Object.fromEntries(
    mailboxes.map(mailbox => {
      const files = filesIn(maildir(mailbox))
      return [mailbox, files.map(file => `${markIn(readFileSync(file))} ${flagsOf(file)}`).sort()]
    }),
  )
}

export function filesIn(maildir: string): readonly string[] {
  return ['cur', 'new'].flatMap(part => {
    const folder = join(maildir, part)
    return existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : []
  })
}

/** The flags in a maildir file's name, such as `FS` */
export function flagsOf(file: string): string {
  return /:2,(\w*)$/.exec(file)?.[1] ?? ''
}

export function fileOf(maildir: string, { mark }: TestLetter): string {
  const found = filesIn(maildir).filter(file => readFileSync(file).includes(mark))
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${mark} is there ${found.length} times`)
  return found[0]
}

/** The UID of the one copy in the selected mailbox */
export async function uidOf(client: ImapFlow, { mark }: TestLetter): Promise<string> {
  const found = await client.search({ header: { 'message-id': mark } }, { uid: true })
  if (!Array.isArray(found) || found.length !== 1) throw new Error(`${mark} is not there once: ${String(found)}`)
  return String(found[0])
}

function markIn(message: Buffer): string {
  return /^Message-ID: <(mark-[^@]+)@/im.exec(message.toString('latin1'))?.[1] ?? 'no mark'
}
