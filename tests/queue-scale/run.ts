/**
 * The outbound queue at scale: many messages to many destinations, a third of them sick. `pace` measures how long healthy destinations
 * wait for a message, with or without the sick ones beside them; `drain` fills the queue, kills the process in the middle, heals
 * everybody and counts.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { nodeEnvironment, nodeFlags } from '#base/node-flags.ts'
import type { FromSender, ToSender } from './sender.ts'
import { kindOf, openWorld, type World } from './world.ts'

export type Delays = {
  readonly messages: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export type Drained = {
  readonly messages: number
  readonly addedPerSecond: number
  /** Highest resident memory of the process, and what it was with nothing in the queue */
  readonly mostRssMiB: number
  readonly restRssMiB: number
  /** Resident memory with a tenth, two tenths … of the messages added, and when all is delivered */
  readonly addingRssMiB: readonly number[]
  readonly endRssMiB: number
  readonly reopenedMs: number
  readonly inQueueAtKill: number
  readonly seconds: number
  readonly lost: number
  /** Taken twice because the kill came between the remote's answer and our disk */
  readonly doubledByTheKill: number
  readonly doubledOtherwise: number
}

class Sender {
  readonly #child: ChildProcess
  readonly #waiting: ((message: FromSender) => boolean)[] = []
  mostRssKiB = 0
  readonly #watch: NodeJS.Timeout

  constructor(folder: string, port: number) {
    this.#child = fork(new URL('./sender.ts', import.meta.url), [folder, String(port)], {
      // as the program runs in production
      execArgv: [...nodeFlags],
      env: { ...process.env, ...nodeEnvironment },
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#child.on('message', (message: FromSender) => {
      const at = this.#waiting.findIndex(takes => takes(message))
      if (at >= 0) this.#waiting.splice(at, 1)
    })
    this.#watch = setInterval(() => (this.mostRssKiB = Math.max(this.mostRssKiB, this.rssKiB())), 200)
  }

  tell(message: ToSender): void {
    this.#child.send(message)
  }

  wait<Kind extends FromSender['kind']>(kind: Kind): Promise<Extract<FromSender, { kind: Kind }>> {
    return new Promise(resolve =>
      this.#waiting.push(message => {
        if (message.kind !== kind) return false
        resolve(message as Extract<FromSender, { kind: Kind }>)
        return true
      }),
    )
  }

  async depth(): Promise<number> {
    this.tell({ kind: 'depth' })
    return (await this.wait('depth')).depth
  }

  rssKiB(): number {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      return 0
    }
  }

  async kill(): Promise<void> {
    clearInterval(this.#watch)
    const exited = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await exited
  }
}

async function scene<Result>(
  destinations: number,
  act: (folder: string, world: World) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(process.env['QUEUE_FOLDER'] ?? tmpdir(), 'hikyaku-queue-scale-'))
  const world = await openWorld(destinations)
  try {
    return await act(folder, world)
  } finally {
    world.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

export type PaceOptions = {
  readonly destinations: number
  readonly perSecond: number
  readonly seconds: number
  /** Whether the sick third gets its share of the mail too */
  readonly sick: boolean
}

/** Messages come evenly; the delay of those for healthy destinations, from the call that adds them to the remote's 250. */
export function pace({ destinations, perSecond, seconds, sick }: PaceOptions): Promise<Delays> {
  return scene(destinations, async (folder, world) => {
    const sender = new Sender(folder, world.port)
    await sender.wait('ready')
    const addedAt = new Map<number, number>()
    const start = performance.now()
    for (let tick = 0, number = 0; tick < seconds * 10; tick++) {
      const numbers: number[] = []
      for (; numbers.length < perSecond / 10; number++)
        if (sick || kindOf(number % destinations) === 'healthy') numbers.push(number)
      for (const one of numbers) addedAt.set(one, performance.now())
      sender.tell({ kind: 'add', numbers, destinations })
      await pause(Math.max(0, start + (tick + 1) * 100 - performance.now()))
    }
    const healthy = [...addedAt].filter(([number]) => kindOf(number % destinations) === 'healthy')
    for (let wait = 0; wait < 600 && healthy.some(([number]) => !world.taken.has(number)); wait++) await pause(100)
    await sender.kill()
    const delays = healthy
      .map(([number, at]) => (world.taken.get(number)?.[0] ?? Infinity) - at)
      .toSorted((a, b) => a - b)
    const at = (share: number) => Math.round((delays[Math.floor(delays.length * share)] ?? Infinity) * 10) / 10
    return { messages: delays.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: Math.round(delays.at(-1) ?? Infinity) }
  })
}

export type DrainOptions = { readonly destinations: number; readonly messages: number }

/** All messages are added at once, the process is killed halfway through the healthy ones, all are healed, and all is counted. */
export function drain({ destinations, messages }: DrainOptions): Promise<Drained> {
  return scene(destinations, async (folder, world) => {
    const start = performance.now()
    let sender = new Sender(folder, world.port)
    await sender.wait('ready')
    const restRssKiB = sender.rssKiB()
    const addingRssMiB: number[] = []
    for (let tenth = 0; tenth < 10; tenth++) {
      const [from, to] = [tenth, tenth + 1].map(part => Math.round((messages * part) / 10)) as [number, number]
      await addAll(sender, from, to, destinations)
      addingRssMiB.push(Math.round(sender.rssKiB() / 1024))
    }
    const addedMs = performance.now() - start
    const healthy = Array.from({ length: messages }, (_, number) => kindOf(number % destinations) === 'healthy').filter(
      Boolean,
    )
    while (world.taken.size < healthy.length / 2) await pause(20)
    const inQueueAtKill = await sender.depth()
    const killedAt = performance.now()
    await sender.kill()
    let { mostRssKiB } = sender
    sender = new Sender(folder, world.port)
    const { ms: reopenedMs } = await sender.wait('ready')
    while (world.taken.size < healthy.length) await pause(50)
    await world.heal()
    for (let round = 0; (await sender.depth()) > 0 && round < 3000; round++) {
      if (round % 20 === 0) sender.tell({ kind: 'retry' })
      await pause(100)
    }
    mostRssKiB = Math.max(mostRssKiB, sender.mostRssKiB)
    const endRssKiB = sender.rssKiB()
    await sender.kill()
    const numbers = Array.from({ length: messages }, (_, number) => world.taken.get(number) ?? [])
    const doubled = numbers.filter(times => times.length > 1)
    const byKill = doubled.filter(([first = 0], _at) => first > killedAt - 5000 && first <= killedAt + 100)
    return {
      messages,
      addedPerSecond: Math.round(messages / (addedMs / 1000)),
      mostRssMiB: Math.round(mostRssKiB / 1024),
      restRssMiB: Math.round(restRssKiB / 1024),
      addingRssMiB,
      endRssMiB: Math.round(endRssKiB / 1024),
      reopenedMs: Math.round(reopenedMs),
      inQueueAtKill,
      seconds: Math.round((performance.now() - start) / 1000),
      lost: numbers.filter(times => times.length === 0).length,
      doubledByTheKill: byKill.length,
      doubledOtherwise: doubled.length - byKill.length,
    }
  })
}

const batch = 500

async function addAll(sender: Sender, from: number, to: number, destinations: number): Promise<void> {
  for (let next = from; next < to; next += batch) {
    const numbers = Array.from({ length: Math.min(batch, to - next) }, (_, index) => next + index)
    sender.tell({ kind: 'add', numbers, destinations })
    await sender.wait('added')
  }
}
