/**
 * A stolen password shows in what is sent: many messages, many strangers, many refusals. Then the account's outgoing mail is paused: it is
 * still taken in and held, what its script sends too, nothing is lost; the user and the owner are told, and somebody resumes it. What was held then goes out.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { openSmallFiles, type SmallFiles } from '#store/small-files.ts'
import type { AccountId } from '../ids.ts'
import type { Queue } from '../queue/queue.ts'
import { type CountKind, Counts, type CountsState, type Passed, type SendingLimits } from './counts.ts'
import { maxWatched, writeCountsMs } from './limits.ts'

export type Pause = {
  readonly account: AccountId
  readonly address: string
  /** Milliseconds since 1970 */
  readonly since: number
  /** `by-hand`: an administrator did it */
  readonly reason: Passed | 'by-hand'
}

export type SendingWatch = {
  /** Counts a submitted message; `hold`: the account is paused, perhaps by this very one. */
  submitted(who: { account: AccountId; address: string }, recipients: readonly string[]): Promise<'go' | 'hold'>
  /** It was counted and could not be taken in after all: its sender will come again with it. A pause that it brought stays. */
  withdrawn(account: AccountId, recipients: number): Promise<void>
  /** So many recipients refused a message of this account for good. */
  failed(account: AccountId, address: string, recipients: number): Promise<void>
  /** The account's script has sent so many messages: they are in the queue, and are held there when this passes a limit. */
  scripted(account: AccountId, address: string, messages: number): Promise<void>
  paused(): readonly Pause[]
  /** Asked again once a message is in the queue: one that was on its way there while the account was resumed is held for nothing */
  isPaused(account: AccountId): boolean
  /** False when it is paused already */
  pause(account: AccountId, address: string): Promise<boolean>
  /** How many messages go on; undefined when it is not paused. `address`: the user's, for a pause whose file could not be read */
  resume(account: AccountId, address?: string): Promise<number | undefined>
  /** Does what a crash left undone of a pause: asked once the queue is open */
  settle(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type SendingWatchOptions = {
  readonly folder: string
  /** Read each time: settings may change */
  readonly limits: () => SendingLimits
  readonly queue: () => Pick<Queue, 'holdFrom' | 'releaseFrom'>
  /** Tells the user and the owner. Called again after a crash, so its effect must have a deterministic id. */
  readonly tell: (pause: Pause) => Promise<void>
  /** Addresses are remembered under this key only, 32 octets */
  readonly key: Uint8Array
  readonly clock: Clock
  readonly log: Log
}

export async function openSendingWatch(options: SendingWatchOptions): Promise<SendingWatch> {
  const watch = new Watch(await openSmallFiles(options.folder), options)
  await watch.load()
  return watch
}

type KeptPause = Pause & { readonly told: boolean }

class Watch implements SendingWatch {
  readonly #files: SmallFiles
  readonly #options: SendingWatchOptions
  readonly #pauses = new Map<AccountId, KeptPause>()
  readonly #counts = new Map<AccountId, Counts>()
  readonly #timer: NodeJS.Timeout
  #turn: Promise<unknown> = Promise.resolve()

  constructor(files: SmallFiles, options: SendingWatchOptions) {
    this.#files = files
    this.#options = options
    this.#timer = setInterval(() => void this.#tend(), writeCountsMs)
    this.#timer.unref()
  }

  async load(): Promise<void> {
    for (const name of await this.#files.list()) {
      if (!name.endsWith(pauseEnd)) continue
      const account = name.slice(0, -pauseEnd.length) as AccountId
      this.#pauses.set(account, await this.#readPause(name, account))
    }
  }

  /** A file that says nothing still says that the account is paused. */
  async #readPause(name: string, account: AccountId): Promise<KeptPause> {
    const { clock, log } = this.#options
    try {
      const pause = JSON.parse((await this.#files.read(name)) ?? '') as KeptPause
      if (typeof pause.address === 'string') return { ...pause, account }
      throw new Error('it names no address')
    } catch (error) {
      log.error('SEND-PAUSE-FILE: a pause cannot be read; the user stays paused', { file: name, error: String(error) })
    }
    return { account, address: '', reason: 'by-hand', since: clock.now(), told: true }
  }

  settle(): Promise<void> {
    return this.#inTurn(() => this.#carryOut())
  }

  submitted(who: { account: AccountId; address: string }, recipients: readonly string[]): Promise<'go' | 'hold'> {
    const { account, address } = who
    return this.#inTurn(async () => {
      const { clock } = this.#options
      const counts = await this.#countsOf(account)
      const now = clock.now()
      counts.add('messages', 1, now)
      counts.add('recipients', recipients.length, now)
      counts.add('newRecipients', counts.meet(recipients.map(one => this.#keyOf(one))), now)
      if (!this.#pauses.has(account)) await this.#judge(account, address, counts)
      return this.#pauses.has(account) ? 'hold' : 'go'
    })
  }

  withdrawn(account: AccountId, recipients: number): Promise<void> {
    return this.#inTurn(async () => {
      const counts = await this.#countsOf(account)
      counts.add('messages', -1, this.#options.clock.now())
      counts.add('recipients', -recipients, this.#options.clock.now())
    })
  }

  failed(account: AccountId, address: string, recipients: number): Promise<void> {
    return this.#count('failures', { account, address }, recipients)
  }

  scripted(account: AccountId, address: string, messages: number): Promise<void> {
    return this.#count('scripted', { account, address }, messages)
  }

  #count(kind: CountKind, { account, address }: Pick<Pause, 'account' | 'address'>, count: number): Promise<void> {
    return this.#inTurn(async () => {
      const counts = await this.#countsOf(account)
      counts.add(kind, count, this.#options.clock.now())
      if (!this.#pauses.has(account)) await this.#judge(account, address, counts)
    })
  }

  async #judge(account: AccountId, address: string, counts: Counts): Promise<void> {
    const reason = counts.passed(this.#options.limits(), this.#options.clock.now())
    if (reason !== undefined) await this.#begin({ account, address, reason, since: this.#options.clock.now() })
  }

  /** From here on it is paused, whatever fails: what is left to do is done by and by. */
  async #begin(pause: Pause): Promise<void> {
    const { log, queue } = this.#options
    await this.#write({ ...pause, told: false })
    await queue().holdFrom(pause.address)
    log.warn('SEND-PAUSED: the outgoing mail of a user is held until somebody resumes it', {
      address: pause.address,
      reason: pause.reason,
    })
    await this.#tell(pause)
  }

  async #tell(pause: Pause): Promise<void> {
    try {
      await this.#options.tell(pause)
      await this.#write({ ...pause, told: true })
    } catch (error) {
      this.#options.log.warn('Nobody could be told of a pause yet', { address: pause.address, error: String(error) })
    }
  }

  async #write(pause: KeptPause): Promise<void> {
    this.#pauses.set(pause.account, pause)
    await this.#files.write(`${pause.account}${pauseEnd}`, JSON.stringify(pause))
  }

  async #carryOut(): Promise<void> {
    for (const { told, ...pause } of this.#pauses.values()) if (!told) await this.#begin(pause)
  }

  paused(): readonly Pause[] {
    return [...this.#pauses.values()].map(({ account, address, since, reason }) => ({
      account,
      address,
      since,
      reason,
    }))
  }

  pause(account: AccountId, address: string): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#pauses.has(account)) return false
      await this.#begin({ account, address, reason: 'by-hand', since: this.#options.clock.now() })
      return true
    })
  }

  resume(account: AccountId, address = ''): Promise<number | undefined> {
    return this.#inTurn(async () => {
      const pause = this.#pauses.get(account)
      if (!pause) return undefined
      const counts = await this.#countsOf(account)
      counts.forgive()
      await this.#writeCounts(account, counts)
      // in memory first, for who is just being held; on disk last: a resumption that was cut off is made again, and nothing waits for ever
      this.#pauses.delete(account)
      try {
        const released = await this.#options.queue().releaseFrom(pause.address === '' ? address : pause.address)
        await this.#files.remove(`${account}${pauseEnd}`)
        return released
      } catch (error) {
        this.#pauses.set(account, pause)
        throw error
      }
    })
  }

  isPaused(account: AccountId): boolean {
    return this.#pauses.has(account)
  }

  #keyOf(address: string): string {
    return createHmac('sha256', this.#options.key).update(address.toLowerCase()).digest('base64url').slice(0, 11)
  }

  async #countsOf(account: AccountId): Promise<Counts> {
    const known = this.#counts.get(account)
    const counts = known ?? new Counts(await this.#readCounts(account))
    this.#counts.delete(account)
    this.#counts.set(account, counts)
    for (const [oldest, its] of this.#counts) {
      if (this.#counts.size <= maxWatched) break
      await this.#writeCounts(oldest, its)
      this.#counts.delete(oldest)
    }
    return counts
  }

  async #readCounts(account: AccountId): Promise<CountsState | undefined> {
    try {
      const text = await this.#files.read(`${account}${countsEnd}`)
      return text === undefined ? undefined : (JSON.parse(text) as CountsState)
    } catch {
      return undefined
    }
  }

  async #writeCounts(account: AccountId, counts: Counts): Promise<void> {
    if (!counts.changed) return
    counts.changed = false
    await this.#files.write(`${account}${countsEnd}`, JSON.stringify(counts.state())).catch((error: unknown) => {
      counts.changed = true
      throw error
    })
  }

  async #tend(): Promise<void> {
    await this.#inTurn(async () => {
      for (const [account, counts] of this.#counts) await this.#writeCounts(account, counts)
      await this.#carryOut()
    }).catch(error => this.#options.log.warn('What users send could not be written down', { error: String(error) }))
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(act)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#tend()
  }
}

const pauseEnd = '.pause.json'
const countsEnd = '.counts.json'
