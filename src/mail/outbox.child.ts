/** Run by outbox.test.ts: letters with effects into accounts, the effects into the queue, until it is killed. Prints what was answered. */
import { writeSync } from 'node:fs'
import { accountId, delivery, filedBesides, letter } from './accounts.testbed.ts'
import type { DeliveryId } from './ids.ts'
import { openFlow } from './outbox.testbed.ts'

const [folder = '', round = '0'] = process.argv.slice(2)
const ids = Array.from({ length: 4 }, (_, number) => accountId(number + 1))
const flow = await openFlow(folder, { deliver: true })
for (const id of ids) await flow.accounts.createAccount(id, 'en')
let next = 0
const signal = new AbortController().signal

async function deliverOn(): Promise<never> {
  for (;;) {
    const number = `${round}.${next++}`
    const attempt = { id: `gateway.${number}` as DeliveryId }
    const account = ids[next % ids.length] ?? accountId(1)
    await flow.accounts.deliver(
      delivery(account, { message: letter(number), attempt, ...filedBesides(number) }),
      signal,
    )
    writeSync(1, `${number}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, deliverOn))
