// What must not follow a connection from one login to the next. RFC 8437 §2
import assert from 'node:assert/strict'
import test from 'node:test'
import { testAddress, testPassword, withImap } from '../imap.testbed.ts'
import { LineClient } from '../line-client.testbed.ts'

test('a password change ends those who are logged in, not one who has unauthenticated', () =>
  withImap(async bed => {
    using left = await loggedIn(bed.connect())
    using stayed = await loggedIn(bed.connect())
    await left.command('b', 'UNAUTHENTICATE')
    bed.endLogins.abort()
    assert.equal(await stayed.line(), '* BYE This login has been ended')
    assert.deepEqual(await left.command('c', 'NOOP'), ['c OK NOOP completed'])
    // the login itself is one that has been ended
    const [answer, goodbye] = [await left.command('d', `LOGIN ${testAddress} ${testPassword}`), await left.line()]
    assert.match([...answer, goodbye].join(), /BYE This login has been ended/)
  }))

test('the time for a login begins anew, and ends', () =>
  withImap(
    async bed => {
      using client = await loggedIn(bed.connect())
      await client.command('b', 'UNAUTHENTICATE')
      const [answer] = await client.command('c', `LOGIN ${testAddress} ${testPassword}`)
      assert.match(answer ?? '', /^c OK/)
      await client.command('d', 'UNAUTHENTICATE')
      assert.equal(await client.line(), '* BYE Autologout; idle for too long')
    },
    { timeouts: { loginMs: 500 } },
  ))

test('failed logins are counted over all of them', () =>
  withImap(async bed => {
    using client = await loggedIn(bed.connect())
    for (let round = 1; round <= 4; round += 1) {
      await client.command('b', 'UNAUTHENTICATE')
      assert.match((await client.command('c', `LOGIN ${testAddress} wrong`)).join(), /AUTHENTICATIONFAILED/)
      assert.match((await client.command('d', `LOGIN ${testAddress} ${testPassword}`)).join(), /^d OK/)
    }
    await client.command('e', 'UNAUTHENTICATE')
    client.send(`f LOGIN ${testAddress} wrong`)
    const last = [await client.line(), await client.line()]
    assert.match(last.join(), /\* BYE Too many failed logins/)
  }))

async function loggedIn(stream: ConstructorParameters<typeof LineClient>[0]): Promise<LineClient> {
  const client = new LineClient(stream)
  await client.line()
  const [answer] = await client.command('a', `LOGIN ${testAddress} ${testPassword}`)
  assert.match(answer ?? '', /^a OK/)
  return client
}
