/** Run by account-durability.test.ts: delivers without end, prints the number of each letter that was answered, until it is killed. */
import { writeSync } from 'node:fs'
import { accountId, delivery, numberedLetter, testOptions } from './accounts.testbed.ts'
import { openAccounts } from './accounts.ts'
import type { DeliveryId } from './ids.ts'

const [folder = '', round = '0'] = process.argv.slice(2)
const accounts = await openAccounts(testOptions(folder, { writerThreads: 2 }))
const ids = [accountId(1), accountId(2)]
for (const id of ids) await accounts.createAccount(id, 'en')
let next = 0
const signal = new AbortController().signal

async function deliverOn(): Promise<never> {
  for (;;) {
    const number = `${round}.${next++}`
    const account = ids[next % 2] ?? accountId(1)
    const attempt = { id: `gateway.${number}` as DeliveryId }
    await accounts.deliver(delivery(account, { message: numberedLetter(number), attempt }), signal)
    writeSync(1, `${account} ${number}\n`)
  }
}
await Promise.all(Array.from({ length: 20 }, deliverOn))
