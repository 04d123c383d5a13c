// neomutt on a pretend terminal, with a header cache and QRESYNC, by TLS verified against the demo's CA. See README.md.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { ImapFlow } from 'imapflow'
import { missing } from '../../support/debian.ts'
import { fill, run } from '../../support/peers.ts'
import { farSide, openSession, uidOf } from '../both-sides.ts'
import { startInteropDemo } from '../demo.ts'
import { smallLetter, type TestLetter } from '../letters.ts'

const skip = await missing('neomutt')
const count = 300

describe('neomutt', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  const letters: TestLetter[] = Array.from({ length: count }, smallLetter)
  let far: ImapFlow
  let folder: string

  before(async () => {
    const at = await startInteropDemo(scope)
    const mailbox = await at.addUser('shizuka')
    far = await openSession(scope, mailbox)
    for (const { bytes } of letters) await far.append('INBOX', bytes)
    folder = join(at.folder, 'neomutt')
    mkdirSync(join(folder, 'headers'), { recursive: true })
    const values = { ...mailbox, folder, userInUrl: encodeURIComponent(mailbox.user) }
    writeFileSync(join(folder, 'neomuttrc'), fill(new URL('neomuttrc', import.meta.url), values))
  })
  after(() => scope.disposeAsync())

  /** With these keys pushed; it must leave by itself. Gives the commands it sent. */
  async function neomutt(...keys: readonly string[]): Promise<readonly string[]> {
    for (const name of logs()) rmSync(name)
    const command = ['/usr/bin/neomutt', '-F', join(folder, 'neomuttrc'), '-e', `push "${keys.join('')}"`]
    const quoted = command.map(word => `'${word}'`).join(' ')
    const env = { TERM: 'vt100', HOME: folder, LC_ALL: 'C.UTF-8' }
    const { code, output } = await run('/usr/bin/script', ['-qec', quoted, '/dev/null'], { env, timeoutMs: 30_000 })
    assert.equal(code, 0, output.slice(-2_000))
    const lines = logs().flatMap(name => readFileSync(name, 'utf8').split(/\r?\n/))
    return lines.flatMap(line => /(?:^|> )a\d+ (.*)$/.exec(line)?.[1] ?? [])
  }
  const logs = () =>
    readdirSync(folder)
      .filter(name => name.startsWith('debug'))
      .map(name => join(folder, name))

  const nth = (index: number): TestLetter => {
    const letter = letters[index]
    assert.ok(letter)
    return letter
  }
  async function marksIn(mailbox: string, pattern = /^\S+/): Promise<readonly string[]> {
    const side = await farSide(far, [mailbox])
    return (side[mailbox] ?? []).filter(entry => pattern.test(entry)).map(entry => entry.split(' ')[0] ?? '')
  }

  test('the first session fetches all headers; a flag and a deletion reach the server', async () => {
    const sent = await neomutt(
      `<limit>~s ${nth(0).mark}<enter><flag-message>`,
      `<limit>~s ${nth(1).mark}<enter><delete-message>`,
      '<limit>~A<enter><sync-mailbox><exit>',
    )
    assert.ok(sent.includes('ENABLE QRESYNC'), sent.join('\n'))
    assert.ok(
      sent.some(line => /^FETCH 1:300 \(UID FLAGS .*HEADER/.test(line)),
      sent.join('\n'),
    )
    assert.deepEqual(await marksIn('INBOX', / .*F/), [nth(0).mark])
    assert.equal((await marksIn('INBOX')).length, count - 1)
  })

  test('the second learns by QRESYNC what happened meanwhile, and sees what the server has', async () => {
    await far.mailboxOpen('INBOX')
    await far.messageFlagsAdd(await uidOf(far, nth(100)), ['\\Flagged', '\\Seen'], { uid: true })
    await far.messageDelete([await uidOf(far, nth(200)), await uidOf(far, nth(250))].join(','), { uid: true })
    await far.mailboxClose()
    const fresh = smallLetter()
    await far.append('INBOX', fresh.bytes)
    const sent = await neomutt(
      '<tag-pattern>~F<enter><tag-prefix><copy-message>=旗<enter><untag-pattern>~A<enter>',
      '<tag-pattern>~A<enter><tag-prefix><copy-message>=写し<enter><exit>',
    )
    assert.ok(
      sent.some(line => /^UID FETCH 1:300 \(FLAGS\) \(CHANGEDSINCE \d+ VANISHED\)/.test(line)),
      sent.join('\n'),
    )
    // the headers are in its cache; it also asks for those at the numbers that vanished, as it does with Dovecot
    const headers = sent.filter(line => /^FETCH .*HEADER/.test(line)).map(line => line.split(' ')[1])
    assert.deepEqual(headers, ['200,250', '298'])
    assert.deepEqual(await marksIn('旗'), [nth(0).mark, nth(100).mark].sort())
    const inbox = await marksIn('INBOX')
    assert.equal(inbox.length, count - 2)
    assert.ok(inbox.includes(fresh.mark))
    assert.deepEqual(await marksIn('写し'), inbox)
  })

  test('the third deletes hundreds of letters at once', async () => {
    await neomutt('<delete-pattern>!~F<enter><sync-mailbox><exit>')
    assert.deepEqual(await marksIn('INBOX'), [nth(0).mark, nth(100).mark].sort())
    const again = await neomutt('<exit>')
    assert.ok(!again.some(line => line.includes('HEADER')), again.join('\n'))
  })
})
