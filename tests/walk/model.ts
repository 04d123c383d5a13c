/**
 * What must be true in the account, from what was answered OK: mailboxes, their messages, flags, octets, dates. Written from RFC 3501,
 * RFC 9051, 4315, 6851, 7162 alone. Time goes in rounds: commands of one round overlap, rounds do not.
 */
import { complain } from './complaint.ts'
import type { Expected, ExpectedGroup, Promise_ } from './expected.ts'
import type { Letter } from './letter.ts'
import { type Actor, Register } from './register.ts'

/** Milliseconds since 1970, both included */
export type Span = { readonly from: number; readonly to: number }

export type Marks = Pick<Message, 'common' | 'deleted'>

/** Flags of a new message. */
export function marksOf(flags: readonly string[]): Marks {
  const names = flags.map(flag => flag.toLowerCase()).filter(name => name !== '\\deleted')
  const isDeleted = flags.some(flag => flag.toLowerCase() === '\\deleted')
  return { common: new Map(names.map(name => [name, new Register(true)])), deleted: new Register(isDeleted) }
}

/** Flags of a copy: they SHOULD be kept (RFC 9051 §6.4.7), which leaves \Deleted open. */
export function marksOfCopy(message: Message, actor: Actor): Marks {
  return { common: message.common, deleted: new Register(false, ...message.deleted.allowed(actor)) }
}

/** Flags of a copy of which nobody can say which of two alike it is. */
export function marksOfTwin({ common }: Message): Marks {
  return { common, deleted: new Register(true, false) }
}

export class Message {
  readonly uid: number
  readonly letter: Letter
  readonly internalDate: Span
  readonly bornRound: number
  /** All but \Deleted; the copies of a message have them in common (docs/quirks.md: they belong to the email) */
  readonly common: Map<string, Register>
  readonly deleted: Register
  readonly alive = new Register(true)
  /** Whose word we have for its UID, until it is seen */
  toldBy: 'appenduid' | 'copyuid' | undefined
  /** As told last, while nothing has changed it */
  modseq: bigint | undefined
  /** It is greater than this */
  modseqAbove: bigint
  /** The last round in which something was written */
  changedRound: number

  constructor(fields: Pick<Message, 'uid' | 'letter' | 'internalDate' | 'bornRound' | 'modseqAbove'> & Marks) {
    this.common = fields.common
    this.deleted = fields.deleted
    this.uid = fields.uid
    this.letter = fields.letter
    this.internalDate = fields.internalDate
    this.bornRound = fields.bornRound
    this.modseqAbove = fields.modseqAbove
    this.changedRound = fields.bornRound
  }

  flag(name: string): Register {
    if (name === '\\deleted') return this.deleted
    const known = this.common.get(name)
    if (known) return known
    const register = new Register(false)
    this.common.set(name, register)
    return register
  }

  /** Every flag that it has or had. */
  get flags(): readonly (readonly [string, Register])[] {
    return [...this.common, ['\\deleted', this.deleted]]
  }

  /** Flags that are set without doubt; undefined when some is in doubt. */
  get settledFlags(): ReadonlySet<string> | undefined {
    const set = new Set<string>()
    for (const [name, register] of this.flags) {
      const value = register.settled
      if (value === undefined) return undefined
      if (value) set.add(name)
    }
    return set
  }

  get registers(): Register[] {
    return [...this.common.values(), this.deleted, this.alive]
  }
}

export type Addition = Pick<Message, 'uid' | 'letter' | 'internalDate'> & { readonly marks: Marks }

export class Mailbox {
  readonly name: string
  uidValidity: number | undefined
  /** No message that comes later has a smaller UID */
  uidNext = 1
  /** The greatest mod-sequence told, of a message or of the mailbox */
  highest = 0n
  /** They, when the round began */
  before = { uidNext: 1, highest: 0n }
  readonly messages = new Map<number, Message>()
  /** UIDs that were here → HIGHESTMODSEQ as known before they went */
  readonly gone = new Map<number, bigint>()

  constructor(name: string) {
    this.name = name
  }

  /** By UID, those that are or may be there. */
  get present(): Message[] {
    return [...this.messages.values()].sort((a, b) => a.uid - b.uid)
  }

  /** In this round: there all the time, never, or for some of it. */
  presence(message: Message, round: number): 'yes' | 'maybe' | 'no' {
    const alive = message.alive.settled
    if (alive === false) return 'no'
    return alive === true && message.bornRound < round ? 'yes' : 'maybe'
  }

