// Exim is the provider's relay that takes our outbound mail, by login over verified TLS. See README.md.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { type Box, makeCertificates, startBox } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../../support/peers.ts'
import { type Exim, startExim } from '../exim/exim.ts'
import { internationalLetter, smallLetter } from '../letters.ts'
import { arrived, type MailboxAt, messagesIn } from '../mailbox.ts'
import { said, submit, there, type UpstreamBench, upstreamSuite } from '../upstream-suite.ts'

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

  const bench = (): UpstreamBench => ({
    home,
    inbox,
    submissions,
    log: exim.log,
    relayed: ({ mark }) =>
      exim.mail().filter(mail => mail.includes(mark) && !mail.toString().startsWith('Return-path: <>\n')),
  })
  upstreamSuite(bench)

  test('how the relay took it: pipelined, in chunks, by login, UTF-8; its report by what the sender gave', async () => {
    // L: pipelined, K: chunks, A: who logged in
    said(bench(), /<= hanako@home\.test H=.* P=esmtpsa L\.? X=TLS1\.3:\S+ .*A=plain:apikey K S=\d+/)
    said(bench(), /<= hanako@home\.test .*P=utf8esmtpsa/)
    const isReport = (mail: Buffer) => /^Original-Envelope-ID: envelope-8/im.test(mail.toString())
    const report = await eventually('the report', () => exim.mail().find(isReport))
    assert.match(report.toString(), /^Original-Recipient: rfc822;first@internet\.test/im)
    assert.match(report.toString(), /^Action: delivered/m)
  })

  test('an IDN domain goes in A-labels to a server without SMTPUTF8, by DATA, one command at a time', async () => {
    const letter = smallLetter()
    const notify = { success: true, failure: true, delay: false }
    const recipients = [{ address: 'aki@例え.test', notify }]
    await submit(bench(), letter, '', { smtpUtf8: true, dsnEnvelopeId: 'envelope-idn', recipients })
    const mail = (await there(bench(), letter)).toString()
    assert.match(mail, /^Envelope-to: aki@xn--r8jz45g\.test$/m)
    said(bench(), /SMTP<< RCPT TO:<aki@xn--r8jz45g\.test> NOTIFY=\S+ ORCPT=utf-8;aki@\\x\{4F8B\}\\x\{3048\}\.test/)
    said(bench(), /SMTP<< DATA/)
    const isReport = (mail: Buffer) => /^Original-Envelope-ID: envelope-idn/im.test(mail.toString())
    const report = await eventually('the report', () => exim.mail().find(isReport))
    assert.match(report.toString(), /^Original-Recipient: utf-8;aki@\\x\{4F8B\}\\x\{3048\}\.test/im)
  })

  test('refused there, the report names the address as the sender wrote it', async () => {
    const letter = smallLetter()
    await submit(bench(), letter, 'refused@例え.test', { smtpUtf8: true })
    const [report] = await arrived(inbox, letter.mark)
    assert.match(report?.toString() ?? '', /^Final-Recipient: utf-8; refused@例え\.test\r$/m)
    assert.match(report?.toString() ?? '', /Nobody of that name/)
  })

  test('a header in UTF-8 cannot go there: it comes back', async () => {
    const letter = internationalLetter()
    await submit(bench(), letter, 'aki@例え.test', { smtpUtf8: true })
    const [report] = await arrived(inbox, letter.mark)
    assert.match(report?.toString() ?? '', /^Status: 5\.6\.7\r$/m)
    assert.equal(bench().relayed(letter).length, 0)
  })

  test('Bcc does not leave the house, and stands in Sent once', async () => {
    const letter = smallLetter()
    const bcc = 'Bcc: ken@internet.test\r\n'
    const bytes = Buffer.from(letter.bytes.toString('latin1').replace('Subject:', `${bcc}Subject:`), 'latin1')
    const recipients = ['aki@internet.test', 'ken@internet.test', 'refused@internet.test']
    await submit(bench(), { mark: letter.mark, bytes }, '', { recipients: recipients.map(address => ({ address })) })
    const mail = (await there(bench(), letter)).toString()
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
