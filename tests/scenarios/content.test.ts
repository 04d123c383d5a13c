// A person's way with junk: it arrives, is moved to Junk a few times, the next one like it goes there by itself and says why; moved back, it learns.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { ImapFlow } from 'imapflow'
import { makeLetters } from '../support/letter-generator.ts'
import { bringByLmtp } from './bring.ts'
import { folderOf, freePort, type Running, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'

const user = 'hanako@home.test'
const password = 'four-couriers-by-night'

async function startHome(t: TestContext, content = ''): Promise<{ readonly home: Running; readonly folder: string }> {
  const folder = await folderOf(t)
  const yaml = `role: home
hostname: mail.home.test
data: ./data
tls: { localCa: true }
listen:
  - { service: lmtp, address: 127.0.0.1, port: 0, tls: off, unauthenticated: true }
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
${content}`
  const home = await serve(t, { folder, yaml, before: file => withUser(file, user, password) })
  return { home, folder }
}

const bring = (home: Running, text: string) => bringByLmtp(home.port('lmtp'), user, text)

async function openImap(t: TestContext, home: Running): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: home.port('imap'),
    secure: false,
    doSTARTTLS: false,
    auth: { user, pass: password },
    logger: false,
  })
  await client.connect()
  t.after(() => client.close())
  return client
}

const junkOf = (topic: string, seed: number) =>
  makeLetters(seed, 300).filter(letter => letter.kind === 'junk' && letter.topic === topic)

test('junk arrives, is moved, is known the next time with its reasons in words, and is unlearnt when moved back', async t => {
  const { home, folder } = await startHome(t)
  const imap = await openImap(t, home)
  const prizes = junkOf('prize', 11)
  const good = makeLetters(12, 20).filter(({ kind }) => kind === 'ham')
  for (const letter of [...good.slice(0, 6), ...prizes.slice(0, 5)])
    assert.match(await bring(home, letter.text), /^250 /)
  await imap.mailboxOpen('INBOX')
  assert.equal(imap.mailbox && imap.mailbox.exists, 11, 'an account that knows nothing takes all of it for good')
  await imap.messageFlagsAdd('1:6', ['\\Seen'])
  await imap.messageMove('7:11', 'Junk')
  await until('it has learnt', () => home.said('Learnt from mail that was moved or marked').length > 0)

  const { code, out } = await home.command('junk', 'status', user)
  assert.equal(code, 0)
  assert.match(out, /Learnt from 5 junk letters and 6 others/)

  // the next one like them
  const next = prizes[6]?.text ?? ''
  await bring(home, next)
  await bring(home, good[7]?.text ?? '')
  const status = await imap.status('Junk', { messages: true, uidNext: true })
  assert.equal(status && status.messages, 6)
  const messageId = /^Message-ID: (<.*>)\r?$/m.exec(next)?.[1] ?? ''
  const why = await home.command('junk', 'why', user, messageId)
  assert.match(why.out, /^Junk \d+$/m)
  assert.match(why.out, /^Junk: [\d.]+ points; junk from 5 on\.$/m)
  assert.match(why.out, /It is like letters that you moved to Junk \(.*\); learnt from 5 of those and 6 others\./)
  const japanese = await home.command('junk', 'why', user, '6', '--mailbox', 'Junk', '--language', 'ja')
  assert.match(japanese.out, /迷惑メールに移したメールに似ています\(「.+」\)。/)

  // the field stands in the message, and an imitation does not survive
  await imap.mailboxOpen('Junk')
  const message = await imap.fetchOne('6', { source: true })
  assert.match(String(message && message.source), /^X-Hikyaku-Junk: yes score=/m)
  await bring(home, `X-Hikyaku-Junk: no score=-9 from=5 spamtest=1 virustest=1\n${prizes[7]?.text}`)
  await imap.noop()
  const forged = await imap.fetchOne('7', { source: true })
  assert.ok(!String(forged && forged.source).includes('score=-9'))

  // moved back: it counts as good now
  const lessons = () => home.said('Learnt from mail that was moved or marked').length
  const before = lessons()
  await imap.messageMove('6', 'INBOX')
  await until('it has learnt that too', () => lessons() > before)
  assert.match((await home.command('junk', 'status', user)).out, /Learnt from 5 junk letters and 7 others/)
  const traced = await home.command('trace', messageId)
  assert.match(traced.out, /the junk filter learnt from it/)

  // letters from files, and starting over
  const file = join(folder, 'letter.eml')
  await writeFile(file, junkOf('loan', 13)[0]?.text ?? '')
  assert.match((await home.command('junk', 'train', user, file, '--junk')).out, /learnt from 1 of 1/)
  assert.match((await home.command('junk', 'train', user, file, '--junk')).out, /learnt from 0 of 1/)
  assert.equal((await home.command('junk', 'train', user, file)).code, 2)
  assert.equal((await home.command('junk', 'forget', user)).code, 0)
  assert.match((await home.command('junk', 'status', user)).out, /Learnt from 0 junk letters and 0 others/)
  await bring(home, prizes[8]?.text ?? '')
  const inbox = await imap.status('INBOX', { messages: true })
  assert.equal(inbox && inbox.messages, 9)
})

