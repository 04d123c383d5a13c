// Exim is the provider's relay that takes our outbound mail, by login over verified TLS. See README.md.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
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
const password = 'SG.relay-no-kagi'

describe('Exim takes our outbound mail', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let exim: Exim
  let home: Box
  let inbox: MailboxAt
  let submissions: number

  before(async () => {
    const folder = temporaryFolder(scope, 'exim-upstream')
    const ports = await freePorts('submissions', 'imaps', 'old')
    submissions = ports.submissions
    const values = { ...ports, ...(await makeCertificates(folder)), password }
    exim = await startExim(scope, new URL('exim.conf', import.meta.url), values, [`${values.mail}.key`])
    writeFileSync(join(folder, 'relay.password'), `${password}\n`, { mode: 0o600 })
    const yaml = fill(join(import.meta.dirname, 'home.yaml'), { ...values, folder, relay: exim.port })
    home = await startBox(scope, { folder, name: 'home', yaml })
    await home.command(['domain', 'add', 'home.test'])
    await home.command(['user', 'add', 'hanako@home.test', '--password-stdin'], 'sakura-no-michi-7\n')
    inbox = { port: ports.imaps, ca: values.ca, user: 'hanako@home.test', password: 'sakura-no-michi-7' }
  })
  after(() => scope.disposeAsync())

  /** Hands it in as a mail program does: a login over verified TLS. */
  const submit = ({ mark, bytes }: TestLetter, to = 'aki@internet.test', envelope: Partial<Envelope> = {}) =>
    handTo(
      submissions,
      { mark, bytes: fromHanako(bytes) },
      { reversePath: inbox.user, recipients: [{ address: to }], ...envelope },
      {
        tls: { mode: 'required', from: 'start', ca: readFileSync(inbox.ca, 'utf8') },
        login: { username: inbox.user, password: inbox.password },
      },
    )
  /** Without Exim's own reports on it */
  const relayed = ({ mark }: TestLetter) =>
    exim.mail().filter(mail => mail.includes(mark) && !mail.toString().startsWith('Return-path: <>\n'))
  const there = (letter: TestLetter) =>
    eventually('it is there', () => relayed(letter).length > 0 && relayed(letter)[0])
  const said = (pattern: RegExp) => assert.ok(pattern.test(exim.log()), `${pattern} is not in its log`)

  test('letters arrive there unchanged behind their trace fields, by login over verified TLS', async () => {
    for (const letter of [smallLetter(), japaneseLetter(), largeLetter(2_000_000)]) {
      await submit(letter)
      // Exim writes a maildir with LF
      const mail = (await there(letter)).toString('latin1').replaceAll('\n', '\r\n')
      const trace = putBefore(Buffer.from(mail, 'latin1'), fromHanako(letter.bytes))
      assert.match(trace ?? '', /^Return-path: <hanako@home\.test>/)
      assert.match(trace ?? '', /by mail\.home\.test[^]*with ESMTPSA/)
    }
  })

  test('what our client says: STARTTLS, AUTH, SIZE, 8BITMIME, CHUNKING, pipelined', () => {
    said(/SMTP<< STARTTLS/)
    said(/SMTP<< MAIL FROM:<hanako@home\.test> SIZE=\d+ BODY=8BITMIME/)
    said(/SMTP<< BDAT \d{7} LAST/)
    // L: pipelined, K: chunks, A: who logged in
    said(/<= hanako@home\.test H=.* P=esmtpsa L\.? X=TLS1\.3:\S+ .*A=plain:apikey K S=\d+/)
  })

  test('addresses and header fields in UTF-8 go with SMTPUTF8', async () => {
    const letter = internationalLetter()
    await submit(letter, '花子@internet.test', { smtpUtf8: true })
    await there(letter)
    said(/SMTP<< MAIL FROM:<hanako@home\.test>.* SMTPUTF8/)
    said(/SMTP<< RCPT TO:<花子@internet\.test>/)
    said(/<= hanako@home\.test .*P=utf8esmtpsa/)
  })

  test('DSN parameters are passed on; Exim reports the delivery with what the sender gave', async () => {
    const letter = smallLetter()
    const notify = { success: true, failure: true, delay: false }
    await submit(letter, '', {
      dsnEnvelopeId: 'envelope-8',
      dsnReturn: 'HDRS',
      recipients: [{ address: 'aki@internet.test', notify, originalRecipient: 'rfc822;first@internet.test' }],
    })
    await there(letter)
    said(/SMTP<< MAIL FROM:<hanako@home\.test>.* RET=HDRS ENVID=envelope-8/)
    said(/SMTP<< RCPT TO:<aki@internet\.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first@internet\.test/)
    const isReport = (mail: Buffer) => /^Original-Envelope-ID: envelope-8/im.test(mail.toString())
    const report = await eventually('the report', () => exim.mail().find(isReport))
    assert.match(report.toString(), /^Original-Recipient: rfc822;first@internet\.test/im)
    assert.match(report.toString(), /^Action: delivered/m)
  })

  test('a refused recipient comes back to the sender as a report with the words of Exim', async () => {
    const letter = smallLetter()
    await submit(letter, 'refused@internet.test')
    const [report] = await arrived(inbox, letter.mark)
    assert.match(report?.toString() ?? '', /Diagnostic-Code: smtp; 550 5\.1\.1 [^]*Nobody of that name/)
    assert.match(report?.toString() ?? '', /Final-Recipient: rfc822;\s*refused@internet\.test/)
  })

  test('a deferred recipient waits, and the queue says why', async () => {
    await submit(smallLetter(), 'later@internet.test')
    const list = await eventually('its reason is there', async () => {
      const text = await home.command(['queue', 'ls', '--json'])
      return text.includes('Try later') && text
    })
    assert.match(list, /later@internet\.test/)
    assert.match(list, /451/)
  })

  test('an IDN domain goes in A-labels to a server without SMTPUTF8, by DATA, one command at a time', async () => {
    const letter = smallLetter()
    const notify = { success: true, failure: true, delay: false }
    const recipients = [{ address: 'aki@例え.test', notify }]
    await submit(letter, '', { smtpUtf8: true, dsnEnvelopeId: 'envelope-idn', recipients })
    const mail = (await there(letter)).toString()
    assert.match(mail, /^Envelope-to: aki@xn--r8jz45g\.test$/m)
    said(/SMTP<< RCPT TO:<aki@xn--r8jz45g\.test> NOTIFY=\S+ ORCPT=utf-8;aki@\\x\{4F8B\}\\x\{3048\}\.test/)
    said(/SMTP<< DATA/)
    const isReport = (mail: Buffer) => /^Original-Envelope-ID: envelope-idn/im.test(mail.toString())
    const report = await eventually('the report', () => exim.mail().find(isReport))
    assert.match(report.toString(), /^Original-Recipient: utf-8;aki@\\x\{4F8B\}\\x\{3048\}\.test/im)
  })

  test('refused there, the report names the address as the sender wrote it', async () => {
    const letter = smallLetter()
    await submit(letter, 'refused@例え.test', { smtpUtf8: true })
    const [report] = await arrived(inbox, letter.mark)
    assert.match(report?.toString() ?? '', /^Final-Recipient: utf-8; refused@例え\.test\r$/m)
    assert.match(report?.toString() ?? '', /Nobody of that name/)
  })

  test('a header in UTF-8 cannot go there: it comes back', async () => {
    const letter = internationalLetter()
    await submit(letter, 'aki@例え.test', { smtpUtf8: true })
    const [report] = await arrived(inbox, letter.mark)
    assert.match(report?.toString() ?? '', /^Status: 5\.6\.7\r$/m)
    assert.equal(relayed(letter).length, 0)
  })

  test('Bcc does not leave the house, and stands in Sent once', async () => {
    const letter = smallLetter()
    const bcc = 'Bcc: ken@internet.test\r\n'
    const bytes = Buffer.from(letter.bytes.toString('latin1').replace('Subject:', `${bcc}Subject:`), 'latin1')
    const recipients = ['aki@internet.test', 'ken@internet.test', 'refused@internet.test']
    await submit({ mark: letter.mark, bytes }, '', { recipients: recipients.map(address => ({ address })) })
    const mail = (await there(letter)).toString()
    const [report] = await arrived(inbox, letter.mark)
    for (const seen of [mail, report?.toString() ?? '']) {
      assert.match(seen, new RegExp(`Subject: ${letter.mark}`))
      assert.doesNotMatch(seen.replace(/^Envelope-to:.*/im, ''), /bcc|ken@/i)
    }
    const inSent = () => messagesIn(inbox, '\\Sent').then(all => all.filter(message => message.includes(letter.mark)))
    const copies = await eventually('the copy', async () => ((await inSent()).length > 0 ? inSent() : false))
    assert.equal(copies.length, 1)
    assert.ok(copies[0]?.includes(bcc))
  })
})

/** The letter with hanako's own address in From: another's is refused. */
function fromHanako(bytes: Buffer): Buffer {
  const stranger = '<stranger@stranger.test>'
  const at = bytes.indexOf(stranger)
  return Buffer.concat([bytes.subarray(0, at), Buffer.from('<hanako@home.test>'), bytes.subarray(at + stranger.length)])
}
