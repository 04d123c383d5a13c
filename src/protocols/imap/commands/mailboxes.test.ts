// Two connections make a mailbox for the same use: there is one afterwards. RFC 6154 §3
import assert from 'node:assert/strict'
import test from 'node:test'
import { testAccount, testAddress, testPassword, withImap } from '../imap.testbed.ts'
import { LineClient } from '../line-client.testbed.ts'

test('of two that create a mailbox for one use at once, one is refused with USEATTR', () =>
  withImap(async bed => {
    const clients = [new LineClient(bed.connect()), new LineClient(bed.connect())]
    for (const client of clients) {
      await client.line()
      await client.command('a', `LOGIN ${testAddress} ${testPassword}`)
    }
    await clients[0]?.command('b', 'DELETE Archive')
    const answers = await Promise.all(
      clients.map((client, at) => client.command('c', `CREATE Attic${at} (USE (\\Archive))`)),
    )
    assert.match(answers.flat().join(), /OK \[MAILBOXID/)
    assert.match(answers.flat().join(), /NO \[USEATTR\]/)
    const account = await bed.accounts.account(testAccount)
    assert.equal((await account.mailboxes()).filter(({ role }) => role === 'archive').length, 1)
    for (const client of clients) client[Symbol.dispose]()
  }))
