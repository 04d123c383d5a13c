/** FETCH responses, whoever asked for them: what they tell must be true of the message. */
import type { Client, Told } from './client.ts'
import { firstLine } from './command.ts'
import { complain } from './complaint.ts'
import type { Envelope, FetchItems } from './fetch-response.ts'
import { differenceOf, type Letter } from './letter.ts'
import type { Mailbox, Message, Model } from './model.ts'

/** After all commands of the round are resolved. */
export function checkTold(model: Model, client: Client): void {
  const fresh = freshOnes(client.told)
  for (const told of client.told) {
    const { uid } = told.slot
    if (uid === undefined) continue
    const mailbox = model.mailboxes.get(told.view.mailbox)
    if (!mailbox) continue
    const message = mailbox.messages.get(uid)
    if (message) checkMessage({ model, mailbox, message, client: client.name, told, isFresh: fresh.has(told) })
    else if (!mailbox.gone.has(uid))
      complain('uid', `FETCH tells UID ${uid} of ${mailbox.name}, which nothing has put there`)
  }
  client.told = []
}

/** The last word of a command on a message that it is about. What came before may be news of earlier changes. */
function freshOnes(all: readonly Told[]): ReadonlySet<Told> {
  const last = new Map<string, Told>()
  for (const told of all) {
    const { uid } = told.slot
    if (told.items.flags && uid !== undefined && told.command?.fresh?.has(uid)) last.set(`${told.order} ${uid}`, told)
  }
  return new Set(last.values())
}

type Case = {
  readonly model: Model
  readonly mailbox: Mailbox
  readonly message: Message
  readonly client: string
  readonly told: Told
  readonly isFresh: boolean
}

function checkMessage(one: Case): void {
  const { items } = one.told
  if (items.flags) checkFlags(one, items.flags)
  if (items.modseq !== undefined) checkModseq(one.model, one.mailbox, one.message, items.modseq, one.isFresh)
  checkFixed(one.message, items)
  checkLengths(one.message, items, firstLine(one.told.command))
}

function checkFlags({ message, told, client, isFresh, mailbox }: Case, flags: readonly string[]): void {
  const set = new Set(flags.map(flag => flag.toLowerCase()))
  if (set.size !== flags.length) complain('flags', `a flag is told twice of UID ${message.uid}: ${flags.join(' ')}`)
  for (const name of set) if (name !== '\\recent') message.flag(name)
  for (const [name, register] of message.flags) {
    const actor = { client, order: told.order }
    const allowed =
      isFresh && message.alive.settled === true ? register.allowed(actor) : register.allowedSince(told.view.syncedRound)
    if (!allowed.has(set.has(name)))
      complain(
        'flags',
        `UID ${message.uid} of ${mailbox.name} is told ${set.has(name) ? 'with' : 'without'} ${name}: (${flags.join(' ')}); expected (${flagsText(message)})`,
      )
  }
}

export function flagsText(message: Message): string {
  return [...message.flags]
    .flatMap(([name, { possible }]) => (possible.has(true) ? (possible.size > 1 ? `${name}?` : name) : []))
    .join(' ')
}

/** RFC 7162 §3.1: it grows with every change, and only then. */
export function checkModseq(model: Model, mailbox: Mailbox, message: Message, told: bigint, isFresh: boolean): void {
  if (told > mailbox.highest) mailbox.highest = told
  const isQuiet = message.registers.every(register => register.isQuiet) && message.bornRound < model.round
  if (!isFresh || !isQuiet) return
  const { uid, modseq, modseqAbove } = message
  if (modseq !== undefined && modseq !== told)
    complain('modseq', `UID ${uid} of ${mailbox.name} had ${modseq}, now ${told}, and nothing has changed it`)
  if (told <= modseqAbove)
    complain('modseq', `UID ${uid} of ${mailbox.name} has ${told}, and was changed when the highest was ${modseqAbove}`)
  message.modseq = told
}

/** What never changes. RFC 9051 §2.3.3, §2.3.4, §2.3.5 */
export function checkFixed({ uid, letter, internalDate }: Message, items: FetchItems): void {
  if (items.size !== undefined && items.size !== letter.bytes.length)
    complain('size', `UID ${uid} has ${letter.bytes.length} octets, told are ${items.size}`)
  const date = items.internalDate
  if (date !== undefined && (date < internalDate.from || date > internalDate.to))
    complain('date', `UID ${uid}: ${text(date)}, expected ${text(internalDate.from)} to ${text(internalDate.to)}`)
  if (items.envelope) checkEnvelope(uid, letter, items.envelope)
  if (items.structure !== undefined && items.structure !== letter.structure)
    complain('body', `UID ${uid} is ${letter.structure}, told is ${items.structure}`)
  for (const { section, origin, data } of items.bodies) {
    // RFC 9051 §6.4.5.1 does not say whether the header of the only part is that of the letter
    if (section === '1.MIME' && letter.structure === 'text/plain') continue
    const whole = expectedSection(letter, section)
    if (origin === undefined) same(uid, section, whole, data)
    else checkPartial(uid, section, whole.slice(origin), data)
  }
}

function text(time: number): string {
  return new Date(time).toISOString()
}

/** Of a part that is not there: an empty string or NIL. RFC 9051 §6.4.5 leaves it open */
function expectedSection(letter: Letter, section: string): string {
  return letter.sections.get(section) ?? ''
}

function same(uid: number, section: string, expected: string, data: string | null): void {
  if (data !== expected && !(data === null && expected === ''))
    complain('body', `BODY[${section}] of UID ${uid}: ${differenceOf(expected, data)}`)
}

/** The response tells where it begins; how much was asked for stands in the command, so that it may only be too little. */
function checkPartial(uid: number, section: string, rest: string, data: string | null): void {
  if (!rest.startsWith(data ?? '') || (data === '' && rest !== '') || (data === null && rest !== ''))
    complain('body', `part of BODY[${section}] of UID ${uid}: ${differenceOf(rest, data)}`)
}

/** `<origin.length>`: all of these octets, or those that there are. RFC 9051 §6.4.5 */
function checkLengths({ uid, letter }: Message, items: FetchItems, command: string): void {
  for (const { section, origin, data } of items.bodies) {
    const rest = Math.max(0, expectedSection(letter, section).length - (origin ?? 0))
    const asked = [...command.matchAll(/\[([^\]]*)\]<(\d+)\.(\d+)>/g)].filter(
      ([, name, from]) => name === section && Number(from) === origin,
    )
    const isKnown = asked.length === 0 || (section === '1.MIME' && letter.structure === 'text/plain')
    if (!isKnown && !asked.some(([, , , length]) => Math.min(rest, Number(length)) === (data ?? '').length))
      complain('body', `BODY[${section}]<${origin}> of UID ${uid} has ${data?.length} octets, ${rest} are there`)
  }
}

function checkEnvelope(uid: number, letter: Letter, envelope: Envelope): void {
  const [from, ...others] = envelope.from
  const told = [envelope.subject, envelope.messageId, from?.mailbox, from?.host, others.length, envelope.to[0]?.mailbox]
  const expected = [letter.subject, `<${letter.id}@internet.test>`, letter.from, 'internet.test', 0, 'hanako']
  if (told.join(' | ') !== expected.join(' | '))
    complain('envelope', `UID ${uid}: ${told.join(' | ')}; expected ${expected.join(' | ')}`)
  if (Date.parse(envelope.date ?? '') !== letter.sentAt.getTime())
    complain('envelope', `UID ${uid}: date ${envelope.date}, expected ${letter.sentAt.toUTCString()}`)
}
