/**
 * IMAP and JMAP do random commands on one account. When all is quiet, what IMAP shows is what JMAP shows, and what clients hold that followed by /changes and
 * /queryChanges alone; and after a command that had nobody beside it, it is what the command should have done.
 */
import assert from 'node:assert/strict'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { delivery } from '#mail/accounts.testbed.ts'
import { address } from '#protocols/jmap/jmap.testbed.ts'
import { type Random, seededRandom } from '../support/random.ts'
import type { Both } from './both.ts'
import { type Command, type Ground, planCommand } from './commands.ts'
import { Complaint, mustEqual } from './complaint.ts'
import { ImapClient } from './imap-client.ts'
import { type Ask, askOf, JmapClient } from './jmap-client.ts'
import { Model } from './model.ts'
import { compareStates, tellStates } from './states.ts'
import { kinds, lookByImap, type Places, storyOf } from './story.ts'

export type WalkOptions = {
  readonly seed: number
  readonly seconds: number
  /** Clients of each protocol that change things */
  readonly clients: number
  /** Puts faults into what is asked and answered */
  readonly plant?: (ask: Ask) => Ask
  /** The same of commands */
  readonly plantCommand?: (command: Command) => Command
}
export type WalkResult = { rounds: number; commands: number; refused: number }

const roundMs = 30_000

export class Walk {
  readonly #both: Both
  readonly #options: WalkOptions
  readonly #random: Random
  readonly #ask: Ask
  readonly #eye: ImapClient
  readonly #imaps: readonly ImapClient[]
  readonly #followers: readonly JmapClient[]
  readonly #course: string[] = []
  readonly #result: WalkResult = { rounds: 0, commands: 0, refused: 0 }
  #places: Places = new Map()
  #letters = 0
  /** Without an answer yet */
  readonly #asked = new Set<string>()
  /** What is being done */
  #step = ''

  constructor(both: Both, options: WalkOptions) {
    this.#both = both
    this.#options = options
    this.#random = seededRandom(options.seed)
    const ask: Ask = async (name, given) => {
      const words = `${name} ${JSON.stringify(given)}`
      this.#asked.add(words)
      try {
        return await askOf(both.bed)(name, given)
      } finally {
        this.#asked.delete(words)
      }
    }
    this.#ask = options.plant?.(ask) ?? ask
    this.#eye = new ImapClient(() => both.connectImap())
    this.#imaps = Array.from({ length: options.clients }, () => new ImapClient(() => both.connectImap()))
    this.#followers = [new JmapClient(this.#ask), new JmapClient(this.#ask)]
  }

