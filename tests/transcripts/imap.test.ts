// The dialogues in src/protocols/imap/transcripts/, each against a server on a real store. Every connection is logged in as hanako
// unless the file says `@anonymous`. `@messages INBOX 5` and `@message INBOX Subject` put mail there,
// `@aged INBOX 3600`: it is so many seconds old. `@quota 2048` limits the account. `@quirk Outlook* IDLE,MOVE why`: what that
// client is not offered. `@script NAME TEXT` keeps a script, `@scripts-done` waits until those of IMAP events have run, `@server-script NAME` is the one of all other mailboxes. `@administrator`: hanako sets quotas, also that of aki@home.test. `@impatient`: progress is told as soon as a command begins.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Duplex } from 'node:stream'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { isRefusal } from '#mail/account.ts'
import type { ClientQuirk } from '#protocols/imap/client-quirks.ts'
import {
  otherAccount,
  testAccount,
  testAddress,
  testPassword,
  withImap,
  type Testbed,
} from '#protocols/imap/imap.testbed.ts'
import { LineClient } from '#protocols/imap/line-client.testbed.ts'
import { timerTicks, type Ticks } from '#protocols/imap/progress.ts'
import { runTranscript } from '../support/transcript.ts'

for (const file of globSync('src/protocols/imap/transcripts/*.txt').sort())
  test(basename(file), () => withImap(bed => play(bed, readFileSync(file, 'utf8'))))

async function play(bed: Testbed, transcript: string): Promise<void> {
  let isAnonymous = false
  let isImpatient = false
  const ticks: Ticks = (everyMs, tick) => {
    if (isImpatient) tick()
    return timerTicks(everyMs, tick)
  }
  const quirks: ClientQuirk[] = []
  await runTranscript(transcript, {
    connect: () => (isAnonymous ? bed.connect({ quirks, ticks }) : loggedIn(bed.connect({ quirks, ticks }))),
    async prepare([name, mailbox = '', ...rest]) {
      if (name === 'anonymous') isAnonymous = true
      else if (name === 'impatient') isImpatient = true
      else if (name === 'messages')
        for (let n = 1; n <= Number(rest[0]); n += 1) await put(bed, mailbox, `Message ${n}`)
      else if (name === 'message') await put(bed, mailbox, rest.join(' '))
      else if (name === 'aged') await put(bed, mailbox, `Aged ${rest[0]}`, Date.now() - Number(rest[0]) * 1000)
      else if (name === 'quota') bed.quota.limitBytes = mailbox === 'none' ? undefined : Number(mailbox)
      else if (name === 'script')
        assert.deepEqual(await bed.accounts.scripts.put(testAccount, mailbox, utf8(rest.join(' '))), {})
      else if (name === 'scripts-done') await bed.scriptsDone()
      else if (name === 'server-script') bed.serverScript.name = mailbox
      else if (name === 'administrator') {
        bed.administrates.on = mailbox !== 'off'
        if (mailbox !== 'off') await bed.accounts.createAccount(otherAccount, 'en')
      } else if (name === 'quirk') quirks.push(quirk(mailbox, rest))
      else assert.fail(`There is no @${name}`)
    },
  })
}

/** `NAME[/VERSION] OFF,OFF WHY` */
function quirk(client: string, [off = '', ...reason]: readonly string[]): ClientQuirk {
  const [name = '', version] = client.split('/')
  return { client: name, version, off: off.split(','), reason: reason.join(' ') }
}

async function loggedIn(stream: Duplex): Promise<Duplex> {
  using client = new LineClient(stream)
  await client.line()
  const [answer] = await client.command('login', `LOGIN ${testAddress} ${testPassword}`)
  assert.match(answer ?? '', /^login OK/)
  return stream
}

async function put(
  { accounts }: Testbed,
  name: string,
  subject: string,
  internalDate = Date.UTC(1996, 6, 17, 9, 44, 25),
): Promise<void> {
  const account = await accounts.account(testAccount)
  const mailbox = await account.mailboxNamed(name)
  assert.ok(mailbox)
  const head = `From: Aki <aki@internet.test>\r\nTo: hanako@home.test\r\nSubject: ${subject}\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n`
  const message = {
    message: memorySource(utf8(`${head}\r\nText of ${subject}\r\n`)),
    flags: { mode: 'add', system: 0, keywords: [] } as const,
    internalDate,
  }
  assert.ok(!isRefusal(await account.append(mailbox.id, [message])))
}
