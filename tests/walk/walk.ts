/** The walk: clients do random commands on one account, in rounds; in between letters come, connections break, the server is killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Random, seededRandom } from '../support/random.ts'
import { Auditor } from './audit.ts'
import { Notified } from './check-notified.ts'
import { Client, type Pending } from './client.ts'
import { type Command, firstLine, type Ground } from './command.ts'
import { spanOf } from './commands-append.ts'
import { bareNoop, type Extension, extensions } from './commands-session.ts'
import { deliver } from './deliver.ts'
import { type Home, password } from './home.ts'
import { writeLetter } from './letter.ts'
import { marksOf, Model } from './model.ts'
import { planCommands, planNamespace } from './plan.ts'
import type { Proxy } from './proxy.ts'
import { clip } from './scanner.ts'
import { type Acted, endRound } from './round.ts'

const roundsBetweenAudits = 40
const idleBudgetMs = 3_000

export type WalkOptions = {
  readonly home: Home
  /** Whose account it is */
  readonly user: string
  readonly seed: number
  readonly seconds: number
  readonly clients: number
  /** How often the server is killed in this time */
  readonly kills: number
  readonly proxy: Proxy
  /** Every client uses it; else each may, or not */
  readonly needs?: Extension
  /** After each new start of the server, before anybody looks */
  readonly afterRestart?: () => Promise<void>
  /** Of each dialogue, in the report of a failure */
  readonly lines?: number
  readonly signal?: AbortSignal
}
export type WalkResult = { rounds: number; commands: number; deliveries: number; kills: number }

/** The first thing that is wrong, with the dialogue of those concerned. */
export class WalkFailure extends Error {}

export class Walk {
  readonly #options: WalkOptions
  readonly #random: Random
  readonly #model = new Model()
  readonly #clients: readonly Client[]
  #auditor = new Auditor()
  readonly #notified = new Notified()
  #letters = 0
  #fault: { error: Error; client: Client } | undefined
  #actors: readonly Client[] = []
  /** What was done, over all clients */
  readonly #course: string[] = []
  readonly #result: WalkResult = { rounds: 0, commands: 0, deliveries: 0, kills: 0 }

