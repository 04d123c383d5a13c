// Postfix is the provider's relay that takes our outbound mail, by login over verified TLS. See README.md.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { Envelope } from '#formats/envelope.ts'
import { type Box, makeCertificates, startBox } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../../support/peers.ts'
import { startDovecot } from '../dovecot/dovecot.ts'
import { handTo } from '../hand-to.ts'
import { internationalLetter, japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { arrived, type MailboxAt, putBefore } from '../mailbox.ts'
import { type Postfix, startPostfix } from '../postfix/postfix.ts'

const skip = await missing('postfix', 'dovecot')
const password = 'SG.relay-no-kagi'

describe('Postfix takes our outbound mail', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let postfix: Postfix
  let home: Box
  let inbox: MailboxAt
  let submissions: number
  let folder: string

  before(async () => {
    folder = temporaryFolder(scope, 'upstream')
    const ports = await freePorts('submissions', 'imaps', 'sasl')
    submissions = ports.submissions
    const values = { ...ports, ...(await makeCertificates(folder)), folder }
    await startDovecot(scope, new URL('dovecot.conf', import.meta.url), values, ports.sasl, {
      users: `apikey:{PLAIN}${password}\n`,
    })
    postfix = await startPostfix(scope, new URL('main.cf', import.meta.url), values)
    writeFileSync(join(folder, 'relay.password'), `${password}\n`, { mode: 0o600 })
    const yaml = fill(join(import.meta.dirname, 'home.yaml'), { ...values, relay: postfix.port })
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
  const relayed = ({ mark }: TestLetter) => postfix.mail().filter(mail => mail.includes(mark))

  test('letters arrive there unchanged behind their trace fields, by login over verified TLS', async () => {
    for (const letter of [smallLetter(), japaneseLetter(), largeLetter(2_000_000)]) {
      await submit(letter)
      const [mail] = await eventually('it is there', () => relayed(letter).length > 0 && relayed(letter))
      // Postfix writes a maildir with LF
      const stored = Buffer.from((mail?.toString('latin1') ?? '').replaceAll('\n', '\r\n'), 'latin1')
      const trace = putBefore(stored, fromHanako(letter.bytes))
      assert.match(trace ?? '', /^Return-Path: <hanako@home\.test>/)
      assert.match(trace ?? '', /by mail\.home\.test[^]*with ESMTPSA/)
      assert.doesNotMatch(trace ?? '', /desk|127\.0\.0\.1\]\)\s+by mail\.home\.test/, 'the client stays between us')
    }
    assert.match(postfix.log(), /TLS connection established from .* TLSv1\.3/)
  })

  test('what our client says: SIZE, 8BITMIME, CHUNKING, pipelined', () => {
    assert.match(postfix.log(), /< .*MAIL FROM:<hanako@home\.test> SIZE=\d+ BODY=8BITMIME/)
    assert.match(postfix.log(), /< .*BDAT \d{7} LAST/)
  })

  test('UTF-8 header fields go with SMTPUTF8', async () => {
    const letter = internationalLetter()
    await submit(letter, '花子@internet.test', { smtpUtf8: true })
    await eventually('it is there', () => relayed(letter).length > 0)
    assert.match(postfix.log(), /< .*MAIL FROM:<hanako@home\.test>.* SMTPUTF8/)
    assert.match(postfix.log(), /< .*RCPT TO:<花子@internet\.test>/)
  })

  test('DSN parameters are passed on, for whoever delivers to report', async () => {
    const letter = smallLetter()
    const notify = { success: true, failure: true, delay: false }
    await submit(letter, 'aki@internet.test', {
      dsnEnvelopeId: 'envelope-8',
      dsnReturn: 'HDRS',
      recipients: [{ address: 'aki@internet.test', notify, originalRecipient: 'rfc822;aki@internet.test' }],
    })
    await eventually('it is there', () => relayed(letter).length > 0)
    assert.match(postfix.log(), /< .*MAIL FROM:<hanako@home\.test>.* RET=HDRS ENVID=envelope-8/)
    assert.match(postfix.log(), /< .*RCPT TO:<aki@internet\.test> .*NOTIFY=SUCCESS,FAILURE/)
    assert.match(postfix.log(), /< .*RCPT TO:<aki@internet\.test> .*ORCPT=rfc822;aki@internet\.test/)
  })

  test('a refused recipient comes back to the sender as a report with the words of Postfix', async () => {
    const letter = smallLetter()
    await submit(letter, 'refused@internet.test')
    const [report] = await arrived(inbox, letter.mark)
    assert.match(report?.toString() ?? '', /Diagnostic-Code: smtp; 550 5\.1\.1 [^]*Nobody of that name/)
    assert.match(report?.toString() ?? '', /Final-Recipient: rfc822;\s*refused@internet\.test/)
  })

  test('a deferred recipient waits, and the queue says why', async () => {
    await submit(smallLetter(), 'later@internet.test')
    await eventually('the queue shows it', async () =>
      (await home.command(['queue', 'ls', '--json'])).includes('later@internet.test'),
    )
    const list = await eventually('its reason is there', async () => {
      const text = await home.command(['queue', 'ls', '--json'])
      return text.includes('Try later') && text
    })
    assert.match(list, /450/)
  })

  test('a password that the relay refuses returns nothing to the sender; mail goes when it is set right', async () => {
    writeFileSync(join(folder, 'relay.password'), 'wrong\n', { mode: 0o600 })
    await home.stop()
    await home.start()
    const letter = smallLetter()
    await submit(letter)
    await eventually('the relay has refused us', () => postfix.log().includes('535 5.7.8'))
    assert.equal(relayed(letter).length, 0)
    assert.match(await home.command(['queue', 'ls', '--json']), /aki@internet\.test/)
    writeFileSync(join(folder, 'relay.password'), `${password}\n`, { mode: 0o600 })
    await home.stop()
    await home.start()
    await home.command(['queue', 'retry'])
    await eventually('it is there', () => relayed(letter).length > 0)
    assert.equal(relayed(letter).length, 1)
  })
})

/** The letter with hanako's own address in From: another's is refused. */
function fromHanako(bytes: Buffer): Buffer {
  const stranger = '<stranger@stranger.test>'
  const at = bytes.indexOf(stranger)
  return Buffer.concat([bytes.subarray(0, at), Buffer.from('<hanako@home.test>'), bytes.subarray(at + stranger.length)])
}
