/** Collects what a group of operations changes, for the notice after its commit. Neighbouring events of one kind are joined. */
import type { AccountNotice, MailboxEvent, UidList } from './operations.ts'

type OpenEvent = {
  readonly kind: MailboxEvent['kind']
  readonly mailbox: number
  readonly uids: number[]
  readonly modSeqs: number[]
  readonly flags: number[]
  readonly emailIds: number[]
}

/** From here on typed arrays cross threads cheaper than plain ones. */
const packFrom = 64

export class Changes {
  #events: OpenEvent[] = []
  #mailboxes = new Set<number>()
  #mailboxList = false
  #outbox = false
  #any = false

  /** Where to cut back to when an operation fails. Events made after a mark are never joined with those before. */
  mark(): number {
    this.#joinable = false
    return this.#events.length
  }
  #joinable = false

  cutBack(mark: number): void {
    this.#events.length = mark
  }

  added(mailbox: number, uid: number, modSeq: number, flags: number, emailId: number): void {
    const event = this.#event('added', mailbox)
    event.uids.push(uid)
    event.modSeqs.push(modSeq)
    event.flags.push(flags)
    event.emailIds.push(emailId)
  }

  changed(mailbox: number, uid: number, modSeq: number, flags: number): void {
    const event = this.#event('changed', mailbox)
    event.uids.push(uid)
    event.modSeqs.push(modSeq)
    event.flags.push(flags)
  }

  removed(mailbox: number, uid: number, modSeq: number): void {
    const event = this.#event('removed', mailbox)
    event.uids.push(uid)
    event.modSeqs.push(modSeq)
  }

  gone(mailbox: number, modSeq: number): void {
    this.#event('gone', mailbox).modSeqs.push(modSeq)
  }

  listChanged(): void {
    this.#mailboxList = true
    this.#any = true
  }

  outboxFilled(): void {
    this.#outbox = true
    this.#any = true
  }

  #event(kind: MailboxEvent['kind'], mailbox: number): OpenEvent {
    this.#any = true
    const last = this.#events.at(-1)
    if (this.#joinable && last?.kind === kind && last.mailbox === mailbox) return last
    const event: OpenEvent = { kind, mailbox, uids: [], modSeqs: [], flags: [], emailIds: [] }
    this.#events.push(event)
    this.#mailboxes.add(mailbox)
    this.#joinable = true
    return event
  }

  take(account: string, modSeq: number, usedBytes: number): AccountNotice | undefined {
    if (!this.#any) return undefined
    const notice: AccountNotice = {
      account,
      modSeq,
      usedBytes,
      mailboxes: [...this.#mailboxes],
      mailboxList: this.#mailboxList,
      outbox: this.#outbox,
      events: this.#events.map(packed),
    }
    this.clear()
    return notice
  }

  clear(): void {
    this.#events = []
    this.#mailboxes = new Set()
    this.#mailboxList = false
    this.#outbox = false
    this.#any = false
    this.#joinable = false
  }
}

function packed(event: OpenEvent): MailboxEvent {
  if (event.uids.length < packFrom) return event
  return {
    kind: event.kind,
    mailbox: event.mailbox,
    uids: new Uint32Array(event.uids),
    modSeqs: new Float64Array(event.modSeqs),
    flags: new Uint32Array(event.flags),
    emailIds: new Float64Array(event.emailIds),
  }
}

/** For an answer. */
export function packedUids(uids: readonly number[]): UidList {
  return uids.length < packFrom ? uids : new Uint32Array(uids)
}
