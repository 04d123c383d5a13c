/** The process under test: the durable queue with the MX transport. It is told what to add, says what is on disk, and may be killed. */
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { silentEvents } from '#mail/events.ts'
import type { DeliveryId } from '#mail/ids.ts'
import { openQueue } from '#mail/queue/open-queue.ts'
import type { DnsAnswer, Resolver } from '#net/dns.ts'
import { mxTransport } from '#protocols/smtp/mx-transport.ts'
import { addressOf } from './world.ts'

export type ToSender =
  | { readonly kind: 'add'; readonly numbers: readonly number[]; readonly destinations: number }
  | { readonly kind: 'retry' }
  | { readonly kind: 'depth' }
export type FromSender =
  | { readonly kind: 'ready'; readonly depth: number; readonly ms: number }
  | { readonly kind: 'added'; readonly numbers: readonly number[] }
  | { readonly kind: 'depth'; readonly depth: number }

const [folder = '', port = '0'] = process.argv.slice(2)
const destinationOfHost = (host: string) => Number(/^d(\d+)\.test$/.exec(host)?.[1])
const found = <Value>(value: Value): Promise<DnsAnswer<Value>> => Promise.resolve({ kind: 'found', value })
const none = () => Promise.resolve({ kind: 'none' } as const)
const resolver: Resolver = {
  mx: domain => found([{ exchange: domain, priority: 10 }]),
  addresses: host => found([addressOf(destinationOfHost(host))]),
  a: host => found([addressOf(destinationOfHost(host))]),
  aaaa: none,
  txt: none,
  ptr: none,
}
const say = (message: FromSender) => process.send?.(message)

const start = performance.now()
const mx = mxTransport({ resolver, helo: 'mail.home.test', port: Number(port) })
const queue = await openQueue({
  file: join(folder, 'outbound.db'),
  spoolFolder: join(folder, 'outbound'),
  name: 'outbound',
  destinationOf: (_, recipient) => recipient.slice(recipient.lastIndexOf('@') + 1),
  transportFor: () => mx,
  clock: systemClock,
  log: silentLog,
  events: silentEvents,
  diskReserveBytes: 0,
})
say({ kind: 'ready', depth: queue.depth, ms: performance.now() - start })

process.on('message', async (message: ToSender) => {
  if (message.kind === 'retry') await queue.retry()
  if (message.kind === 'depth') say({ kind: 'depth', depth: queue.depth })
  if (message.kind !== 'add') return
  await Promise.all(message.numbers.map(number => add(number, number % message.destinations)))
  say({ kind: 'added', numbers: message.numbers })
})
process.on('disconnect', () => process.exit(0))

/** A letter of 2 KiB from one of ten people. */
async function add(number: number, destination: number): Promise<void> {
  const id = `scale.1.${number}` as DeliveryId
  const from = `u${number % 10}@home.test`
  const text = `X-Number: ${number}\r\nFrom: ${from}\r\nSubject: ${number}\r\n\r\n${'A line of text.\r\n'.repeat(120)}`
  await queue.add({
    id,
    envelope: {
      reversePath: from,
      recipients: [{ address: `r${number}@d${destination}.test`, notify: { never: true } }],
      body: '7BIT',
      smtpUtf8: false,
    },
    trace: new Uint8Array(0),
    message: memorySource(utf8(text)),
    facts: '{}',
    fingerprint: new Uint8Array(32),
    receivedAt: Date.now(),
    expiresAt: Date.now() + 1e9,
    submitter: from,
  })
  queue.confirm(id)
}
