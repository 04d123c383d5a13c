// mbsync keeps a maildir and an IMAP account the same, both ways, over TLS verified against the demo's CA. See README.md.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { ImapFlow } from 'imapflow'
import { missing } from '../../support/debian.ts'
import { eventually, fill, mustRun } from '../../support/peers.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'
import { handTo } from '../hand-to.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { flowTo, type MailboxAt, messagesIn, putBefore } from '../mailbox.ts'
import { sendBySwaks } from '../swaks/send.ts'

const skip = await missing('mbsync', 'swaks')
const count = 100

describe('mbsync', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let at: InteropDemo
  let mailbox: MailboxAt
  let maildir: string
  let config: string
  const bySwaks: readonly TestLetter[] = [smallLetter(), japaneseLetter(), largeLetter(300_000)]
  const letters: TestLetter[] = [...bySwaks, ...Array.from({ length: count - bySwaks.length }, smallLetter)]

  before(async () => {
    at = await startInteropDemo(scope)
    mailbox = await at.addUser('tomoko')
    const folder = join(at.folder, 'mbsync')
    mkdirSync(folder)
    maildir = join(folder, 'INBOX')
    config = join(at.folder, 'mbsyncrc')
    writeFileSync(config, fill(new URL('mbsyncrc', import.meta.url), { ...mailbox, folder }))
    for (const letter of bySwaks) await sendBySwaks(at, letter, mailbox.user)
    await Promise.all(letters.slice(bySwaks.length).map(send))
    await eventually('all have come', async () => (await messagesIn(mailbox)).length === count)
  })
  after(() => scope.disposeAsync())

  const send = (letter: TestLetter) => handTo(at.port('mx'), letter, { recipients: [{ address: mailbox.user }] })
  const sync = () => mustRun('/usr/bin/mbsync', ['-c', config, '-a'], { timeoutMs: 60_000 })
  const files = () =>
    ['cur', 'new'].flatMap(part => readdirSync(join(maildir, part)).map(name => join(maildir, part, name)))

  function fileOf({ mark }: TestLetter): string | undefined {
    return files().find(file => readFileSync(file).includes(mark))
  }
  function nth(index: number): TestLetter {
    const letter = letters[index]
    if (!letter) throw new Error(`There are only ${letters.length} letters`)
    return letter
  }
  /** Flags in a maildir file's name, such as `FS`. */
  function localFlags(letter: TestLetter): string {
    return /:2,(\w*)$/.exec(fileOf(letter) ?? '')?.[1] ?? ''
  }
  function setLocalFlags(letter: TestLetter, flags: string): void {
    const file = fileOf(letter)
    assert.ok(file)
    renameSync(file, `${file.replace('/new/', '/cur/').replace(/:2,\w*$/, '')}:2,${flags}`)
  }

  test('100 messages come over, and after our trace block they are what was sent, octet by octet', async () => {
    await sync()
    assert.equal(files().length, count)
    for (const letter of letters) {
      const file = fileOf(letter)
      assert.ok(file)
      const trace = putBefore(asReceived(readFileSync(file)), letter.bytes)
      assert.match(trace ?? '', /^Return-Path: <stranger@stranger\.test>\r\nDelivered-To: tomoko@home\.test\r\n/)
    }
  })

  test('another run changes nothing', async () => {
    const before = files()
    await sync()
    assert.deepEqual(files(), before)
    assert.equal((await messagesIn(mailbox)).length, count)
  })

  test('flags and deletions travel both ways', async () => {
    setLocalFlags(nth(0), 'FS')
    setLocalFlags(nth(1), 'R')
    setLocalFlags(nth(2), 'T')
    const remote = await remoteSession(mailbox)
    await remote.messageFlagsAdd(await remoteUid(remote, nth(3)), ['\\Seen', '\\Answered'], { uid: true })
    await remote.messageFlagsAdd(await remoteUid(remote, nth(4)), ['\\Flagged'], { uid: true })
    await remote.messageDelete(await remoteUid(remote, nth(5)), { uid: true })
    await sync()
    assert.equal(localFlags(nth(3)), 'RS')
    assert.equal(localFlags(nth(4)), 'F')
    assert.equal(fileOf(nth(5)), undefined)
    await remote.noop()
    assert.deepEqual(await remoteFlags(remote, nth(0)), ['\\Flagged', '\\Seen'])
    assert.deepEqual(await remoteFlags(remote, nth(1)), ['\\Answered'])
    assert.deepEqual(await remoteFlags(remote, nth(2)), undefined)
    await remote.logout()
    assert.equal((await messagesIn(mailbox)).length, count - 2)
    assert.equal(files().length, count - 2)
  })

  test('a message put into the maildir goes up unchanged, also into a mailbox made there', async () => {
    const inbox = japaneseLetter()
    const archived = smallLetter()
    writeFileSync(join(maildir, 'new', `1.${inbox.mark}.here`), withLf(inbox.bytes))
    const archive = join(maildir, '..', '保管 2026')
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(archive, part), { recursive: true })
    writeFileSync(join(archive, 'cur', `1.${archived.mark}.here:2,S`), withLf(archived.bytes))
    await sync()
    const up = (await messagesIn(mailbox)).find(message => message.includes(inbox.mark))
    assert.ok(putBefore(withoutTuid(up ?? Buffer.alloc(0)), inbox.bytes) === '')
    const [archivedUp] = await messagesIn(mailbox, '保管 2026')
    assert.ok(putBefore(withoutTuid(archivedUp ?? Buffer.alloc(0)), archived.bytes) === '')
  })
})

/** mbsync writes LF, and marks what it has copied with a field of its own. */
function asReceived(stored: Buffer): Buffer {
  return withoutTuid(Buffer.from(stored.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'))
}

function withoutTuid(message: Buffer): Buffer {
  return Buffer.from(message.toString('latin1').replace(/^X-TUID: \S+\r\n/m, ''), 'latin1')
}

function withLf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
}

async function remoteSession(at: MailboxAt): Promise<ImapFlow> {
  const client = flowTo(at)
  await client.connect()
  await client.mailboxOpen('INBOX')
  return client
}

async function remoteUid(client: ImapFlow, { mark }: TestLetter): Promise<string> {
  const found = await client.search({ header: { 'message-id': mark } }, { uid: true })
  return String(found === false || found === undefined ? '' : found[0])
}

async function remoteFlags(client: ImapFlow, letter: TestLetter): Promise<string[] | undefined> {
  const uid = await remoteUid(client, letter)
  if (uid === 'undefined') return undefined
  const message = await client.fetchOne(uid, { flags: true }, { uid: true })
  return message === false || message === undefined
    ? undefined
    : [...(message.flags ?? [])].filter(flag => flag !== '\\Recent').sort()
}
