// fetchmail fetches by POP3, keeps letters or removes them. See README.md.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { fill, run } from '../../support/peers.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'
import { handTo } from '../hand-to.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { arrived, type MailboxAt, messagesIn, putBefore } from '../mailbox.ts'

const skip = await missing('fetchmail')
const ways = {
  STLS: { service: 'pop3', tls: 'sslproto "TLS1.2+"' },
  'TLS at once': { service: 'pop3s', tls: 'ssl' },
} as const
/** fetchmail's exit codes */
const [fetched, nothingNew] = [0, 1]

describe('fetchmail', { skip, timeout: 90_000 }, () => {
  const scope = new AsyncDisposableStack()
  const letters = [smallLetter(), japaneseLetter(), largeLetter(300_000)]
  let at: InteropDemo
  let mailbox: MailboxAt
  let folder: string

  before(async () => {
    at = await startInteropDemo(scope)
    mailbox = await at.addUser('saburo')
    folder = join(at.folder, 'fetchmail')
    mkdirSync(join(folder, 'in'), { recursive: true })
    for (const letter of letters) await send(letter)
  })
  after(() => scope.disposeAsync())

  async function send(letter: TestLetter): Promise<void> {
    await handTo(at.port('mx'), letter, { recipients: [{ address: mailbox.user }] })
    await arrived(mailbox, letter.mark)
  }

  async function fetchmail(way: keyof typeof ways, keep: 'keep' | 'no keep'): Promise<number> {
    const { service, tls } = ways[way]
    const rc = join(folder, 'fetchmailrc')
    const values = { ...mailbox, folder, tls, keep, port: at.port(service) }
    writeFileSync(rc, fill(new URL('fetchmailrc', import.meta.url), values))
    chmodSync(rc, 0o600)
    const env = { FETCHMAILHOME: folder, LC_ALL: 'C' }
    const { code, output } = await run('/usr/bin/fetchmail', ['-f', rc, '--invisible', '--nosyslog'], { env })
    assert.ok(code === fetched || code === nothingNew, output)
    return code
  }
  const incoming = () => readdirSync(join(folder, 'in')).map(name => readFileSync(join(folder, 'in', name)))
  function assertFetched(expected: readonly TestLetter[]): void {
    const files = incoming().map(file => Buffer.from(file.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'))
    assert.equal(files.length, expected.length)
    for (const { mark, bytes } of expected) {
      const file = files.find(one => one.includes(mark))
      assert.ok(file && putBefore(file, bytes) !== undefined, mark)
    }
  }

  test('STLS, keep: every letter unchanged, and by UIDL not again', async () => {
    assert.equal(await fetchmail('STLS', 'keep'), fetched)
    assertFetched(letters)
    assert.equal(await fetchmail('STLS', 'keep'), nothingNew)
    assert.equal((await messagesIn(mailbox)).length, letters.length)
  })

  test('TLS at once, no keep: what is fetched is gone, what was fetched before stays', async () => {
    rmSync(join(folder, 'in'), { recursive: true })
    mkdirSync(join(folder, 'in'))
    const later = smallLetter()
    await send(later)
    assert.equal(await fetchmail('TLS at once', 'no keep'), fetched)
    assertFetched([later])
    const left = await messagesIn(mailbox)
    assert.ok(!left.some(message => message.includes(later.mark)))
  })
})
