/** Run by sender-memory-killed.test.ts: learns without end, prints the number of each sender that is on disk, until it is killed. */
import { openSendersStore } from '#store/senders/senders-store.ts'
import { killedKey } from './sender-memory-killed.testbed.ts'

const [file = '', round = '0'] = process.argv.slice(2)
const store = openSendersStore({ file })
let next = 0

async function learnOn(): Promise<never> {
  for (;;) {
    const number = `${round}.${next++}`
    const now = Date.now()
    await store.attempt({ key: killedKey(`attempt ${number}`), now, delayMs: 60_000, windowMs: 1e9, keptMs: 1e9 })
    await store.learn({ keys: [killedKey(number)], now })
    process.stdout.write(`${number}\n`)
  }
}
await Promise.all(Array.from({ length: 10 }, learnOn))
