// Dovecot is the home behind our gateway. See README.md.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import type { Envelope } from '#formats/envelope.ts'
import { type Box, makeCertificates, startBox } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../../support/peers.ts'
import { type Dovecot, startDovecot } from '../dovecot/dovecot.ts'
import { handTo, handOver } from '../hand-to.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { putBefore } from '../mailbox.ts'

const skip = await missing('dovecot')
const users = [
  'hanako@home.test:{PLAIN}x::::::',
  'full@home.test:{PLAIN}x::::::userdb_quota_rule=*:messages=1',
  '',
].join('\n')

describe('Dovecot is the home behind our gateway', { skip, timeout: 90_000 }, () => {
  const scope = new AsyncDisposableStack()
  let dovecot: Dovecot
  let gateway: Box
  let mxPort: number

  before(async () => {
    const folder = temporaryFolder(scope, 'before-dovecot')
    const ports = await freePorts('mx', 'lmtp')
    mxPort = ports.mx
    const values = { ...ports, ...(await makeCertificates(folder)), folder }
    dovecot = await startDovecot(scope, new URL('dovecot.conf', import.meta.url), values, ports.lmtp, { users })
    const yaml = fill(join(import.meta.dirname, 'gateway.yaml'), values)
    gateway = await startBox(scope, { folder, name: 'gateway', yaml })
  })
  after(() => scope.disposeAsync())

  const send = (letter: TestLetter, envelope: Partial<Envelope> = {}) => handTo(mxPort, letter, envelope)
  const stored = ({ mark }: TestLetter) => dovecot.mail('hanako').filter(message => message.includes(mark))

  for (const [name, write] of Object.entries({
    small: smallLetter,
    'UTF-8 Japanese': japaneseLetter,
    '2 MB': () => largeLetter(2_000_000),
  }))
    test(`a ${name} letter is in Dovecot's maildir when the sender has our 250, unchanged`, async () => {
      const letter = write()
      const [result] = await handOver(mxPort, letter)
      assert.match(result?.reply.lines.join(' ') ?? '', /Saved/, 'the words are those of Dovecot')
      const [message, ...others] = stored(letter)
      assert.equal(others.length, 0)
      const trace = putBefore(message ?? Buffer.alloc(0), letter.bytes)
      assert.match(trace ?? '', /by mail\.home\.test with LMTPS/, 'what Dovecot says of the way: TLS, verified by us')
      assert.match(trace ?? '', /by mx\.home\.test/)
      assert.match(trace ?? '', /^Authentication-Results: mx\.home\.test;[^\0]*\bdmarc=/m)
      assert.doesNotMatch(trace ?? '', /X-Hikyaku|Hikyaku-Facts/i, 'facts are for our own home only')
    })

  test('one message, three recipients, three fates, decided at RCPT', async () => {
    await send(smallLetter(), { recipients: [{ address: 'full@home.test' }] })
    const letter = smallLetter()
    const results = await handOver(mxPort, letter, {
      recipients: ['nobody@home.test', 'full@home.test', 'hanako@home.test'].map(address => ({ address })),
    })
    assert.deepEqual(
      results.map(({ status }) => status),
      ['failed', 'failed', 'delivered'],
    )
    assert.match(results[0]?.reply.lines[0] ?? '', /User doesn't exist/)
    assert.match(results[1]?.reply.lines[0] ?? '', /full/)
    assert.deepEqual(
      results.map(({ reply }) => reply.enhanced),
      ['5.1.1', '5.2.2', '2.0.0'],
    )
    assert.equal(stored(letter).length, 1)
  })

  test('a foreign domain is refused without asking Dovecot', async () => {
    const [result] = await handOver(mxPort, smallLetter(), { recipients: [{ address: 'hanako@else.test' }] })
    assert.equal(result?.reply.code, 550)
    assert.equal(result?.reply.enhanced, '5.7.1')
  })

  test('while Dovecot is away mail is held; when it is back it is there at once, and once', async () => {
    await dovecot.stop()
    const letters = [smallLetter(), japaneseLetter(), largeLetter(1_500_000)]
    for (const letter of letters) await send(letter)
    const waiting = JSON.parse(await gateway.command(['queue', 'ls', '--json'])) as { entries?: unknown[] }
    assert.ok(JSON.stringify(waiting).includes('hanako@home.test'), 'the queue shows it')
    await dovecot.start()
    const begun = performance.now()
    await eventually('all are there', () => letters.every(letter => stored(letter).length > 0))
    assert.ok(performance.now() - begun < 6_000, 'home is asked every two seconds while mail waits')
    for (const letter of letters) {
      const messages = stored(letter)
      assert.equal(messages.length, 1)
      assert.ok(putBefore(messages[0] ?? Buffer.alloc(0), letter.bytes))
    }
  })
})
