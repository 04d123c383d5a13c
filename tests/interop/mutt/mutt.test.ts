// mutt, driven by a script, reads over IMAP and POP3 and hands mail in, by TLS verified against the demo's CA. See README.md.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { eventually, fill, run } from '../../support/peers.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'
import { handTo } from '../hand-to.ts'
import { japaneseLetter, smallLetter } from '../letters.ts'
import { arrived, type MailboxAt, messagesIn, putBefore } from '../mailbox.ts'

const skip = await missing('mutt')

describe('mutt', { skip, timeout: 90_000 }, () => {
  const scope = new AsyncDisposableStack()
  const letters = [smallLetter(), japaneseLetter(), smallLetter()]
  let at: InteropDemo
  let mailbox: MailboxAt
  let folder: string

  before(async () => {
    at = await startInteropDemo(scope)
    mailbox = await at.addUser('misaki')
    folder = join(at.folder, 'mutt')
    mkdirSync(folder)
    const values = {
      ...mailbox,
      folder,
      smtpUser: encodeURIComponent(mailbox.user),
      submissions: at.port('submissions'),
    }
    writeFileSync(join(folder, 'muttrc'), fill(new URL('muttrc', import.meta.url), values))
    for (const letter of letters) {
      await handTo(at.port('mx'), letter, { recipients: [{ address: mailbox.user }] })
      await arrived(mailbox, letter.mark)
    }
  })
  after(() => scope.disposeAsync())

  /** Runs mutt on a pretend terminal with these keys pushed; it must leave by itself. */
  async function mutt(url: string, keys: string): Promise<void> {
    const command = ['/usr/bin/mutt', '-F', join(folder, 'muttrc'), '-f', url, '-e', `push "${keys}"`]
    const quoted = command.map(word => `'${word}'`).join(' ')
    const env = { TERM: 'vt100', HOME: folder, LC_ALL: 'C.UTF-8' }
    const { code, output } = await run('/usr/bin/script', ['-qec', quoted, '/dev/null'], { env, timeoutMs: 20_000 })
    assert.equal(code, 0, output.slice(-2_000))
  }

  for (const [service, scheme] of [
    ['imaps', 'imaps'],
    ['imap', 'imap'],
    ['pop3s', 'pops'],
    ['pop3', 'pop'],
  ] as const)
    test(`${service}: all messages are copied into a local mailbox unchanged`, async () => {
      const target = join(folder, service)
      const user = encodeURIComponent(mailbox.user)
      await mutt(
        `${scheme}://${user}@localhost:${at.port(service)}/`,
        `<tag-pattern>~A<enter><tag-prefix><copy-message>${target}<enter><exit>`,
      )
      const copied = ['new', 'cur'].flatMap(part =>
        readdirSync(join(target, part)).map(name => readFileSync(join(target, part, name))),
      )
      assert.equal(copied.length, letters.length)
      for (const letter of letters) {
        const copy = copied.find(message => message.includes(letter.mark))
        assert.ok(putBefore(withCrlf(copy ?? Buffer.alloc(0)), letter.bytes), letter.mark)
      }
    })

  test('imaps: flags are set, a message is deleted, a mailbox is made by saving into it', async () => {
    const user = encodeURIComponent(mailbox.user)
    const base = `imaps://${user}@localhost:${at.port('imaps')}/`
    const [first, second, third] = letters
    const keys = [
      `<limit>~s ${first?.mark}<enter><flag-message>`,
      `<limit>~s ${second?.mark}<enter><save-message>=Kept<enter>`,
      `<limit>~s ${third?.mark}<enter><delete-message>`,
      '<limit>~A<enter><sync-mailbox><exit>',
    ]
    await mutt(base, `:set folder=${base}<enter>${keys.join('')}`)
    const left = await messagesIn(mailbox)
    assert.equal(left.length, 1)
    assert.ok(left[0]?.includes(first?.mark ?? ''))
    const [kept] = await messagesIn(mailbox, 'Kept')
    assert.ok(putBefore(kept ?? Buffer.alloc(0), second?.bytes ?? Buffer.alloc(0)), 'copied at the server')
  })

  test('submissions: a letter with a Japanese subject reaches a neighbour', async () => {
    const { mark } = smallLetter()
    const args = ['-F', join(folder, 'muttrc'), '-s', `ご挨拶 ${mark}`, 'hanako@home.test']
    const sent = await run('/usr/bin/mutt', args, { input: '今日は。\n', env: { HOME: folder, LC_ALL: 'C.UTF-8' } })
    assert.equal(sent.code, 0, sent.output)
    const [message] = await eventually('it is there', async () => {
      const found = (await messagesIn(at.mailbox('hanako'))).filter(mail => mail.includes('misaki@home.test'))
      return found.length > 0 && found
    })
    assert.match(message?.toString() ?? '', /^Subject: =\?utf-8\?/m)
    assert.match(message?.toString() ?? '', /今日は。|=E4=BB=8A|5LuK/)
  })
})

/** A maildir has LF, and mutt adds two fields of its own. */
function withCrlf(message: Buffer): Buffer {
  const text = message.toString('latin1').replace(/^Content-Length: \d+\nLines: \d+\n/m, '')
  return Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')
}
