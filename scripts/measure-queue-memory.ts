// What an entry that waits costs in memory, for docs/performance.md: node --expose-gc scripts/measure-queue-memory.ts [--messages N] [--destinations N]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { emptyBytes } from '../src/base/bytes.ts'
import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { memorySource } from '../src/formats/message-source.ts'
import { silentEvents } from '../src/mail/events.ts'
import type { DeliveryId } from '../src/mail/ids.ts'
import { openQueue } from '../src/mail/queue/open-queue.ts'

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '20000' }, destinations: { type: 'string', default: '1000' } },
})
const messages = Number(values.messages)
const folder = await mkdtemp(join(tmpdir(), 'hikyaku-queue-memory-'))
const kib = (bytes: number) => Math.round(bytes / 1024)

function memory(): { heap: number; resident: number; external: number } {
  if (!globalThis.gc) throw new Error('To be run with --expose-gc')
  globalThis.gc()
  const { heapUsed, rss, external } = process.memoryUsage()
  return { heap: heapUsed, resident: rss, external }
}

/** From one of ten people, to one of the destinations, all of which answer "later". */
async function open() {
  return openQueue({
    file: join(folder, 'outbound.db'),
    spoolFolder: join(folder, 'outbound'),
    name: 'outbound',
    destinationOf: (_, recipient) => recipient.slice(recipient.lastIndexOf('@') + 1),
    transportFor: () => async envelope =>
      envelope.recipients.map(() => ({ status: 'deferred', reply: { code: 451, lines: ['Later'] } }) as const),
    clock: systemClock,
    log: silentLog,
    events: silentEvents,
    diskReserveBytes: 0,
  })
}

async function add(queue: Awaited<ReturnType<typeof open>>, number: number): Promise<void> {
  const from = `user${number % 10}@home.test`
  const now = Date.now()
  const id = `home.1.${number}` as DeliveryId
  await queue.add({
    id,
    envelope: {
      reversePath: from,
      recipients: [{ address: `r${number}@d${number % Number(values.destinations)}.internet.test` }],
      body: '7BIT',
      smtpUtf8: false,
    },
    trace: emptyBytes,
    message: memorySource(Buffer.alloc(2048, 'x')),
    facts: '{}',
    fingerprint: new Uint8Array(32).fill(number % 256),
    receivedAt: now,
    expiresAt: now + 1e9,
    submitter: from,
  })
  queue.confirm(id)
}

function report(what: string, before: ReturnType<typeof memory>): void {
  const after = memory()
  const bytesAnEntry = Math.round((after.heap - before.heap) / messages)
  console.log(
    JSON.stringify({ what, bytesAnEntry, residentKiB: kib(after.resident), externalKiB: kib(after.external) }),
  )
}

try {
  const empty = memory()
  {
    await using queue = await open()
    for (let number = 0; number < messages; number += 100)
      await Promise.all(Array.from({ length: 100 }, (_, index) => add(queue, number + index)))
    report('added and tried', empty)
  }
  await using queue = await open()
  report(`after a start, ${queue.depth} entries`, empty)
} finally {
  await rm(folder, { recursive: true, force: true })
}
