// Exim is a stranger's server that sends through our gateway's MX to home, in chunks. See README.md.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { Envelope } from '#formats/envelope.ts'
import { type Box, makeCertificates, startBox } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../../support/peers.ts'
import { type Exim, startExim } from '../exim/exim.ts'
import { handTo } from '../hand-to.ts'
import { internationalLetter, japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { arrived, type MailboxAt, messagesIn, putBefore } from '../mailbox.ts'

const skip = await missing('exim')

describe('Exim sends through our MX', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let exim: Exim
  let home: Box
  let inbox: MailboxAt

  before(async () => {
    const folder = temporaryFolder(scope, 'exim-stranger')
    const ports = await freePorts('mx', 'lmtp', 'imaps')
    const certificates = await makeCertificates(folder)
    exim = await startExim(scope, new URL('exim.conf', import.meta.url), { ...ports, ca: certificates.ca })
    const values = { ...ports, ...certificates, folder, stranger: exim.port }
    home = await startBox(scope, { folder, name: 'home', yaml: fill(join(import.meta.dirname, 'home.yaml'), values) })
    await home.command(['domain', 'add', 'home.test'])
    await home.command(['user', 'add', 'hanako@home.test', '--password-stdin'], 'sakura-no-michi-7\n')
    const yaml = fill(join(import.meta.dirname, 'gateway.yaml'), values)
    await startBox(scope, { folder, name: 'gateway', yaml })
    inbox = { port: ports.imaps, ca: certificates.ca, user: 'hanako@home.test', password: 'sakura-no-michi-7' }
  })
  after(() => scope.disposeAsync())

  const send = (letter: TestLetter, envelope: Partial<Envelope> = {}) => handTo(exim.port, letter, envelope)
  const report = ({ mark }: TestLetter) => eventually('the report', () => exim.mail().find(mail => mail.includes(mark)))

  for (const [name, letter] of Object.entries({
    small: smallLetter(),
    'UTF-8 Japanese': japaneseLetter(),
    '2 MB': largeLetter(2_000_000),
  }))
    test(`a letter (${name}) arrives by BDAT, unchanged behind its trace fields`, async () => {
      await send(letter)
      const [stored, ...others] = await arrived(inbox, letter.mark)
      assert.equal(others.length, 0)
      const trace = putBefore(stored ?? Buffer.alloc(0), letter.bytes)
      assert.ok(trace, 'the octets after our block are those that were sent')
      assert.match(trace, /^Return-Path: <stranger@stranger\.test>\r\nDelivered-To: hanako@home\.test\r\n/)
      assert.match(trace, /Received: from mail\.stranger\.test \(.*127\.0\.0\.1[^]*?with ESMTPS/)
    })

  test('20 at once arrive once each', async () => {
    const letters = Array.from({ length: 20 }, smallLetter)
    await Promise.all(letters.map(letter => send(letter)))
    await eventually('all 20 are there', async () => {
      const all = await messagesIn(inbox)
      return letters.every(({ mark }) => all.some(message => message.includes(mark)))
    })
    const all = await messagesIn(inbox)
    for (const { mark } of letters) assert.equal(all.filter(message => message.includes(mark)).length, 1, mark)
  })

  test('an unknown recipient is refused at RCPT, its chunk, sent without waiting, is swallowed; the report is Exim s', async () => {
    const letter = smallLetter()
    await send(letter, { recipients: [{ address: 'nobody@home.test' }] })
    const text = (await report(letter)).toString()
    assert.match(text, /RCPT TO:<nobody@home\.test>/)
    assert.match(text, /550[- ]5\.1\.1/)
  })

  test('one known and one unknown recipient in one transaction: the one gets it, the other is returned', async () => {
    const letter = largeLetter(100_000)
    await send(letter, { recipients: [{ address: 'nobody@home.test' }, { address: 'hanako@home.test' }] })
    const [stored] = await arrived(inbox, letter.mark)
    assert.ok(putBefore(stored ?? Buffer.alloc(0), letter.bytes))
    assert.match((await report(letter)).toString(), /nobody@home\.test[^]*550[- ]5\.1\.1/)
  })

  test('UTF-8 header fields and addresses pass with SMTPUTF8', async () => {
    const letter = internationalLetter()
    await send(letter, { smtpUtf8: true, body: '8BITMIME' })
    const [stored] = await arrived(inbox, letter.mark)
    assert.match(putBefore(stored ?? Buffer.alloc(0), letter.bytes) ?? '', /with UTF8/)
    const unknown = internationalLetter()
    await send(unknown, { smtpUtf8: true, body: '8BITMIME', recipients: [{ address: '花子@home.test' }] })
    assert.match((await report(unknown)).toString(), /550[- ]5\.1\.1/)
  })

  test('NOTIFY=SUCCESS is answered with one report of delivery', async () => {
    const letter = smallLetter()
    await send(letter, {
      dsnEnvelopeId: 'envelope-9',
      dsnReturn: 'HDRS',
      recipients: [{ address: 'hanako@home.test', notify: { success: true, failure: true, delay: false } }],
    })
    await arrived(inbox, letter.mark)
    const isReport = (mail: Buffer) => mail.includes('envelope-9') && /Action: delivered/.test(mail.toString())
    const report = await eventually('the report', () => exim.mail().find(isReport))
    assert.match(report.toString(), /Original-Envelope-Id: envelope-9/)
    assert.equal(exim.mail().filter(isReport).length, 1)
  })

  test('its log shows which extensions it used', () => {
    const log = exim.log()
    const said = (pattern: RegExp) => assert.ok(pattern.test(log), `${pattern} is not in its log`)
    said(/SMTP>> STARTTLS/)
    // it says nothing of 8BITMIME, and sends eight bits
    said(/SMTP\|> MAIL FROM:<stranger@stranger\.test> SIZE=\d+$/m)
    said(/SMTP\|> MAIL FROM:<stranger@stranger\.test> .*SMTPUTF8$/m)
    said(/SMTP\|> MAIL FROM:<stranger@stranger\.test> .*RET=HDRS ENVID=envelope-9$/m)
    said(/SMTP\|> RCPT TO:<hanako@home\.test> NOTIFY=SUCCESS,FAILURE/)
    // MAIL, RCPT and the chunk in one go
    said(/SMTP\|> MAIL .*\n *\d+ +SMTP\|> RCPT .*\n *\d+ +SMTP\+> BDAT \d+ LAST/)
    // more than one chunk for a message
    said(/SMTP\+> BDAT \d+$/m)
    // K: chunks, L: pipelined, to our MX
    said(/=> hanako@home\.test .*T=to_us .* X=TLS1\.3\S* .*\bL K /)
    assert.ok(!/DATA$/m.test(log))
  })

  test('while home is away letters are taken at once, and arrive once when it is back', async () => {
    await home.stop()
    const letters = [smallLetter(), japaneseLetter(), largeLetter(200_000)]
    const begun = performance.now()
    for (const letter of letters) await send(letter)
    await eventually('Exim has rid itself of all', () => exim.queued() === 0)
    assert.ok(performance.now() - begun < 10_000)
    await home.start()
    for (const letter of letters) {
      const found = await arrived(inbox, letter.mark)
      assert.equal(found.length, 1)
      assert.ok(putBefore(found[0] ?? Buffer.alloc(0), letter.bytes))
    }
  })
})