  get isSettled(): boolean {
    return [...this.messages.values()].every(
      message => message.alive.settled === true && message.settledFlags !== undefined,
    )
  }
}

export class Model {
  round = 1
  readonly mailboxes = new Map<string, Mailbox>()
  readonly subscribed = new Set<string>()
  /** UIDVALIDITY of mailboxes that had this name before */
  readonly formerValidities = new Map<string, number>()

  expected: ExpectedGroup[] = []

  expect(group: readonly Expected[], promise: Promise_): void {
    if (group.length > 0) this.expected.push({ promise, open: new Set(group), total: group.length })
  }

  mailbox(name: string): Mailbox {
    const mailbox = this.mailboxes.get(name)
    if (!mailbox) throw new Error(`The model has no mailbox ${name}`)
    return mailbox
  }

  create(name: string): Mailbox {
    const mailbox = new Mailbox(name)
    this.mailboxes.set(name, mailbox)
    return mailbox
  }

  delete(name: string): void {
    const { uidValidity } = this.mailbox(name)
    if (uidValidity !== undefined) this.formerValidities.set(name, uidValidity)
    this.mailboxes.delete(name)
  }

  /** RENAME: UIDs and UIDVALIDITY go along. */
  rename(from: string, to: string): void {
    const old = this.mailbox(from)
    this.delete(from)
    const renamed = this.create(to)
    Object.assign(renamed, {
      uidNext: old.uidNext,
      highest: old.highest,
      before: old.before,
    })
    for (const [uid, message] of old.messages) renamed.messages.set(uid, message)
    for (const [uid, highest] of old.gone) renamed.gone.set(uid, highest)
    renamed.uidValidity = old.uidValidity
  }

  /** A new message, with this UID as the server tells. */
  add(mailbox: Mailbox, { uid, letter, internalDate, marks }: Addition): Message {
    if (uid < mailbox.before.uidNext)
      complain('uid', `${mailbox.name} got UID ${uid}, though UIDNEXT was ${mailbox.before.uidNext} before`)
    if (mailbox.messages.has(uid) || mailbox.gone.has(uid))
      complain('uid', `UID ${uid} in ${mailbox.name} is used again`)
    const before = { bornRound: this.round, modseqAbove: mailbox.before.highest }
    const message = new Message({ uid, letter, internalDate, ...marks, ...before })
    mailbox.messages.set(uid, message)
    return message
  }

  hasCopies(message: Message): boolean {
    const all = [...this.mailboxes.values()].flatMap(({ messages }) => [...messages.values()])
    return all.some(other => other !== message && other.common === message.common)
  }

  beginRound(): void {
    for (const mailbox of this.mailboxes.values())
      mailbox.before = { uidNext: mailbox.uidNext, highest: mailbox.highest }
  }

  /** What was done in the round becomes the truth. */
  commitRound(): void {
    const all = [...this.mailboxes.values()].flatMap(mailbox => mailbox.present.map(message => ({ mailbox, message })))
    for (const { mailbox, message } of all) {
      mailbox.uidNext = Math.max(mailbox.uidNext, message.uid + 1)
      outdateModseq(message, mailbox.before.highest, this.round)
    }
    // copies have registers in common: first all modseqs, then all registers
    for (const { message } of all) for (const register of message.registers) register.commit(this.round)
    for (const { mailbox, message } of all)
      if (message.alive.settled === false) bury(mailbox, message, mailbox.before.highest)
    this.round++
  }
}

function outdateModseq(message: Message, highest: bigint, round: number): void {
  const { registers, modseq, modseqAbove } = message
  if (registers.every(register => register.isQuiet)) return
  message.changedRound = round
  // RFC 7162 §3.1.3 leaves open whether a change that changes nothing counts
  const isSure = registers.some(register => register.mustChange)
  message.modseqAbove = isSure ? highest : modseq === undefined ? modseqAbove : modseq - 1n
  message.modseq = undefined
}

export function bury(mailbox: Mailbox, message: Message, highest: bigint): void {
  mailbox.messages.delete(message.uid)
  mailbox.gone.set(message.uid, highest)
}

/** STORE and what else sets a flag. Of a message that goes in the same round it may be too late. */
export function writeFlag(message: Message, name: string, actor: Actor, value: boolean, certain: boolean): void {
  message.flag(name).write(actor, value, certain && (() => message.alive.settled === true))
}
