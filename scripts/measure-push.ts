// `node scripts/measure-push.ts [--accounts 40] [--sources 25] [--rounds 5] [--letters 40]`: event sources of several accounts, held by a process of their own; how long
// after the yes to a delivery each has its event, what a source costs in memory, and how late the event loop is. Then one letter after the other reaches an event
// source, an IMAP client in IDLE and a Web Push subscriber of one account: each hears of them in order. Nothing is kept.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { delivery, letter } from '#mail/accounts.testbed.ts'
import type { Authenticator } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { resolverOf } from '#protocols/http/image-proxy.testbed.ts'
import { authorization, type JmapBed, password, withJmap } from '#protocols/jmap/jmap.testbed.ts'
import { Pusher } from '#protocols/jmap/web-push/pusher.ts'
import { createVapid } from '#protocols/jmap/web-push/vapid.ts'
import { type Both, withBoth } from '../tests/jmap-walk/both.ts'

/** A state event that came to a source of this account; milliseconds since 1970, with fractions */
type Arrival = { readonly account: number; readonly modSeq: number; readonly at: number }

const clockNow = () => performance.timeOrigin + performance.now()
const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '40' },
    sources: { type: 'string', default: '25' },
    rounds: { type: 'string', default: '5' },
    letters: { type: 'string', default: '40' },
    port: { type: 'string' },
  },
})
const [accounts, sources] = [Number(values.accounts), Number(values.sources)]
function say(what: string, text: string): void {
  process.stdout.write(`${what.padEnd(34)} ${text}\n`)
}

function userOf(number: number): string {
  return `u${number}@home.test`
}

/** The clients' process */
async function listenAll(port: number): Promise<void> {
  let open = 0
  for (let account = 0; account < accounts; account++)
    for (let source = 0; source < sources; source++) {
      await listen(port, basic(userOf(account)), (modSeq, at) =>
        process.send?.({ account, modSeq, at } satisfies Arrival),
      )
      open++
    }
  process.send?.({ open })
}

function basic(user: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

async function listen(port: number, login: string, told: (modSeq: number, at: number) => void): Promise<() => void> {
  const path = '/jmap/eventsource?types=*&closeafter=no&ping=0'
  const asked = request({ host: '127.0.0.1', port, path, agent: false, headers: { authorization: login } }).end()
  const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}`)
  response.on('data', (chunk: Buffer) => {
    const at = clockNow()
    for (const [, modSeq] of chunk.toString().matchAll(/^id: \d+\.(\d+)$/gm)) told(Number(modSeq), at)
  })
  response.on('error', () => undefined)
  return () => void response.destroy()
}

async function measureMany(): Promise<void> {
  const ids = new Map<string, AccountId>()
  const checkedBy = (own: Authenticator): Authenticator => ({
    ...own,
    password: async (name, given) => {
      const account = ids.get(name)
      const login = account && { account, address: name, ended: new AbortController().signal }
      return login && given === password ? { kind: 'ok', login } : { kind: 'refused', reason: 'wrong-password' }
    },
  })
  await withJmap(
    async bed => {
      for (let number = 0; number < accounts; number++) {
        const user = await bed.directory.addUser({ address: userOf(number) })
        if ('refused' in user) throw new Error(user.refused)
        ids.set(userOf(number), user.account)
        // what an account costs when it is opened is not what a source costs
        await deliver(bed, user.account)
      }
      await measureSources(bed, [...ids.values()])
    },
    { checkedBy },
  )
}

async function deliver({ accounts: opened }: JmapBed, account: AccountId): Promise<number> {
  const given = delivery(account, { message: letter('News'), recipient: 'u@home.test' })
  await opened.deliver(given, AbortSignal.timeout(10_000))
  return clockNow()
}

async function measureSources(bed: JmapBed, ids: readonly AccountId[]): Promise<void> {
  const arrivals: Arrival[] = []
  global.gc?.()
  const before = process.memoryUsage()
  const began = performance.now()
  const child = await clientsOf(bed.port, one => arrivals.push(one))
  try {
    const count = accounts * sources
    say(
      'sources open',
      `${count} of ${accounts} accounts, with the start of their process, in ${((performance.now() - began) / 1000).toFixed(1)} s`,
    )
    await sleep(1_000)
    global.gc?.()
    const after = process.memoryUsage()
    const each = (name: 'rss' | 'heapUsed') => `${((after[name] - before[name]) / count / 1024).toFixed(1)} KiB`
    say('a source costs', `${each('rss')} of RSS, ${each('heapUsed')} of heap`)
    using delays = loopDelays()
    const single: number[] = []
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [account, id] of ids.entries()) single.push(...(await oneDelivery(bed, { account, id }, arrivals)))
    say('one letter, to the sources of its account', spread(single))
    const together: number[] = []
    for (let round = 0; round < Number(values.rounds); round++) {
      arrivals.length = 0
      const yes = await Promise.all(ids.map(id => deliver(bed, id)))
      await heard(arrivals, count)
      for (const { account, at } of arrivals) together.push(at - (yes[account] ?? 0))
    }
    say(`${accounts} letters at once, to all sources`, spread(together))
    say('event loop late', delays.said())
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}

async function oneDelivery(
  bed: JmapBed,
  { account, id }: { readonly account: number; readonly id: AccountId },
  arrivals: Arrival[],
): Promise<readonly number[]> {
  arrivals.length = 0
  const yes = await deliver(bed, id)
  await heard(arrivals, sources)
  if (arrivals.some(one => one.account !== account)) throw new Error('An account heard of another’s letter')
  return arrivals.map(({ at }) => at - yes)
}

async function heard(arrivals: readonly unknown[], count: number): Promise<void> {
  for (const end = performance.now() + 20_000; arrivals.length < count; await sleep(1))
    if (performance.now() > end) throw new Error(`${arrivals.length} of ${count} heard`)
}

async function clientsOf(port: number, told: (one: Arrival) => void): Promise<ChildProcess> {
  const given = ['--port', String(port), '--accounts', String(accounts), '--sources', String(sources)]
  const child = fork(fileURLToPath(import.meta.url), given)
  await new Promise<void>((resolve, reject) => {
    child.on('message', (message: Arrival | { readonly open: number }) => {
      if ('open' in message) resolve()
      else told(message)
    })
    child.once('exit', code => reject(new Error(`The clients ended with ${code}`)))
  })
  return child
}

function loopDelays(): Disposable & { said(): string } {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const ms = (nanoseconds: number) => (nanoseconds / 1e6).toFixed(1)
  return {
    said: () => `p50 ${ms(delays.percentile(50))}, p99 ${ms(delays.percentile(99))}, max ${ms(delays.max)} ms`,
    [Symbol.dispose]: () => void delays.disable(),
  }
}

function spread(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN).toFixed(2)
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms (${sorted.length} events)`
}

