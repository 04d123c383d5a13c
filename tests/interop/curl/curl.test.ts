// curl reads over IMAP and POP3 and hands mail in over SMTP, by TLS verified against the demo's CA. See README.md.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { eventually, mustRun, run } from '../../support/peers.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'
import { handTo } from '../hand-to.ts'
import { japaneseLetter, largeLetter, smallLetter } from '../letters.ts'
import { arrived, type MailboxAt, messagesIn, putBefore } from '../mailbox.ts'

const skip = await missing('curl')

describe('curl', { skip, timeout: 90_000 }, () => {
  const scope = new AsyncDisposableStack()
  const letters = [smallLetter(), japaneseLetter(), largeLetter(400_000)]
  let at: InteropDemo
  let mailbox: MailboxAt

  before(async () => {
    at = await startInteropDemo(scope)
    mailbox = await at.addUser('jiro')
    for (const letter of letters) {
      await handTo(at.port('mx'), letter, { recipients: [{ address: mailbox.user }] })
      await arrived(mailbox, letter.mark)
    }
  })
  after(() => scope.disposeAsync())

  const login = () => ['--cacert', at.ca, '--user', `${mailbox.user}:${mailbox.password}`]
  const curl = (...args: string[]) => mustRun('/usr/bin/curl', ['--silent', '--show-error', ...login(), ...args])
  const url = (scheme: string, service: string, path = '') => `${scheme}://localhost:${at.port(service)}/${path}`

  for (const [name, base, needed] of [
    ['IMAP, TLS at once', () => url('imaps', 'imaps'), []],
    ['IMAP, STARTTLS', () => url('imap', 'imap'), ['--ssl-reqd']],
  ] as const)
    test(`${name}: each message is the stored one, octet by octet`, async () => {
      const stored = await messagesIn(mailbox)
      for (const [index, letter] of letters.entries()) {
        const { stdout } = await curl(...needed, `${base()}INBOX;MAILINDEX=${index + 1}`)
        assert.ok(stdout.equals(stored[index] ?? Buffer.alloc(0)))
        assert.ok(putBefore(stdout, letter.bytes))
      }
    })

  for (const [name, base, needed] of [
    ['POP3, TLS at once', () => url('pop3s', 'pop3s'), []],
    ['POP3, STLS', () => url('pop3', 'pop3'), ['--ssl-reqd']],
  ] as const)
    test(`${name}: each message is the stored one, octet by octet`, async () => {
      const { output } = await curl(...needed, base())
      assert.equal(output.trim().split(/\r?\n/).length, letters.length)
      for (const [index, letter] of letters.entries()) {
        const { stdout } = await curl(...needed, `${base()}${index + 1}`)
        assert.ok(putBefore(stdout, letter.bytes), `message ${index + 1}`)
      }
    })

  test('IMAP: list, search, flags', async () => {
    const base = url('imaps', 'imaps')
    assert.match((await curl(base)).output, /^\* LIST \(.*\) "\/" "?INBOX"?\r$/m)
    assert.match(
      (await curl(`${base}INBOX`, '--request', `SEARCH SUBJECT ${letters[1]?.mark}`)).output,
      /^\* SEARCH 2\r$/m,
    )
    await curl(`${base}INBOX`, '--request', 'STORE 1 +FLAGS (\\Flagged)')
    assert.match((await curl(`${base}INBOX`, '--request', 'FETCH 1 (FLAGS)')).output, /\\Flagged/)
  })

  test('every way of logging in that both know', async () => {
    for (const mechanism of ['PLAIN', 'LOGIN'])
      for (const base of [url('imaps', 'imaps', 'INBOX;MAILINDEX=1'), url('pop3s', 'pop3s', '1')])
        await curl('--login-options', `AUTH=${mechanism}`, base)
  })

  for (const [name, base, needed] of [
    ['submissions', () => url('smtps', 'submissions'), []],
    ['submission', () => url('smtp', 'submission'), ['--ssl-reqd']],
  ] as const)
    test(`${name}: a letter to a neighbour arrives unchanged`, async () => {
      const letter = smallLetter()
      const bytes = Buffer.from(letter.bytes.toString().replace('stranger@stranger.test', mailbox.user))
      const file = join(at.folder, `${letter.mark}.eml`)
      writeFileSync(file, bytes)
      const envelope = ['--mail-from', mailbox.user, '--mail-rcpt', 'hanako@home.test']
      await curl(...needed, base(), ...envelope, '--upload-file', file)
      const [stored, ...others] = await eventually('it is there', () => arrived(at.mailbox('hanako'), letter.mark))
      assert.equal(others.length, 0)
      assert.ok(putBefore(stored ?? Buffer.alloc(0), bytes))
    })

  test('a wrong password, or a server that it cannot verify, is refused', async () => {
    const wrong = ['--silent', '--cacert', at.ca, '--user', `${mailbox.user}:wrong`, url('imaps', 'imaps')]
    assert.equal((await run('/usr/bin/curl', wrong)).code, 67)
    const unverified = ['--silent', '--user', `${mailbox.user}:${mailbox.password}`, url('imaps', 'imaps')]
    assert.equal((await run('/usr/bin/curl', unverified)).code, 60)
  })
})