  async run(): Promise<WalkResult> {
    try {
      for (const client of [this.#eye, ...this.#imaps]) await client.login()
      for (const follower of this.#followers) await follower.start()
      this.#places = await lookByImap(this.#eye)
      const endAt = performance.now() + this.#options.seconds * 1000
      while (performance.now() < endAt) await this.#within(this.#round())
      await this.#settle(this.#followers)
      return this.#result
    } catch (error) {
      if (error instanceof Complaint)
        error.message += `\nseed ${this.#options.seed}, the last of ${this.#course.length} commands:\n${this.#course.slice(-30).join('\n')}`
      throw error
    } finally {
      for (const client of [this.#eye, ...this.#imaps]) client[Symbol.dispose]()
    }
  }

  /** Whatever waits for ever is named by the course before it. */
  async #within(round: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Complaint('late', `${this.#step} does not end: ${this.#open()}`)), roundMs)
    })
    try {
      await Promise.race([round, late])
    } finally {
      clearTimeout(timer)
    }
  }

  #open(): string {
    const dialogues = this.#imaps.map(({ dialogue }) => dialogue.slice(-300))
    return [...this.#asked, ...dialogues].join('\n')
  }

  async #round(): Promise<void> {
    this.#result.rounds++
    const [often] = this.#followers
    assert.ok(often)
    if (this.#random.integer(100) < 55) {
      const model = new Model(this.#places)
      const command = this.#plan(0)
      this.#step = command.text
      const before = await tellStates(this.#ask, this.#places)
      if (await this.#run(command)) command.effect(model)
      this.#places = await lookByImap(this.#eye)
      model.compare(this.#places, command.text)
      compareStates(before, await tellStates(this.#ask, this.#places), command.text)
    } else {
      const commands = Array.from({ length: 2 + this.#random.integer(3) }, (_, at) => this.#plan(at))
      this.#step = commands.map(({ text }) => text).join(', ')
      const follows = this.#random.integer(2) === 0
      await Promise.all([...this.#together(commands), follows ? often.follow(60) : undefined])
    }
    await this.#settle(this.#result.rounds % 7 === 0 ? this.#followers : [often])
  }

  /** One client does one thing at a time. */
  #together(commands: readonly Command[]): readonly Promise<void>[] {
    const byClient = Map.groupBy(commands.entries(), ([at]) => at % this.#imaps.length)
    return [...byClient.values()].map(async own => {
      for (const [, command] of own) await this.#run(command)
    })
  }

  #plan(client: number): Command {
    const { bed } = this.#both
    const imap = this.#imaps[client % this.#imaps.length]
    assert.ok(imap)
    const ground: Ground = {
      random: this.#random,
      places: this.#places,
      imap,
      ask: this.#ask,
      letter: () => this.#letter(),
      async upload(letter) {
        const path = `/jmap/upload/${bed.accountId}/`
        const { bytes } = await bed.ask({
          method: 'POST',
          path,
          headers: { 'content-type': 'message/rfc822' },
          body: letter,
        })
        return (JSON.parse(bytes.toString()) as { readonly blobId: string }).blobId
      },
      deliver: async letter => {
        const message = memorySource(utf8(letter))
        const given = delivery(bed.account, { message, recipient: address, internalDate: this.#time() })
        assert.equal((await bed.accounts.deliver(given, AbortSignal.timeout(10_000))).status, 'stored')
      },
    }
    const command = planCommand(ground)
    return this.#options.plantCommand?.(command) ?? command
  }

  #time(): number {
    return 1_700_000_000_000 + this.#random.integer(50) * 60_000
  }

  /** One in three answers an earlier one. */
  #letter(): string {
    const number = ++this.#letters
    const earlier = this.#random.integer(3) === 0 ? 1 + this.#random.integer(number) : number
    const answers = earlier === number ? '' : `In-Reply-To: <${earlier}@walk.internet.test>\r\n`
    const subject = `Subject: ${answers === '' ? '' : 'Re: '}Topic ${earlier % 5}`
    return `From: aki@internet.test\r\nMessage-ID: <${number}@walk.internet.test>\r\n${answers}${subject}\r\n\r\n${'x'.repeat(this.#random.integer(60))}\r\n`
  }

  async #run(command: Command): Promise<boolean> {
    this.#result.commands++
    const number = this.#course.push(command.text)
    const done = await command.run()
    if (!done) {
      this.#result.refused++
      this.#course[number - 1] += ' (refused)'
    }
    return done
  }

  async #settle(followers: readonly JmapClient[]): Promise<void> {
    this.#step = 'the look by IMAP'
    this.#places = await lookByImap(this.#eye)
    const [first] = followers
    this.#step = 'the look by JMAP'
    const told = await first?.look()
    const wanted = storyOf(this.#places, 'Trash')
    for (const kind of kinds) if (told) mustEqual('story', kind, told[kind], wanted[kind])
    for (const follower of followers) {
      this.#step = 'following'
      await follower.follow(this.#random.pick([7, 60, 500]))
      for (const kind of kinds) mustEqual('follower', kind, follower.cache[kind], wanted[kind])
      await follower.compareQueries()
    }
  }
}