/** One of the three: what it heard, as ascending numbers, and when */
class Listener {
  readonly name: string
  readonly numbers: number[] = []
  readonly times: number[] = []

  constructor(name: string) {
    this.name = name
  }

  readonly hear = (number: number, at = clockNow()): void => {
    this.numbers.push(number)
    this.times.push(at)
  }
}

async function measureOrder(): Promise<void> {
  const listeners = ['event source', 'IDLE', 'Web Push'].map(name => new Listener(name))
  const [source, idle, push] = listeners
  if (!source || !idle || !push) return
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-push-'))
  try {
    await withBoth(async both => {
      await using scope = new AsyncDisposableStack()
      await followByPush(both.bed, folder, push, scope)
      scope.defer(await listen(both.bed.port, authorization, source.hear))
      await followByIdle(both, idle, scope)
      const yes: number[] = []
      for (let count = 0; count < Number(values.letters); count++) {
        yes.push(await deliver(both.bed, both.bed.account))
        await Promise.all(listeners.map(({ numbers }) => heard(numbers, yes.length)))
      }
      for (const { name, numbers, times } of listeners) {
        const isInOrder = numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0))
        const late = times.slice(0, yes.length).map((at, index) => at - (yes[index] ?? 0))
        say(`${name}${isInOrder ? ', in order' : ', NOT IN ORDER'}`, spread(late))
        if (!isInOrder) process.exitCode = 1
      }
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function followByIdle({ connectImap }: Both, { hear }: Listener, scope: AsyncDisposableStack): Promise<void> {
  const stream = connectImap()
  let text = ''
  let isIdle = false
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (isIdle) for (const [, count] of chunk.toString().matchAll(/^\* (\d+) EXISTS/gm)) hear(Number(count))
  })
  const say = async (command: string, until: RegExp) => {
    stream.write(`${command}\r\n`)
    while (!until.test(text)) await sleep(2)
  }
  await say(`1 LOGIN yuki@home.test "${password}"`, /^1 OK/m)
  await say('2 SELECT INBOX', /^2 OK/m)
  await say('3 IDLE', /^\+ /m)
  isIdle = true
  scope.defer(() => void stream.destroy())
}

/** A service of the push kind on this machine, and a subscription there without keys: what comes can be read. */
async function followByPush(
  bed: JmapBed,
  folder: string,
  { hear }: Listener,
  scope: AsyncDisposableStack,
): Promise<void> {
  const ca = await openLocalCa(folder)
  let code: string | undefined
  const service = createServer(await ca.issueServer(['push.internet.test']), (asked, response) => {
    let text = ''
    asked.setEncoding('utf8').on('data', (part: string) => (text += part))
    asked.on('end', () => {
      response.writeHead(201).end()
      const at = clockNow()
      code ??= /"verificationCode":"([^"]+)"/.exec(text)?.[1]
      const modSeq = /"Email":"\d+\.(\d+)"/.exec(text)?.[1]
      if (modSeq !== undefined) hear(Number(modSeq), at)
    })
  })
  await once(service.listen(0, '127.0.0.1'), 'listening')
  const { port } = service.address() as AddressInfo
  scope.defer(() => {
    service.closeAllConnections()
    service.close()
  })
  scope.use(
    new Pusher({
      subscriptions: bed.access.pushSubscriptions,
      accounts: bed.accounts,
      sending: () => bed.sending,
      clock: systemClock,
      log: silentLog,
      vapid: createVapid(new Uint8Array(32).fill(7), 'mailto:postmaster@home.test'),
      resolver: resolverOf(() => ['127.0.0.1']),
      alsoAllowed: (_, at) => at === port,
      ca: ca.certificatePem,
      delays: { gap: 0, firstRetry: 50, lastRetry: 200 },
    }),
  )
  const url = `https://push.internet.test:${port}/send/1`
  const create = { p: { deviceClientId: 'phone-1', types: null, url } }
  const [made] = await bed.calls(['PushSubscription/set', { create }])
  if (!made) throw new Error('No answer')
  const { created } = made[1] as { readonly created: { readonly p: { readonly id: string } } }
  while (code === undefined) await sleep(5)
  await bed.calls(['PushSubscription/set', { update: { [created.p.id]: { verificationCode: code } } }])
  await sleep(200)
}

if (values.port !== undefined) await listenAll(Number(values.port))
else {
  await measureMany()
  await measureOrder()
}
