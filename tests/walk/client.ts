/** One client: its connection, what it is told, and the commands that wait for their answers. */
import type { Command } from './command.ts'
import { complain } from './complaint.ts'
import { View, type Slot } from './client-view.ts'
import type { Watch } from './watch.ts'
import { Connection, openSocket, within } from './connection.ts'
import type { FetchItems } from './fetch-response.ts'
import type { Proxy } from './proxy.ts'
import { SavedResult } from './saved-result.ts'
import { parseResponse, type Response, type Tagged, withNames } from './response.ts'

/** A FETCH response, to be judged when the round is over */
export type Told = {
  readonly view: View
  readonly slot: Slot
  readonly items: FetchItems
  readonly order: number
  readonly command: Command | undefined
}

export type Pending = {
  readonly command: Command
  readonly tag: string
  readonly order: number
  readonly view: View | undefined
  readonly untagged: Response[]
  readonly fetched: Map<number, string[]>
  readonly left: Slot[]
  readonly sentAt: number
  tagged?: Tagged
  answeredAt: number
}

/** What a client with QRESYNC keeps for the next connection. RFC 7162 §3.2.5 */
export type Saved = {
  readonly uidValidity: number
  readonly modseq: bigint
  readonly flags: ReadonlyMap<number, ReadonlySet<string>>
}

export type ClientOptions = { readonly proxy: Proxy; readonly onFault: (error: Error, client: Client) => void }

/** What NOTIFY brings at any time, beside what a mailbox that is selected always may. RFC 5465 §5 */
const news: ReadonlySet<string> = new Set(['mailbox', 'list', 'flags'])
const opens: ReadonlySet<string> = new Set(['SELECT', 'EXAMINE'])

export class Client {
  readonly name: string
  readonly log: string[] = []
  readonly enabled = new Set<string>()
  readonly saved = new Map<string, Saved>()
  readonly #options: ClientOptions
  #connection: Connection | undefined
  view: View | undefined
  /** `$` */
  result: SavedResult | undefined
  /** NOTIFY */
  watch: Watch | undefined
  /** STATUS and LIST since the last round */
  heard: Response[] = []
  /** What it may enable on this connection */
  likes: ReadonlySet<string> = new Set()
  /** The one that a SELECT on its way will open */
  opening: View | undefined
  /** The IDLE that waits for DONE */
  idling: Pending | undefined
  told: Told[] = []
  /** Messages of which EXPUNGE or VANISHED told since the last round */
  gone: { readonly mailbox: string; readonly slot: Slot }[] = []
  pending: Pending[] = []
  #tags = 0
  #wake: (() => void) | undefined

  constructor(name: string, options: ClientOptions) {
    this.name = name
    this.#options = options
  }

  get isConnected(): boolean {
    return this.#connection?.isOpen === true
  }

  get isRev2(): boolean {
    return this.enabled.has('imap4rev2')
  }

  get isUidOnly(): boolean {
    return this.enabled.has('uidonly')
  }

