/** Run by account-journal.test.ts: delivers into many accounts at once, prints what was answered, until it is killed. */
import { writeSync } from 'node:fs'
import { accountId, delivery, filedBesides, isFiled, numberedLetter, testOptions } from './accounts.testbed.ts'
import { openAccounts } from './accounts.ts'
import type { DeliveryId } from './ids.ts'

const [folder = '', round = '0', count = '8'] = process.argv.slice(2)
const accounts = await openAccounts(testOptions(folder, { writerThreads: 2 }))
const ids = Array.from({ length: Number(count) }, (_, number) => accountId(number + 1))
for (const id of ids) await accounts.createAccount(id, 'en')
let next = 0
const signal = new AbortController().signal

async function deliverOn(): Promise<never> {
  for (;;) {
    const number = `${round}.${next++}`
    const account = ids[next % ids.length] ?? accountId(1)
    const attempt = { id: `gateway.${number}` as DeliveryId }
    const message = numberedLetter(number)
    const filed = isFiled(number) ? filedBesides(number) : {}
    const result = await accounts.deliver(delivery(account, { message, attempt, ...filed }), signal)
    if (result.status === 'stored') writeSync(1, `${account} ${number} ${result.uid}\n`)
  }
}
await Promise.all(Array.from({ length: 20 }, deliverOn))
