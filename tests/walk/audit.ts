/** Reads a mailbox while nothing else happens: finds what came without a UID being told, and settles what may have been either. */
import { checkFixed, checkModseq, flagsText } from './check-told.ts'
import { checkHighest, checkUidNext, checkUidValidity } from './commands-select.ts'
import { complain } from './complaint.ts'
import { Connection, openSocket, within } from './connection.ts'
import { type Expected, mayHaveGone } from './expected.ts'
import type { FetchItems } from './fetch-response.ts'
import { withTrace } from './letter.ts'
import { writeName } from './mailbox-name.ts'
import { bury, type Mailbox, type Message, type Model } from './model.ts'
import { honestProxy } from './proxy.ts'
import { highestOf, numberOf } from './response-code.ts'
import { parseResponse, type Response, withNames } from './response.ts'

export type Seen = ReadonlyMap<number, FetchItems>

/** A client that only looks. */
export class Auditor {
  readonly log: string[] = []
  #connection: Connection | undefined
  #responses: Response[] = []
  #answered: (() => void) | undefined
  #fault: Error | undefined
  #tags = 0

  async connect(port: number, user: string, password: string): Promise<void> {
    this.#connection = new Connection('auditor', await openSocket(port), {
      proxy: honestProxy,
      log: this.log,
      onResponse: text => {
        const response = withNames(parseResponse(text), false)
        this.#responses.push(response)
        if (response.kind === 'tagged') this.#answered?.()
      },
      onClose: () => this.#answered?.(),
      onFault: error => {
        this.#fault = error
        this.#answered?.()
      },
    })
    await this.ask(`LOGIN ${user} ${password}`)
  }

  disconnect(): void {
    this.#connection?.destroy()
  }

  async ask(line: string): Promise<readonly Response[]> {
    this.#responses = []
    const answered = new Promise<void>(resolve => (this.#answered = resolve))
    await this.#connection?.send(`audit${++this.#tags}`, [line])
    await within(`auditor: ${line}`, answered)
    if (this.#fault) throw this.#fault
    const last = this.#responses.at(-1)
    if (last?.kind !== 'tagged' || last.status !== 'OK') complain('refused', `${line} was not answered OK`)
    return this.#responses
  }

  async look(model: Model, mailbox: Mailbox): Promise<Seen> {
    const opened = await this.ask(`EXAMINE ${writeName(mailbox.name, false)}`)
    const codes = opened.flatMap(one => (one.kind === 'status' ? one.code : []))
    checkUidValidity(model.formerValidities.get(mailbox.name), mailbox, numberOf(codes, 'UIDVALIDITY'))
    checkUidNext(mailbox, numberOf(codes, 'UIDNEXT'))
    checkHighest(mailbox, highestOf(codes), 'SELECT')
    const told = await this.ask('UID FETCH 1:* (FLAGS MODSEQ INTERNALDATE RFC822.SIZE)')
    const seen = new Map<number, FetchItems>()
    for (const one of told) if (one.kind === 'fetch' && one.items.uid !== undefined) seen.set(one.items.uid, one.items)
    const exists = opened.find(one => one.kind === 'exists')?.number
    if (exists !== seen.size)
      complain('exists', `EXISTS ${exists} in ${mailbox.name}, and ${seen.size} messages are told`)
    return seen
  }

  async body(uid: number): Promise<string> {
    const told = await this.ask(`UID FETCH ${uid} (BODY.PEEK[])`)
    const items = told.find(one => one.kind === 'fetch')?.items
    return items?.bodies[0]?.data ?? complain('missing', `no BODY[] of UID ${uid}`)
  }
}

/** Messages that the model does not know must be expected ones. */
export async function discover(model: Model, mailbox: Mailbox, seen: Seen, auditor: Auditor): Promise<void> {
  for (const uid of seen.keys()) {
    if (mailbox.messages.has(uid)) continue
    if (mailbox.gone.has(uid)) complain('expunge', `UID ${uid} of ${mailbox.name} is there, though it was expunged`)
    const bytes = await auditor.body(uid)
    const expected = takeExpected(model, mailbox, bytes)
    if (!expected) complain(suspect(mailbox, seen), `UID ${uid} of ${mailbox.name} came from nowhere`)
    const letter = expected.isDelivery ? withTrace(expected.letter, bytes) : expected.letter
    if (letter?.bytes !== bytes) complain('body', `UID ${uid} of ${mailbox.name} is not the letter that was given`)
    const { internalDate, marks } = expected
    model.add(mailbox, { uid, letter, internalDate, marks })
  }
}

/** When another that was told is not there, that was a wrong word. */
function suspect(mailbox: Mailbox, seen: Seen): 'uid' | 'appenduid' | 'copyuid' {
  return [...mailbox.messages.values()].find(({ uid, toldBy }) => toldBy && !seen.has(uid))?.toldBy ?? 'uid'
}

function takeExpected(model: Model, mailbox: Mailbox, bytes: string): Expected | undefined {
  const id = /^X-Walk: (.+)\r$/m.exec(bytes)?.[1]
  for (const group of model.expected)
    for (const one of group.open) {
      if (one.mailbox !== mailbox.name || one.letter.id !== id) continue
      group.open.delete(one)
      return one
    }
  return undefined
}

/** What is expected has come by now or will not. Before the round's end is written. */
export function closeExpected(model: Model): void {
  for (const { promise, open, total } of model.expected) {
    const names = [...open].map(({ letter, mailbox }) => `${letter.id} in ${mailbox}`).join()
    if (promise === 'must' && open.size > 0) complain('lost', `answered OK, and not there: ${names}`)
    const isLost = [...open].some(one => !mayHaveGone(one) && one.mayLack?.() !== true)
    if (promise === 'all' && isLost && open.size < total)
      complain(
        'lost',
        `${total - open.size} of ${total} came of a command that does all or nothing; not there: ${names}`,
      )
  }
}

/** RFC 6851 §3.3: what MOVE has not brought is where it was. After the sources are settled. */
export function checkMoves(model: Model): void {
  for (const { open } of model.expected)
    for (const one of open) {
      const { source, letter } = one
      if (source && source.onlyThis && !mayHaveGone(one) && !model.mailbox(source.mailbox).messages.has(source.uid))
        complain('lost', `${letter.id} was to be moved from ${source.mailbox}, and is neither there nor in the target`)
    }
}

export function settle(model: Model, mailbox: Mailbox, seen: Seen): void {
  for (const message of mailbox.present) {
    const items = seen.get(message.uid)
    const { uid, toldBy } = message
    if (!message.alive.settle(items !== undefined))
      complain(
        toldBy ?? 'lost',
        `UID ${uid} of ${mailbox.name} (${message.letter.id}) is ${items ? 'there' : 'not there'}`,
      )
    message.toldBy = undefined
    if (!items) {
      bury(mailbox, message, message.modseqAbove)
      continue
    }
    settleFlags(mailbox, message, items.flags ?? [])
    if (items.modseq !== undefined) checkModseq(model, mailbox, message, items.modseq, true)
    checkFixed(message, items)
  }
}

function settleFlags(mailbox: Mailbox, message: Message, told: readonly string[]): void {
  const set = new Set(told.map(flag => flag.toLowerCase()))
  for (const name of set) if (name !== '\\recent') message.flag(name)
  const expected = flagsText(message)
  for (const [name, register] of message.flags)
    if (!register.settle(set.has(name)))
      complain('flags', `UID ${message.uid} of ${mailbox.name} has (${told.join(' ')}), expected (${expected})`)
}
