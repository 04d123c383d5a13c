// Postfix is the gateway in front of our home: relay_domains and lmtp:, by client certificate or login. See README.md.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Box, makeCertificates, startBox, type TestCertificates } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../../support/peers.ts'
import { handTo } from '../hand-to.ts'
import { internationalLetter, japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { arrived, type MailboxAt, messagesIn, putBefore } from '../mailbox.ts'
import { type Postfix, startPostfix } from '../postfix/postfix.ts'

const skip = await missing('postfix')
const password = 'kado-no-tobira-5'

describe('Postfix is the gateway in front of our home', { skip, timeout: 150_000 }, () => {
  const scope = new AsyncDisposableStack()
  let postfix: Postfix
  let home: Box
  let inbox: MailboxAt
  let certificates: TestCertificates
  let lmtpPort: number

  before(async () => {
    const folder = temporaryFolder(scope, 'behind-postfix')
    const ports = await freePorts('lmtp', 'imaps')
    lmtpPort = ports.lmtp
    certificates = await makeCertificates(folder)
    writeFileSync(join(folder, 'gateway.password'), `${password}\n`, { mode: 0o600 })
    const values = { ...ports, ...certificates, folder }
    home = await startBox(scope, { folder, name: 'home', yaml: fill(join(import.meta.dirname, 'home.yaml'), values) })
    await home.command(['domain', 'add', 'home.test'])
    await home.command(['user', 'add', 'hanako@home.test', '--password-stdin'], 'sakura-no-michi-7\n')
    postfix = await startPostfix(scope, new URL('main.cf', import.meta.url), values)
    inbox = { port: ports.imaps, ca: certificates.ca, user: 'hanako@home.test', password: 'sakura-no-michi-7' }
  })
  after(() => scope.disposeAsync())

  const send = (letter: TestLetter) => handTo(postfix.port, letter)
  const bounced = () =>
    postfix
      .log()
      .split('\n')
      .filter(line => line.includes('status=bounced'))
  const byCertificate = () =>
    postfix.set(
      `relay_transport=lmtp:inet:localhost:${lmtpPort}`,
      `lmtp_tls_cert_file=${certificates.client}.crt`,
      `lmtp_tls_key_file=${certificates.client}.key`,
      'lmtp_sasl_auth_enable=no',
    )

  /** Sends one and waits until Postfix says why it keeps it; nothing may be returned to the sender. */
  async function keptBecause(letter: TestLetter): Promise<string> {
    await send(letter)
    const reason = await eventually('Postfix says why it waits', async () => {
      assert.ok(!postfix.mail().some(mail => mail.includes(letter.mark)), 'nothing is returned')
      const [message] = await postfix.queue()
      return message?.recipients[0]?.delay_reason
    })
    assert.deepEqual(bounced(), [])
    return reason
  }

  test('by client certificate: letters arrive unchanged, by whoever they were sent', async () => {
    for (const letter of [smallLetter(), japaneseLetter(), largeLetter(2_000_000)]) {
      await send(letter)
      const [stored, ...others] = await arrived(inbox, letter.mark)
      assert.equal(others.length, 0)
      const trace = putBefore(stored ?? Buffer.alloc(0), letter.bytes)
      assert.match(
        trace ?? '',
        /^Return-Path: <stranger@stranger\.test>\r\nDelivered-To: hanako@home\.test\r\nX-Hikyaku-Junk: no (?:[^\r]|\r\n\t)*\r\nReceived: /,
      )
      assert.match(trace ?? '', /with LMTPS/)
    }
    assert.ok(postfix.log().includes('Verified TLS connection established to localhost'))
  })

  test('SMTPUTF8 is handed over as such', async () => {
    const letter = internationalLetter()
    await handTo(postfix.port, letter, { smtpUtf8: true })
    const [stored] = await arrived(inbox, letter.mark)
    assert.match(putBefore(stored ?? Buffer.alloc(0), letter.bytes) ?? '', /with UTF8LMTPS/)
  })

  test('a certificate that nobody knows: kept by Postfix, and delivered when it is set right', async () => {
    const letter = smallLetter()
    await postfix.set(`lmtp_tls_cert_file=${certificates.wrong}.crt`, `lmtp_tls_key_file=${certificates.wrong}.key`)
    const reason = await keptBecause(letter)
    assert.match(reason, /4\.7\.0|Authentication required/)
    await byCertificate()
    assert.equal((await arrived(inbox, letter.mark)).length, 1)
  })

  test('neither certificate nor login: kept, and delivered by login', async () => {
    const letter = smallLetter()
    await postfix.set('lmtp_tls_cert_file=', 'lmtp_tls_key_file=')
    await keptBecause(letter)
    await postfix.set('lmtp_sasl_auth_enable=yes', `lmtp_sasl_password_maps=static:login:${password}`)
    assert.equal((await arrived(inbox, letter.mark)).length, 1)
  })

  test('a wrong password: kept', async () => {
    const letter = smallLetter()
    await postfix.set('lmtp_sasl_password_maps=static:login:wrong')
    assert.match(await keptBecause(letter), /SASL authentication failed|5\.7\.8/)
    await byCertificate()
    assert.equal((await arrived(inbox, letter.mark)).length, 1)
  })

  test('smtp: where lmtp: should stand: kept, and the reply names the mistake', async () => {
    const letter = smallLetter()
    await postfix.set(`relay_transport=smtp:[localhost]:${lmtpPort}`)
    assert.match(await keptBecause(letter), /LMTP-PROTO: this port speaks LMTP, not SMTP/)
    await byCertificate()
    assert.equal((await arrived(inbox, letter.mark)).length, 1)
  })

  test('home is killed while it delivers: all arrive, none twice', async () => {
    const letters = Array.from({ length: 40 }, smallLetter)
    const sent = Promise.all(letters.map(send))
    const before = (await messagesIn(inbox)).length
    await eventually('some are there', () => (postfix.log().match(/Saved/g) ?? []).length > before + 3)
    await home.kill()
    await sent
    await sleep(500)
    await home.start()
    await postfix.drained(40_000)
    const all = await messagesIn(inbox)
    for (const { mark } of letters) assert.equal(all.filter(message => message.includes(mark)).length, 1, mark)
    assert.deepEqual(bounced(), [])
  })
})