  async connect(port: number, user: string, password: string): Promise<void> {
    this.log.push('-- a new connection')
    this.enabled.clear()
    this.view = this.opening = this.idling = this.result = this.watch = undefined
    this.pending = []
    this.#connection = new Connection(this.name, await openSocket(port), {
      proxy: this.#options.proxy,
      log: this.log,
      onResponse: text => this.#take(withNames(parseResponse(text), this.isRev2)),
      onClose: () => this.#wake?.(),
      onFault: error => this.#options.onFault(error, this),
    })
    const login: Command = { name: 'LOGIN', parts: [`LOGIN ${user} ${password}`] }
    const [answer] = await this.run([login])
    if (answer?.tagged?.status !== 'OK') throw new Error(`LOGIN was answered ${answer?.tagged?.status}`)
  }

  /** Sends them in one go; resolves when all are answered, an IDLE has begun, or the connection is gone. */
  async run(commands: readonly Command[]): Promise<readonly Pending[]> {
    const all: Pending[] = []
    for (const [order, command] of commands.entries()) {
      const tag = `${this.name}${++this.#tags}`
      const now = Date.now()
      const pending: Pending = {
        command,
        tag,
        order,
        view: this.view,
        untagged: [],
        fetched: new Map(),
        left: [],
        sentAt: now,
        answeredAt: now,
      }
      all.push(pending)
      this.pending.push(pending)
      command.start?.(this)
      await within(`${this.name}: a literal of ${command.name}`, this.#send(pending))
    }
    await this.#until(() => all.every(one => one.tagged ?? one === this.idling), all.at(-1)?.command.name)
    return all
  }

  async #send({ tag, command }: Pending): Promise<void> {
    await this.#connection?.send(tag, command.parts, command.waits)
  }

  async #until(holds: () => boolean, what = ''): Promise<void> {
    while (!holds() && this.isConnected)
      await within(`${this.name}: ${what}`, new Promise<void>(resolve => (this.#wake = resolve)))
  }

  /** Ends an IDLE. */
  async done(): Promise<Pending | undefined> {
    const { idling } = this
    if (!idling) return undefined
    this.#connection?.sendLine('DONE')
    await this.#until(() => idling.tagged !== undefined, 'DONE')
    this.idling = undefined
    return idling
  }

  disconnect(): void {
    this.#connection?.destroy()
  }

  #take(response: Response): void {
    const current = this.pending[0]
    if (response.kind === 'tagged') this.#answered(response)
    else if (response.kind === 'continue') this.#goOn(current)
    else if (response.kind === 'status') this.#status(response, current)
    else if (!this.#viewed(response, current)) {
      if (this.watch && news.has(response.kind)) this.heard.push(response)
      if (!current && this.watch && news.has(response.kind)) return
      if (!current) complain('unexpected', `${response.kind} without a command that asks for it`)
      // while a command before it runs, FLAGS is news of the mailbox that is still selected
      if (response.kind === 'flags' && opens.has(current.command.name)) this.#open()
      if (response.kind === 'enabled') for (const name of response.names) this.enabled.add(name.toLowerCase())
      current.untagged.push(response)
    }
  }

  #answered(tagged: Tagged): void {
    const pending = this.pending.shift()
    if (pending?.tag !== tagged.tag) complain('tagged', `an answer to ${tagged.tag}, while ${pending?.tag} waits`)
    pending.tagged = tagged
    pending.answeredAt = Date.now()
    pending.command.end?.(this, pending)
    this.#connection?.proceed()
    this.#wake?.()
  }

  #goOn(current: Pending | undefined): void {
    if (!current) complain('unexpected', 'a continuation that nothing asked for')
    if (current.command.name === 'IDLE') this.idling = current
    this.#connection?.proceed()
    this.#wake?.()
  }

  #status(response: Response & { kind: 'status' }, current: Pending | undefined): void {
    if (response.code.name === 'other' && response.code.atom === 'CLOSED') {
      if (!this.opening) complain('unexpected', 'CLOSED, though no other mailbox was selected')
      this.view = undefined
      this.#open()
    }
    current?.untagged.push(response)
  }

  #open(): void {
    if (this.opening) this.view = this.opening
    this.opening = undefined
  }

  /** EXISTS, EXPUNGE, VANISHED and FETCH */
  #viewed(response: Response, current: Pending | undefined): boolean {
    if (response.kind === 'vanished' && response.earlier) return false
    if (!['exists', 'recent', 'expunge', 'vanished', 'fetch', 'uidfetch'].includes(response.kind)) return false
    const { view } = this
    if (!view) complain('unexpected', `${response.kind} with no mailbox selected`)
    if (response.kind === 'exists') view.exists(response.number)
    else if (response.kind === 'expunge' || response.kind === 'vanished') this.#gone(view, response, current)
    else if (response.kind === 'recent') this.#recent(view, response.number)
    else if (response.kind === 'fetch' || response.kind === 'uidfetch') this.#fetched(view, response, current)
    return true
  }

  #recent(view: View, number: number): void {
    // RFC 9051, Appendix E
    if (this.isRev2) complain('unexpected', 'RECENT, though IMAP4rev2 is enabled')
    view.recent = number
  }

  #gone(view: View, response: Response & { kind: 'expunge' | 'vanished' }, current: Pending | undefined): void {
    if (!current && this.watch?.selected !== 'selected') complain('expunge', 'EXPUNGE while no command is in progress')
    if (current?.command.keepsNumbers)
      complain('expunge', `EXPUNGE while ${current.command.name} by number is in progress (RFC 9051 §7.5.1)`)
    // RFC 7162 §3.2.10, RFC 9586 §3.4
    const wants = this.enabled.has('qresync') || this.isUidOnly ? 'vanished' : 'expunge'
    if (response.kind !== wants) complain('vanished', `${response.kind} instead of ${wants}`)
    const left = response.kind === 'expunge' ? [view.expunge(response.number)] : view.vanish(response.uids)
    current?.left.push(...left)
    this.gone.push(...left.map(slot => ({ mailbox: view.mailbox, slot })))
  }

  #fetched(view: View, response: Response & { kind: 'fetch' | 'uidfetch' }, current: Pending | undefined): void {
    // RFC 9586 §3.3
    const wants = this.isUidOnly ? 'uidfetch' : 'fetch'
    if (response.kind !== wants) complain('unexpected', `${response.kind} instead of ${wants}`)
    if (response.kind === 'uidfetch') response.items.uid = response.uid
    const { items } = response
    const number = response.kind === 'fetch' ? response.number : `of UID ${response.uid}`
    const isFirst = this.#slotOf(view, response)?.flags === undefined
    const slot = response.kind === 'fetch' ? view.fetch(response.number, items) : view.fetchUid(response.uid, items)
    const names = Object.keys(items).filter(name => name !== 'bodies')
    const command = current?.command
    if (command?.name.startsWith('UID ') && items.uid === undefined)
      complain('uid', `FETCH ${number} in the answer to ${command.name} has no UID`)
    // RFC 7162 §3.1: told changes of flags carry their mod-sequence
    if (
      this.enabled.has('condstore') &&
      items.flags &&
      !isFirst &&
      items.modseq === undefined &&
      !command?.name.includes('FETCH')
    )
      complain('modseq', `FETCH ${number} tells a change without MODSEQ to a client with CONDSTORE`)
    if (current && slot.uid !== undefined)
      current.fetched.set(slot.uid, [
        ...(current.fetched.get(slot.uid) ?? []),
        ...names,
        ...items.bodies.map(b => b.section),
      ])
    // RFC 5465 §5.1
    if (!command && this.watch && items.flags && items.uid === undefined)
      complain('notify', `FETCH ${number} tells a change of flags without UID`)
    this.told.push({ view, slot, items, order: current?.order ?? -1, command })
  }

  #slotOf(view: View, response: Response & { kind: 'fetch' | 'uidfetch' }): Slot | undefined {
    return response.kind === 'fetch' ? view.slots[response.number - 1] : view.slotOf(response.uid)
  }
}
