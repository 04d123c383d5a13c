/** Run by account-states.test.ts: changes an account at random, says which states it has after each change, until it is killed. */
import { writeSync } from 'node:fs'
import { accountId, testOptions } from './accounts.testbed.ts'
import { openAccounts } from './accounts.ts'
import { changeAtRandom, generator } from './random-changes.testbed.ts'

const [folder = '', seed = '1'] = process.argv.slice(2)
const accounts = await openAccounts(testOptions(folder, { writerThreads: 1 }))
const id = accountId(1)
await accounts.createAccount(id, 'en')
const account = await accounts.account(id)
const random = generator(Number(seed))
for (let count = 0; ; count++) {
  await changeAtRandom(account, random)
  await account.setObjects('k', [{ id: `o${count % 5}`, value: String(count) }], { dropOldest: true })
  const { now, kind } = await account.read(reader => ({ now: reader.state, kind: reader.kindState('k').modSeq }))
  writeSync(1, `${JSON.stringify({ ...now.types, kind })}\n`)
}
