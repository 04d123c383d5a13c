// swaks is a stranger at the MX, a person at the submission ports, and a gateway at the LMTP port. See README.md.
import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { eventually, run } from '../../support/peers.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'
import { japaneseLetter, largeLetter, smallLetter, type TestLetter } from '../letters.ts'
import { arrived, messagesIn, putBefore } from '../mailbox.ts'
import { dataForSwaks } from './send.ts'

const skip = await missing('swaks')

describe('swaks', { skip, timeout: 90_000 }, () => {
  const scope = new AsyncDisposableStack()
  let at: InteropDemo

  before(async () => {
    at = await startInteropDemo(scope)
  })
  after(() => scope.disposeAsync())

  const server = (service: string) => ['--server', `localhost:${at.port(service)}`, '--helo', 'desk.stranger.test']
  const verified = () => ['--tls-verify', '--tls-ca-path', at.ca]
  const login = (password?: string) => {
    const { user, password: right } = at.mailbox('hanako')
    return ['--auth', 'PLAIN', '--auth-user', user, '--auth-password', password ?? right]
  }
  const data = (letter: TestLetter) => dataForSwaks(at.folder, letter)
  const swaks = (...args: string[]) => run('/usr/bin/swaks', args)
  const fromStranger = ['--from', 'stranger@stranger.test', '--to', 'hanako@home.test']

  for (const [name, write] of Object.entries({
    small: smallLetter,
    'UTF-8 Japanese': japaneseLetter,
    '1.2 MB': () => largeLetter(1_200_000),
  }))
    test(`MX, STARTTLS: a ${name} letter arrives unchanged`, async () => {
      const letter = write()
      const { code, output } = await swaks(...server('mx'), '--tls', ...verified(), ...fromStranger, ...data(letter))
      assert.equal(code, 0, output.slice(0, 4_000))
      const [stored, ...others] = await arrived(at.mailbox('hanako'), letter.mark)
      assert.equal(others.length, 0)
      assert.ok(putBefore(stored ?? Buffer.alloc(0), letter.bytes))
    })

  test('MX, pipelined', async () => {
    const letter = smallLetter()
    const { code, output } = await swaks(...server('mx'), '--pipeline', ...fromStranger, ...data(letter))
    assert.equal(code, 0, output)
    assert.equal((await arrived(at.mailbox('hanako'), letter.mark)).length, 1)
  })

  test('MX: no relaying, no unknown recipients, no login', async () => {
    const relay = await swaks(...server('mx'), '--from', 'a@stranger.test', '--to', 'b@internet.test')
    assert.match(relay.output, /<\*\* 550 5\.7\.1 /)
    const unknown = await swaks(...server('mx'), '--from', 'a@stranger.test', '--to', 'nobody@home.test')
    assert.match(unknown.output, /<\*\* 550 5\.1\.1 /)
    const auth = await swaks(...server('mx'), '--tls', ...verified(), ...login(), '--quit-after', 'AUTH')
    assert.notEqual(auth.code, 0)
  })

  for (const [service, tls] of [
    ['submission', '--tls'],
    ['submissions', '--tls-on-connect'],
  ] as const)
    test(`${service}: login, then mail leaves through the relay and a copy is in Sent`, async () => {
      const letter = smallLetter()
      const envelope = ['--from', 'hanako@home.test', '--to', `${letter.mark}@internet.test`]
      const own = {
        ...letter,
        bytes: Buffer.from(letter.bytes.toString().replace('stranger@stranger.test', 'hanako@home.test')),
      }
      const sent = await swaks(...server(service), tls, ...verified(), ...login(), ...envelope, ...data(own))
      assert.equal(sent.code, 0, sent.output)
      await eventually('it has left', async () => {
        const { arrived: there } = await at.demo.control({ arrived: `${letter.mark}@internet.test` })
        return Array.isArray(there) && there.length === 1
      })
      const copies = await eventually('a copy is in Sent', async () => {
        const found = (await messagesIn(at.mailbox('hanako'), '\\Sent')).filter(mail => mail.includes(letter.mark))
        return found.length > 0 && found
      })
      assert.equal(copies.length, 1)
    })

  test('submission: not without TLS, not with a wrong password, not as somebody else', async () => {
    const plain = await swaks(...server('submission'), ...login(), '--quit-after', 'AUTH')
    assert.notEqual(plain.code, 0)
    const wrong = await swaks(
      ...server('submissions'),
      '--tls-on-connect',
      ...verified(),
      ...login('wrong'),
      '--quit-after',
      'AUTH',
    )
    assert.match(wrong.output, /<~\* 535 5\.7\.8 /)
    const other = ['--from', 'taro@home.test', '--to', 'aki@internet.test']
    const forged = await swaks(...server('submissions'), '--tls-on-connect', ...verified(), ...login(), ...other)
    assert.match(forged.output, /<~\* 55\d 5\.7\.\d+ /)
  })

  test('LMTP: only a proven gateway is heard; another certificate than ours is not trusted', async () => {
    const lmtp = ['--protocol', 'LMTP', ...server('lmtp'), ...fromStranger]
    assert.match((await swaks(...lmtp, '--tls', ...verified())).output, /<~\* 421-4\.7\.0 LMTP-AUTH/)
    const untrusting = await swaks(...server('mx'), '--tls', '--tls-verify', ...fromStranger)
    assert.match(untrusting.output, /certificate verify failed|TLS.*failed/i)
  })
})
