// mpop fetches by POP3, sending commands ahead, from any mailbox. See README.md.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { ImapFlow } from 'imapflow'
import { missing } from '../../support/debian.ts'
import { fill, type Ran, run } from '../../support/peers.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'
import { handTo } from '../hand-to.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { arrived, type MailboxAt, messagesIn, putBefore } from '../mailbox.ts'

const skip = await missing('mpop')
type Way = { readonly service: 'pop3' | 'pop3s'; readonly auth: string; readonly keep: 'on' | 'off' }

describe('mpop', { skip, timeout: 90_000 }, () => {
  const scope = new AsyncDisposableStack()
  const letters = [smallLetter(), japaneseLetter(), largeLetter(300_000)]
  let at: InteropDemo
  let mailbox: MailboxAt
  let folder: string

  before(async () => {
    at = await startInteropDemo(scope)
    mailbox = await at.addUser('shiro')
    folder = join(at.folder, 'mpop')
    mkdirSync(folder)
    for (const letter of letters) {
      await handTo(at.port('mx'), letter, { recipients: [{ address: mailbox.user }] })
      await arrived(mailbox, letter.mark)
    }
  })
  after(() => scope.disposeAsync())

  async function mpop({ service, auth, keep }: Way): Promise<Ran> {
    rmSync(join(folder, 'in'), { recursive: true, force: true, maxRetries: 10 })
    mkdirSync(join(folder, 'in'))
    const rc = join(folder, 'mpoprc')
    const starttls = service === 'pop3' ? 'on' : 'off'
    const values = { ...mailbox, folder, auth, keep, starttls, port: at.port(service) }
    writeFileSync(rc, fill(new URL('mpoprc', import.meta.url), values))
    chmodSync(rc, 0o600)
    return await run('/usr/bin/mpop', ['-C', rc, '--pipelining=on'], { env: { LC_ALL: 'C' } })
  }
  async function fetch(way: Way): Promise<readonly Buffer[]> {
    const { code, output } = await mpop(way)
    assert.equal(code, 0, output)
    return readdirSync(join(folder, 'in')).map(name => readFileSync(join(folder, 'in', name)))
  }
  function assertSame(files: readonly Buffer[], expected: readonly TestLetter[]): void {
    assert.equal(files.length, expected.length)
    for (const { mark, bytes } of expected) {
      const file = files.find(one => one.includes(mark))
      const text = Buffer.from((file ?? '').toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1')
      assert.ok(putBefore(text, bytes) !== undefined, mark)
    }
  }

  test('STLS, SCRAM-SHA-256, keep: every letter, and by UIDL not again', async () => {
    const way = { service: 'pop3', auth: 'scram-sha-256', keep: 'on' } as const
    assertSame(await fetch(way), letters)
    assertSame(await fetch(way), [])
    assert.equal((await messagesIn(mailbox)).length, letters.length)
  })

  test('TLS at once, USER, no keep: the letters are gone from the mailbox', async () => {
    rmSync(join(folder, 'uidls'))
    assertSame(await fetch({ service: 'pop3s', auth: 'user', keep: 'off' }), letters)
    assert.deepEqual(await messagesIn(mailbox), [])
  })

  test('another mailbox is the drop; one that does not exist is said to need a person', async () => {
    const way = { service: 'pop3s', auth: 'user', keep: 'off' } as const
    await at.command(['user', 'pop3', mailbox.user, '--mailbox', '受付'])
    const refused = await mpop(way)
    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /\[SYS\/PERM\]/)
    const letter = japaneseLetter()
    await putInto('受付', letter)
    assertSame(await fetch(way), [letter])
    assert.deepEqual(await messagesIn(mailbox, '受付'), [])
    await at.command(['user', 'pop3', mailbox.user])
    assertSame(await fetch(way), [])
  })

  async function putInto(name: string, letter: TestLetter): Promise<void> {
    const auth = { user: mailbox.user, pass: mailbox.password }
    const tls = { ca: readFileSync(mailbox.ca) }
    const client = new ImapFlow({ host: 'localhost', port: mailbox.port, secure: true, auth, tls, logger: false })
    await client.connect()
    await client.mailboxCreate(name)
    await client.append(name, letter.bytes)
    await client.logout()
  }
})
