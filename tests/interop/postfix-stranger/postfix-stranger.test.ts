// Postfix is a stranger's server that sends through our gateway's MX to home. See README.md.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { Envelope } from '#formats/envelope.ts'
import { type Box, makeCertificates, startBox } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../../support/peers.ts'
import { handTo } from '../hand-to.ts'
import { internationalLetter, japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { arrived, type MailboxAt, messagesIn, putBefore } from '../mailbox.ts'
import { type Postfix, startPostfix } from '../postfix/postfix.ts'

const skip = await missing('postfix')

describe('Postfix sends through our MX', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let postfix: Postfix
  let home: Box
  let inbox: MailboxAt

  before(async () => {
    const folder = temporaryFolder(scope, 'stranger')
    const ports = await freePorts('mx', 'lmtp', 'imaps')
    const certificates = await makeCertificates(folder)
    postfix = await startPostfix(scope, new URL('main.cf', import.meta.url), ports)
    const values = { ...ports, ...certificates, folder, stranger: postfix.port }
    home = await startBox(scope, { folder, name: 'home', yaml: fill(join(import.meta.dirname, 'home.yaml'), values) })
    await home.command(['domain', 'add', 'home.test'])
    await home.command(['user', 'add', 'hanako@home.test', '--password-stdin'], 'sakura-no-michi-7\n')
    const yaml = fill(join(import.meta.dirname, 'gateway.yaml'), values)
    await startBox(scope, { folder, name: 'gateway', yaml })
    inbox = { port: ports.imaps, ca: certificates.ca, user: 'hanako@home.test', password: 'sakura-no-michi-7' }
  })
  after(() => scope.disposeAsync())

  const send = (letter: TestLetter, envelope: Partial<Envelope> = {}) => handTo(postfix.port, letter, envelope)

  for (const [name, write] of Object.entries({ small: smallLetter, 'UTF-8 Japanese': japaneseLetter }))
    test(`a ${name} letter arrives unchanged behind its trace fields`, async () => {
      const letter = write()
      await send(letter)
      const [stored, ...others] = await arrived(inbox, letter.mark)
      assert.equal(others.length, 0)
      const trace = putBefore(stored ?? Buffer.alloc(0), letter.bytes)
      assert.ok(trace, 'the octets after our block are those that were sent')
      assert.match(trace, /^Return-Path: <stranger@stranger\.test>\r\nDelivered-To: hanako@home\.test\r\n/)
      assert.match(trace, /Received: from mail\.stranger\.test \(.*127\.0\.0\.1/)
      assert.match(trace, /with ESMTPS/)
    })

  test('2 MB arrive unchanged, in chunks', async () => {
    const letter = largeLetter(2_000_000)
    await send(letter)
    const [stored] = await arrived(inbox, letter.mark)
    assert.ok(putBefore(stored ?? Buffer.alloc(0), letter.bytes))
  })

  test('50 at once arrive once each', async () => {
    const letters = Array.from({ length: 50 }, smallLetter)
    await Promise.all(letters.map(letter => send(letter)))
    await eventually('all 50 are there', async () => {
      const all = await messagesIn(inbox)
      return letters.every(({ mark }) => all.some(message => message.includes(mark)))
    })
    const all = await messagesIn(inbox)
    for (const { mark } of letters) assert.equal(all.filter(message => message.includes(mark)).length, 1, mark)
  })

  test('an unknown recipient is refused at RCPT and returned by Postfix, not by us', async () => {
    const letter = smallLetter()
    await send(letter, { recipients: [{ address: 'nobody@home.test' }] })
    const report = await eventually('the report', () => postfix.mail().find(mail => mail.includes(letter.mark)))
    assert.match(report.toString(), /in reply to RCPT TO command/)
    assert.match(report.toString(), /550[- ]5\.1\.1/)
  })

  test('UTF-8 header fields pass with SMTPUTF8', async () => {
    const letter = internationalLetter()
    await send(letter, { smtpUtf8: true, body: '8BITMIME' })
    const [stored] = await arrived(inbox, letter.mark)
    assert.match(putBefore(stored ?? Buffer.alloc(0), letter.bytes) ?? '', /with UTF8/)
  })

  test('an unknown recipient in Japanese is refused as unknown, not as a syntax error', async () => {
    const letter = internationalLetter()
    await send(letter, { smtpUtf8: true, body: '8BITMIME', recipients: [{ address: '花子@home.test' }] })
    const report = await eventually('the report', () => postfix.mail().find(mail => mail.includes(letter.mark)))
    assert.match(report.toString(), /550[- ]5\.1\.1/)
  })

  test('NOTIFY=SUCCESS is answered with one report of delivery', async () => {
    const letter = smallLetter()
    await send(letter, {
      dsnEnvelopeId: 'envelope-7',
      dsnReturn: 'HDRS',
      recipients: [{ address: 'hanako@home.test', notify: { success: true, failure: true, delay: false } }],
    })
    await arrived(inbox, letter.mark)
    const isReport = (mail: Buffer) =>
      mail.includes('envelope-7') && /Action: (delivered|relayed)/.test(mail.toString())
    const report = await eventually('the report', () => postfix.mail().find(isReport))
    assert.match(report.toString(), /Original-Envelope-Id: envelope-7/)
    assert.match(report.toString(), /Action: delivered/)
    assert.equal(postfix.mail().filter(isReport).length, 1)
  })

  test('its log shows which extensions both used, in both directions', () => {
    const log = postfix.log()
    const said = (pattern: RegExp) => assert.match(log, pattern)
    // smtpd, in front of which our client stands
    said(/smtpd.*< .*MAIL FROM:<stranger@stranger\.test> SIZE=\d+ BODY=8BITMIME/)
    said(/smtpd.*< .*MAIL FROM:<stranger@stranger\.test> .*SMTPUTF8/)
    said(/smtpd.*< .*MAIL FROM:<stranger@stranger\.test> .*RET=HDRS ENVID=envelope-7/)
    said(/smtpd.*< .*RCPT TO:<hanako@home\.test> .*NOTIFY=SUCCESS,FAILURE/)
    said(/smtpd.*< .*BDAT 2\d{6} LAST/)
    // smtp, behind which our MX stands
    said(/smtp\[.*> .*STARTTLS\n/)
    said(/smtp\[.*> .*MAIL FROM:<stranger@stranger\.test> SIZE=\d+ BODY=8BITMIME/)
    said(/smtp\[.*> .*MAIL FROM:<stranger@stranger\.test> .*SMTPUTF8/)
    said(/smtp\[.*> .*MAIL FROM:<stranger@stranger\.test> .*ENVID=envelope-7 RET=HDRS/)
    said(/smtp\[.*> .*RCPT TO:<hanako@home\.test> ORCPT=rfc822;hanako@home\.test NOTIFY=SUCCESS,FAILURE/)
    said(/dsn=2\.0\.0, status=sent/)
    said(/dsn=5\.1\.1, status=bounced/)
    // pipelined: DATA goes out before MAIL is answered
    const session = /> .*(MAIL FROM.*)\n.*> .*(RCPT TO.*)\n.*> .*(DATA)\n.*< .*250 2\.1\.0/
    said(session)
    assert.doesNotMatch(log, /smtp\[.*> .*BDAT/, 'the day Postfix sends chunks, docs/quirks.md has a line too many')
  })

  test('while home is away letters are taken at once, and arrive once when it is back', async () => {
    await home.stop()
    const letters = [smallLetter(), japaneseLetter(), largeLetter(200_000)]
    const begun = performance.now()
    for (const letter of letters) await send(letter)
    await postfix.drained()
    assert.ok(performance.now() - begun < 10_000)
    await home.start()
    for (const letter of letters) {
      const found = await arrived(inbox, letter.mark)
      assert.equal(found.length, 1)
      assert.ok(putBefore(found[0] ?? Buffer.alloc(0), letter.bytes))
    }
  })
})