  constructor(options: WalkOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    const onFault = (error: Error, client: Client) => this.#onFault(error, client)
    this.#clients = Array.from({ length: options.clients }, (_, at) => {
      return new Client(String.fromCharCode(97 + at), { proxy: options.proxy, onFault })
    })
  }

  async run(): Promise<WalkResult> {
    try {
      await this.#begin()
      const began = performance.now()
      const endAt = began + this.#options.seconds * 1_000
      while (performance.now() < endAt && this.#options.signal?.aborted !== true) {
        const share = (performance.now() - began) / (endAt - began)
        await this.#round(share * (this.#options.kills + 1) >= this.#result.kills + 1)
      }
      await this.#finish()
      return this.#result
    } catch (error) {
      throw this.#failureOf(error as Error)
    } finally {
      for (const client of this.#clients) client.disconnect()
      this.#auditor.disconnect()
    }
  }

  async #begin(): Promise<void> {
    await this.#connectAll()
    for (const one of await this.#auditor.ask('LIST "" *')) if (one.kind === 'list') this.#model.create(one.name)
    for (const one of await this.#auditor.ask('LSUB "" *'))
      if (one.kind === 'lsub') this.#model.subscribed.add(one.name)
  }

  async #connectAll(): Promise<void> {
    const { home, user } = this.#options
    const port = home.port('imap')
    await this.#auditor.connect(port, user, password)
    for (const client of this.#clients) await this.#connect(client)
  }

  async #connect(client: Client): Promise<void> {
    const { home, user } = this.#options
    const { needs } = this.#options
    const isLiked = (name: Extension) => this.#random.integer(name === 'UIDONLY' ? 4 : 2) === 0 || name === needs
    client.likes = new Set(extensions.filter(isLiked))
    await client.connect(home.port('imap'), user, password)
  }

  async #round(kills: boolean): Promise<void> {
    this.#model.beginRound()
    this.#result.rounds++
    const kind = this.#random.integer(100)
    if (kills) await this.#killRound()
    else if (kind < 5) await this.#soloRound(planNamespace)
    else if (kind < 10) await this.#idleRound()
    else if (kind < 12) await this.#reconnect()
    else if (kind < 60) await this.#soloRound(planCommands)
    else await this.#sharedRound()
    this.#throwFault()
  }

  async #soloRound(plan: (ground: Ground) => readonly Command[]): Promise<void> {
    const [client] = this.#awake(1)
    if (!client) return this.#idleRound()
    await this.#end(await this.#act(client, plan(this.#ground(client, false))), true)
  }

  async #sharedRound(): Promise<void> {
    const clients = this.#awake(2 + this.#random.integer(this.#clients.length - 1))
    const acts = clients.map(client => this.#act(client, planCommands(this.#ground(client, true))))
    const letters = this.#random.integer(5) === 0 ? 1 + this.#random.integer(2) : 0
    const deliveries = Array.from({ length: letters }, () => this.#deliver())
    const acted = (await Promise.all(acts)).flat()
    await Promise.all(deliveries)
    await this.#end(acted, letters === 0)
  }

  /** One that idles has been told everything by now; DONE ends it. */
  async #idleRound(): Promise<void> {
    const idling = this.#clients.filter(client => client.idling)
    if (idling.length === 0) return this.#sharedRound()
    const client = this.#random.pick(idling)
    this.#actors = [client]
    await this.#untilTold(client)
    const pending = await client.done()
    if (pending) await this.#end([{ client, pending }], true)
  }

  async #untilTold({ view }: Client): Promise<void> {
    const lateAt = performance.now() + idleBudgetMs
    const count = view && this.#model.mailbox(view.mailbox).present.length
    while (view && view.slots.length !== count && performance.now() < lateAt && !this.#fault) await sleep(2)
  }

  async #reconnect(): Promise<void> {
    const [client] = this.#awake(1)
    if (!client) return
    client.disconnect()
    await this.#connect(client)
  }

  async #killRound(): Promise<void> {
    const { home } = this.#options
    const clients = this.#awake(this.#clients.length)
    const acts = clients.map(client => this.#act(client, planCommands(this.#ground(client, true))))
    const delivery = this.#deliver()
    await sleep(this.#random.integer(25))
    await home.kill()
    const acted = (await Promise.all(acts)).flat()
    await delivery
    this.#throwFault()
    this.#result.kills++
    await home.restart()
    await this.#options.afterRestart?.()
    await this.#connectAll()
    await this.#end(acted, false, true)
  }

  async #deliver(): Promise<void> {
    const { home, user } = this.#options
    const letter = writeLetter(`lmtp${++this.#letters}`, this.#random)
    const sentAt = Date.now()
    const answered = await deliver(home.port('lmtp'), user, letter)
    this.#result.deliveries++
    const internalDate = spanOf({ sentAt, answeredAt: Date.now() })
    const fields = { mailbox: 'INBOX', letter, internalDate, marks: marksOf([]), isDelivery: true }
    this.#model.expect([fields], answered ? 'must' : 'each')
  }

  async #act(client: Client, commands: readonly Command[]): Promise<readonly Acted[]> {
    this.#actors = [...this.#actors, client]
    const where = client.view ? ` in ${client.view.mailbox}` : ''
    for (const command of commands)
      this.#course.push(`round ${this.#result.rounds}, ${client.name}${where}: ${clip(firstLine(command), 120)}`)
    const all: readonly Pending[] = await client.run(commands)
    this.#result.commands += commands.length
    return all.filter(pending => pending !== client.idling).map(pending => ({ client, pending }))
  }

  async #end(acted: readonly Acted[], isUndisturbed: boolean, isFull = false): Promise<void> {
    this.#throwFault()
    const audits = isFull || this.#result.rounds % roundsBetweenAudits === 0
    await endRound({
      model: this.#model,
      clients: this.#clients,
      auditor: this.#auditor,
      notified: this.#notified,
      acted,
      isUndisturbed,
      isFull: audits,
    })
    this.#actors = []
  }

  /** In the end everybody sees the truth. */
  async #finish(): Promise<void> {
    for (const client of this.#clients) {
      this.#model.beginRound()
      const pending = client.idling ? await client.done() : (await client.run([bareNoop()]))[0]
      if (pending) await this.#end([{ client, pending }], true, true)
    }
  }

  #awake(count: number): readonly Client[] {
    const awake = this.#clients.filter(client => !client.idling)
    while (awake.length > count) awake.splice(this.#random.integer(awake.length), 1)
    return awake
  }

  #ground(client: Client, isShared: boolean): Ground {
    return {
      model: this.#model,
      random: this.#random,
      client,
      isShared,
      saved: client.result,
      selected: new Set(this.#clients.flatMap(({ view }) => view?.mailbox ?? [])),
      letterId: () => `m${++this.#letters}`,
    }
  }

  #onFault(error: Error, client: Client): void {
    this.#fault ??= { error, client }
    for (const one of this.#clients) one.disconnect()
  }

  #throwFault(): void {
    if (this.#fault) throw this.#fault.error
  }

  #failureOf(raised: Error): Error {
    const { error, client } = this.#fault ?? { error: raised, client: undefined }
    // whoever idles may be the one that was not told
    const idling = this.#clients.filter(one => one.idling !== undefined)
    const concerned = client ? [client] : [...new Set([...this.#actors, ...idling])]
    const lines = this.#options.lines ?? 30
    const course = { name: 'all commands', log: this.#course }
    const dialogues = [course, ...concerned, { name: 'auditor', log: this.#auditor.log }].map(
      ({ name, log }) => `--- ${name}\n${log.slice(-lines).join('\n')}`,
    )
    const head = `seed ${this.#options.seed}, round ${this.#result.rounds}: ${error.message}`
    return new WalkFailure([head, ...dialogues].join('\n'), { cause: error })
  }
}
