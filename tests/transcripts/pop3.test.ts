// Dialogues as text, each on a fresh server with two letters of 120 and 200 octets; the user's language is Japanese.
// `*.tls.txt`: no login without TLS. What goes on beside a session, `MAILBOX` with the message's number in it:
//
//     @deliver MAILBOX OCTETS     @create MAILBOX       @drop MAILBOX        that is the user's drop now
//     @flag MAILBOX N             @expunge MAILBOX N    @move MAILBOX N TO   as IMAP does it
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import test from 'node:test'
import { runTranscript } from '../support/transcript.ts'
import { deletedFlag } from '#mail/account.ts'
import type { MailboxId, Uid } from '#mail/ids.ts'
import { address, letterOf, withPop3, type Testbed } from '#protocols/pop3/pop3.testbed.ts'

for (const file of globSync('src/protocols/pop3/transcripts/*.txt').sort())
  test(basename(file), () =>
    withPop3(
      async bed => {
        await bed.deliver(letterOf(120))
        await bed.deliver(letterOf(200))
        await runTranscript(readFileSync(file, 'utf8'), {
          connect: () => bed.connect(),
          startTls: bed.startTls,
          prepare: words => beside(bed, words),
        })
      },
      { allowPlaintextLogin: !file.endsWith('.tls.txt') },
    ),
  )

async function beside(bed: Testbed, [what, name = '', number = '', to = '']: readonly string[]): Promise<void> {
  const { account } = bed
  if (what === 'create') return void (await account.createMailbox(name))
  if (what === 'drop') return void (await bed.directory.setPop3Mailbox(address, name))
  if (what === 'deliver') return bed.deliver(letterOf(Number(number)), name)
  const mailbox = await account.mailboxNamed(name)
  const uid = mailbox && (await uidOf(bed, mailbox.id, Number(number)))
  if (!mailbox || uid === undefined) throw new Error(`There is no message ${number} in ${name}`)
  if (what === 'move') {
    const target = await account.mailboxNamed(to)
    if (!target) throw new Error(`There is no ${to}`)
    return void (await account.move(mailbox.id, [uid], target.id))
  }
  await account.changeFlags(mailbox.id, [uid], { mode: 'add', system: deletedFlag, keywords: [] })
  if (what === 'expunge') await account.expunge(mailbox.id, [uid])
  else if (what !== 'flag') throw new Error(`Nothing is known of @${what}`)
}

async function uidOf({ account }: Testbed, mailbox: MailboxId, number: number): Promise<Uid | undefined> {
  using view = await account.open(mailbox)
  return view && number <= view.length ? view.uid(number - 1) : undefined
}
