// Two connections want the last of the room: one gets it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { testAccount, testAddress, testPassword, withImap } from '../imap.testbed.ts'
import { LineClient } from '../line-client.testbed.ts'

test('of two that append at once where one fits, one is refused with OVERQUOTA', () =>
  withImap(async bed => {
    const clients = await Promise.all([1, 2].map(() => loggedIn(bed.connect())))
    for (let round = 1; round <= 10; round += 1) {
      bed.quota.limitBytes = 14 * round
      const answers = await Promise.all(
        clients.map((client, at) => client.command(`a${at}`, 'APPEND INBOX {14+}\r\nSubject: x\r\n\r\n')),
      )
      const ends = answers.map(lines => lines.at(-1)?.split(' ')[1])
      assert.deepEqual(ends.filter(end => end === 'OK').length, 1)
      assert.match(answers.flat().join(), / NO \[OVERQUOTA\] /)
      const quota = await (await bed.accounts.account(testAccount)).quota()
      assert.equal(quota.usedBytes, 14 * round)
    }
    for (const client of clients) client[Symbol.dispose]()
  }))

async function loggedIn(stream: ConstructorParameters<typeof LineClient>[0]): Promise<LineClient> {
  const client = new LineClient(stream)
  await client.line()
  const [answer] = await client.command('login', `LOGIN ${testAddress} ${testPassword}`)
  assert.match(answer ?? '', /^login OK/)
  return client
}
