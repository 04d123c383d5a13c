// An owner's script on a running home: put there by ManageSieve, and each letter that comes by LMTP goes where the script says.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { ImapFlow } from 'imapflow'
import { bringByLmtp } from './bring.ts'
import { folderOf, hikyaku, type Running, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from './wire.ts'

const user = 'hanako@home.test'
const password = 'four-couriers-by-night'

const rules = `require ["fileinto", "mailbox", "imap4flags", "variables", "editheader", "duplicate", "ereject", "vacation",
  "envelope", "replace", "foreverypart", "mime", "include"];
if envelope "from" "" { keep; stop; }
if header :contains "subject" "again" { if duplicate { discard; stop; } }
if header :contains "subject" "unwanted" { ereject "no more of this"; stop; }
if header :matches "subject" "[*] *" { set :lower "list" "\${1}"; addflag "$List"; fileinto :create "Lists/\${list}"; stop; }
if header :contains "subject" "mark" { addheader "X-Marked" "\\\\o/"; setflag "\\\\Flagged"; keep; stop; }
if header :contains "subject" "attached" {
  foreverypart { if header :mime :subtype "content-type" "zip" { replace "removed"; } }
  fileinto :create "clean"; stop;
}
if header :contains "subject" "break" { set "x" "nowhere"; redirect "\${x}"; stop; }
include :personal "other";
if header :contains "subject" "away" { vacation :days 1 "明日まで不在です。"; }
`
const other = 'require ["fileinto", "mailbox"]; if header :contains "subject" "other" { fileinto :create "other"; }'

async function startHome(t: TestContext): Promise<{ home: Running; file: string }> {
  const folder = await folderOf(t)
  let file = ''
  const yaml = `role: home
hostname: mail.home.test
dns: { servers: ['127.0.0.1:1'] }
data: ./data
tls: { localCa: true }
listen:
  - { service: lmtp, address: 127.0.0.1, port: 0, tls: off, unauthenticated: true }
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
  - { service: managesieve, address: 127.0.0.1, port: 0 }
`
  const before = async (path: string) => {
    file = path
    await withUser(path, user, password)
  }
  const home = await serve(t, { folder, yaml, before })
  return { home, file }
}

async function putScripts(home: Running): Promise<void> {
  await using wire = await Wire.open(home.port('managesieve'))
  await wire.read(/^OK.*\r\n/m)
  wire.send('STARTTLS')
  await wire.read(/^OK.*\r\n/m)
  await wire.secure()
  await wire.read(/^OK.*\r\n/m)
  wire.send(`AUTHENTICATE "PLAIN" "${plain(user, password)}"`)
  await wire.read(/^OK.*\r\n/m)
  for (const [name, text] of [
    ['other', other],
    ['main', rules],
  ] as const) {
    wire.send(`PUTSCRIPT "${name}" {${Buffer.byteLength(text)}+}`)
    wire.send(text)
    await wire.read(/^OK.*\r\n/m)
  }
  wire.send('PUTSCRIPT "wrong" "keep; nonsense;"')
  assert.match(await wire.read(/^NO[^]*\r\n/m), /1.*7|nonsense/)
  wire.send('SETACTIVE "main"')
  await wire.read(/^OK.*\r\n/m)
}

/** The reply after the message. */
async function bring(home: Running, subject: string, more: { body?: string; id?: string } = {}): Promise<string> {
  const id = more.id ?? `${subject.replace(/\W/g, '')}@internet.test`
  const body = more.body ?? '\r\nHello\r\n'
  const fields = `From: someone@internet.test\r\nTo: ${user}\r\nSubject: ${subject}\r\nMessage-ID: <${id}>\r\n`
  return await bringByLmtp(home.port('lmtp'), user, `${fields}${body}`)
}

test('letters go where the script says', async t => {
  const { home, file } = await startHome(t)
  await putScripts(home)
  const imap = new ImapFlow({
    host: '127.0.0.1',
    port: home.port('imap'),
    secure: false,
    doSTARTTLS: false,
    auth: { user, pass: password },
    logger: false,
  })
  await imap.connect()
  t.after(() => imap.close())
  const inMailbox = async (mailbox: string) => {
    const lock = await imap.getMailboxLock(mailbox)
    try {
      const all = await imap.fetchAll('1:*', { envelope: true, flags: true, source: true })
      return all.map(({ envelope, flags, source }) => ({
        subject: envelope?.subject,
        flags: [...(flags ?? [])],
        source: String(source),
      }))
    } finally {
      lock.release()
    }
  }

  assert.match(await bring(home, 'plain'), /^250 /)
  assert.match(await bring(home, '[Shapes] hello'), /^250 /)
  assert.match(await bring(home, 'mark this'), /^250 /)
  assert.match(await bring(home, 'once again', { id: 'same@internet.test' }), /^250 /)
  assert.match(await bring(home, 'once again!', { id: 'same@internet.test' }), /^250 /)
  assert.match(await bring(home, 'unwanted'), /^550 5\.7\.1 .*no more of this/)
  assert.match(await bring(home, 'an other one'), /^250 /)
  const zip =
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b\r\nContent-Type: application/zip\r\n\r\nPK\r\n--b--\r\n'
  assert.match(await bring(home, 'attached', { body: zip }), /^250 /)
  assert.match(await bring(home, 'away?'), /^250 /)
  assert.match(await bring(home, 'away??'), /^250 /)
  assert.match(await bring(home, 'break it'), /^250 /)

  const list = await inMailbox('Lists/shapes')
  assert.deepEqual(
    list.map(({ subject }) => subject),
    ['[Shapes] hello'],
  )
  assert.ok(list[0]?.flags.includes('$List'))
  assert.deepEqual(
    (await inMailbox('other')).map(({ subject }) => subject),
    ['an other one'],
  )
  const [clean] = await inMailbox('clean')
  assert.match(
    clean?.source ?? '',
    /\r\n--b\r\n\r\nwords\r\n--b\r\nContent-Type: text\/plain; charset=utf-8\r\n[^]*removed\r\n/,
  )
  const inbox = await until('the notice of the failure', async () => {
    const all = await inMailbox('INBOX')
    return all.length >= 7 && all
  })
  const subjects = inbox.map(({ subject }) => subject)
  for (const subject of ['plain', 'mark this', 'once again', 'away?', 'away??', 'break it'])
    assert.ok(subjects.includes(subject), subject)
  assert.ok(!subjects.includes('once again!'))
  const marked = inbox.find(({ subject }) => subject === 'mark this')
  assert.ok(marked?.flags.includes('\\Flagged'))
  assert.match(marked?.source ?? '', /^X-Marked: \\o\/\r\n/)
  const notice = inbox.find(({ subject }) => /failed/.test(subject ?? ''))
  assert.match(notice?.source ?? '', /Auto-Submitted: auto-generated/)

  // one answer, although two letters asked
  const queued = await until('the answer in the queue', async () => {
    const { out } = await hikyaku(['queue', 'ls', '--json', '--config', file])
    return out.includes('someone@internet.test') && out
  })
  assert.equal(queued.split('someone@internet.test').length - 1, 1, queued)
})