test('refused for its points, kept, and delivered after all by the owner: once', async t => {
  const { home } = await startHome(t, 'home: { content: { rejectFrom: 50 } }\n')
  const gtube = `From: Aki <aki@internet.test>
To: ${user}
Subject: A test of filters
Date: Fri, 27 Nov 2026 02:00:00 +0000
Message-ID: <gtube@internet.test>

XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X
`
  assert.match(await bring(home, gtube), /^550 5\.7\.1 /)
  assert.match(await bring(home, gtube), /^550 5\.7\.1 /)
  const list = await home.command('refused', 'ls')
  const id = /^([0-9a-f]{10})\s.*aki@internet\.test.*A test of filters/m.exec(list.out)?.[1] ?? ''
  assert.notEqual(id, '', list.out)
  assert.match(
    (await home.command('refused', 'show', id)).out,
    /2 ×[^]*\+1000 {2}It holds the string by which filters are tried/,
  )
  assert.match((await home.command('refused', 'deliver', id)).out, /delivered/)
  assert.match((await home.command('refused', 'deliver', id)).out, /it had been delivered already/)
  const imap = await openImap(t, home)
  const inbox = await imap.status('INBOX', { messages: true })
  assert.equal(inbox && inbox.messages, 1)
  const { out } = await home.command('junk', 'status', user)
  assert.match(out, /1 known correspondents/)
  assert.equal((await home.command('refused', 'rm', 'ffffffffff')).code, 1)
})

test('a scanner that is not there: mail is delivered with the reason, told once; deferred where the owner says so, from the next reload on', async t => {
  const port = await freePort()
  const content = (whenAbsent: string) =>
    `home: { content: { clamav: { address: "127.0.0.1:${port}", whenAbsent: ${whenAbsent} } } }\n`
  const { home } = await startHome(t, content('deliver'))
  const letters = makeLetters(5, 8).filter(({ kind }) => kind === 'ham')
  for (const { text } of letters.slice(0, 3)) assert.match(await bring(home, text), /^250 /)
  assert.equal(home.said('A scanner does not answer; until it does, mail is delivered without it').length, 1)
  assert.match((await home.command('junk', 'why', user, '1', '--mailbox', 'INBOX')).out, /ClamAV did not answer\./)
  assert.match((await home.command('status')).out, /ClamAV has not answered for/)
  const { readFile } = await import('node:fs/promises')
  const yaml = await readFile(home.file, 'utf8')
  await home.reread(yaml.replace('whenAbsent: deliver', 'whenAbsent: defer'))
  assert.match(await bring(home, letters[3]?.text ?? ''), /^4\d\d /)
  await home.reread(yaml.replace(/^home: .*$/m, ''))
  assert.match(await bring(home, letters[3]?.text ?? ''), /^250 /)
})
