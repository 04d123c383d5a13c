// Postfix is the provider's relay that takes our outbound mail, by login over verified TLS. See README.md.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { type Box, makeCertificates, startBox } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../../support/peers.ts'
import { startDovecot } from '../dovecot/dovecot.ts'
import { smallLetter } from '../letters.ts'
import type { MailboxAt } from '../mailbox.ts'
import { type Postfix, startPostfix } from '../postfix/postfix.ts'
import { said, submit, there, type UpstreamBench, upstreamSuite } from '../upstream-suite.ts'

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

  const bench = (): UpstreamBench => ({
    home,
    inbox,
    submissions,
    log: postfix.log,
    relayed: ({ mark }) => postfix.mail().filter(mail => mail.includes(mark)),
  })
  upstreamSuite(bench)

  test('TLS as the relay saw it', () => said(bench(), /TLS connection established from .* TLSv1\.3/))

  test('a password that the relay refuses returns nothing to the sender; mail goes when it is set right', async () => {
    writeFileSync(join(folder, 'relay.password'), 'wrong\n', { mode: 0o600 })
    await home.stop()
    await home.start()
    const letter = smallLetter()
    await submit(bench(), letter)
    await eventually('the relay has refused us', () => postfix.log().includes('535 5.7.8'))
    assert.equal(bench().relayed(letter).length, 0)
    assert.match(await home.command(['queue', 'ls', '--json']), /aki@internet\.test/)
    writeFileSync(join(folder, 'relay.password'), `${password}\n`, { mode: 0o600 })
    await home.stop()
    await home.start()
    await home.command(['queue', 'retry'])
    await there(bench(), letter)
    assert.equal(bench().relayed(letter).length, 1)
  })
})
