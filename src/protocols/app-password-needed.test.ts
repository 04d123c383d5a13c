// With a second factor the main password opens no program: each protocol says so in its words, and takes an app password.
import assert from 'node:assert/strict'
import test from 'node:test'
import { TOTP } from 'otpauth'
import { withImap } from './imap/imap.testbed.ts'
import { LineClient } from './imap/line-client.testbed.ts'
import { address, password, type Testbed, withManageSieve } from './managesieve/managesieve.testbed.ts'
import { withPop3 } from './pop3/pop3.testbed.ts'
import { scramClient } from './sasl/client.ts'
import { smtpBench } from './smtp/smtp.testbed.ts'

const plain = (word: string) => Buffer.from(`\0${address}\0${word}`).toString('base64')

/** The second factor is on; gives an app password. */
async function turnOn({ account, access }: Pick<Testbed, 'account' | 'access'>): Promise<string> {
  const { secret } = await access.secondFactor.enrol(account, address)
  assert.ok(await access.secondFactor.confirm(account, new TOTP({ secret }).generate()))
  const made = await access.appPasswords.add(account, 'phone')
  assert.ok(!('refused' in made))
  return made.password
}

async function withSecondFactor(act: (bed: Testbed, app: string) => Promise<void>): Promise<void> {
  await withManageSieve(async bed => act(bed, await turnOn(bed)))
}

/** What is answered to one line, from where `isAnswer` says */
async function answerTo(client: LineClient, line: string, isAnswer: RegExp): Promise<string> {
  client.send(line)
  let answer = await client.line()
  while (!isAnswer.test(answer) && answer !== '<end>') answer = await client.line()
  return answer
}

test('ManageSieve', async () => {
  await withSecondFactor(async (bed, app) => {
    using client = new LineClient(bed.connect())
    const login = (word: string) => answerTo(client, `AUTHENTICATE "PLAIN" "${plain(word)}"`, /^(?:NO|OK "Logged in)/)
    assert.match(await login(password), /^NO "This account has a second factor: programs need an app password"/)
    assert.match(await login('wrong'), /^NO "Name or password is wrong"/)
    assert.match(await login(app), /^OK/)
  })
})

test('IMAP, by LOGIN and by SCRAM', async () => {
  await withSecondFactor(async ({ options: { authenticator } }, app) => {
    await withImap(async bed => {
      using client = new LineClient(bed.connect({ authenticator }))
      await client.line()
      const login = (word: string) => answerTo(client, `a LOGIN ${address} "${word}"`, /^a /)
      assert.equal(
        await login(password),
        'a NO [ALERT] This account has a second factor: programs need an app password',
      )
      assert.match(await login('wrong'), /^a NO \[AUTHENTICATIONFAILED\]/)
      for (const [word, expected] of [
        [password, /^s NO \[ALERT\] This account/],
        ['wrong', /^s NO \[AUTHENTICATIONFAILED\]/],
      ] as const) {
        const sasl = scramClient({ name: address, password: word }, false, 'sha-256')
        client.send('s AUTHENTICATE SCRAM-SHA-256')
        let line = await client.line()
        for (; line.startsWith('+ '); line = await client.line())
          client.send(Buffer.from(sasl.respond(Buffer.from(line.slice(2), 'base64'))).toString('base64'))
        assert.match(line, expected)
        assert.equal(sasl.complete, false)
      }
      const attempt = { clientAddress: '127.0.0.1', protocol: 'imap', mechanism: 'LOGIN', session: 's' } as const
      assert.equal((await authenticator.password(address, app, attempt)).kind, 'ok')
    })
  })
})

test('POP3', async () => {
  await withPop3(async bed => {
    const app = await turnOn({ account: bed.account.id, access: bed.access })
    using client = new LineClient(bed.connect())
    await client.line()
    const login = async (word: string) => {
      await answerTo(client, `USER ${address}`, /^\+OK/)
      return answerTo(client, `PASS ${word}`, /^[+-]/)
    }
    assert.equal(await login(password), '-ERR [AUTH] This account has a second factor: programs need an app password')
    assert.equal(await login('wrong'), '-ERR [AUTH] Name or password is wrong')
    assert.match(await login(app), /^\+OK/)
  })
})

test('submission', async () => {
  await withSecondFactor(async ({ options: { authenticator } }, app) => {
    await using bench = await smtpBench('submission', { authenticator, plaintextLogins: true })
    const { client: stream, ended } = bench.session()
    using client = new LineClient(stream)
    await client.line()
    await answerTo(client, 'EHLO client.test', /^250 /)
    const login = (word: string) => answerTo(client, `AUTH PLAIN ${plain(word)}`, /^\d{3} /)
    assert.equal(await login(password), '534 5.7.9 This account has a second factor: programs need an app password')
    assert.match(await login('wrong'), /^535 5\.7\.8 /)
    assert.match(await login(app), /^235 /)
    client.send('QUIT')
    stream.end()
    await ended
  })
})
