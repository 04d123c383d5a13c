/**
 * One watch on an account, as states of types (RFC 8620 §7.1). What has not been taken yet is kept as the newest state of each type: however slow a
 * reader is, it costs no more than that.
 */
import type { Account, AccountChange } from '#mail/account.ts'
import type { ModSeq } from '#mail/ids.ts'
import { contactsState } from '../contacts/state.ts'
import { identitiesOf } from '../identity/identities.ts'
import { preferencesOf } from '../preferences/preferences.ts'
import { quotaOf } from '../quota/quota.ts'
import type { Sending } from '../sending.ts'
import { printState, readModSeq } from '../state.ts'
import { vacationOf } from '../vacation/vacations.ts'
import { type PushType, pushTypes } from '../wire.ts'

export type NewStates = {
  readonly changed: ReadonlyMap<PushType, string>
  /** Of the account: what a client names to go on from here */
  readonly state: string
}

export class StateFeed implements Disposable {
  readonly #account: Account
  readonly #sending: Sending
  readonly #types: ReadonlySet<PushType>
  readonly #onNews: () => void
  readonly #watch: Disposable
  readonly #waiting = new Map<PushType, number>()
  /** Told and waiting ones */
  #modSeq = 0
  #epoch: number | undefined
  #missed = false

  private constructor(account: Account, sending: Sending, types: ReadonlySet<PushType>, onNews: () => void) {
    this.#account = account
    this.#sending = sending
    this.#types = types
    this.#onNews = onNews
    this.#watch = account.watch(change => this.#take(change))
  }

  /** `since`: the state that the client has; what is another one now is news at once. `onNews` is called for each change, within its commit's announcement. */
  static async open(
    account: Account,
    sending: Sending,
    types: ReadonlySet<PushType>,
    since: string | undefined,
    onNews: () => void,
  ): Promise<StateFeed> {
    const feed = new StateFeed(account, sending, types, onNews)
    try {
      await feed.#begin(since)
      return feed
    } catch (error) {
      feed[Symbol.dispose]()
      throw error
    }
  }

  async #begin(since: string | undefined): Promise<void> {
    const { epoch, modSeq } = await this.#account.read(reader => reader.state)
    this.#epoch = epoch
    // what was announced while this was read may be newer, and is not told as older
    this.#modSeq = Math.max(this.#modSeq, modSeq)
    if (since !== undefined && readModSeq(since, epoch) !== modSeq)
      for (const type of this.#types) this.#add(type, modSeq)
  }

  /** Undefined: nothing is new. */
  async take(): Promise<NewStates | undefined> {
    if (this.#missed) await this.#catchUp()
    const epoch = this.#epoch
    if (epoch === undefined || this.#waiting.size === 0) return undefined
    const print = (modSeq: number) => printState({ epoch, modSeq: modSeq as ModSeq })
    const own = await this.#ownStates()
    const changed = new Map(Array.from(this.#waiting, ([type, modSeq]) => [type, print(modSeq)]))
    for (const [type, state] of own) changed.set(type, state)
    this.#waiting.clear()
    return { changed, state: print(this.#modSeq) }
  }

  /** Of types whose states say more than the account's numbers. */
  async #ownStates(): Promise<ReadonlyMap<PushType, string>> {
    const states = new Map<PushType, string>()
    if (this.#waiting.has('Quota')) states.set('Quota', (await quotaOf(this.#account)).state)
    if (this.#waiting.has('Identity')) states.set('Identity', (await identitiesOf(this.#account, this.#sending)).state)
    if (this.#waiting.has('Preferences')) states.set('Preferences', (await preferencesOf(this.#account)).state)
    if (this.#waiting.has('VacationResponse'))
      states.set('VacationResponse', (await vacationOf(this.#sending.scripts, this.#account.id)).state)
    if (this.#waiting.has('SieveScript'))
      states.set('SieveScript', (await this.#sending.scripts.all(this.#account.id)).state)
    if (this.#waiting.has('AddressBook') || this.#waiting.has('ContactCard')) {
      const state = await this.#account.contacts.read(reader => reader.state)
      if (this.#waiting.has('AddressBook')) states.set('AddressBook', contactsState(state, 'book'))
      if (this.#waiting.has('ContactCard')) states.set('ContactCard', contactsState(state, 'card'))
    }
    return states
  }

  #take(change: AccountChange): void {
    if (change.missed) this.#missed = true
    else for (const type of typesOf(change)) this.#add(type, change.modSeq)
    this.#modSeq = Math.max(this.#modSeq, change.modSeq)
    if (this.#missed || this.#waiting.size > 0) this.#onNews()
  }

  #add(type: PushType, modSeq: number): void {
    if (this.#types.has(type)) this.#waiting.set(type, Math.max(modSeq, this.#waiting.get(type) ?? 0))
  }

  /** Changes have gone by untold: all types may be others. */
  async #catchUp(): Promise<void> {
    this.#missed = false
    const { epoch, modSeq } = await this.#account.read(reader => reader.state)
    this.#epoch = epoch
    this.#modSeq = Math.max(this.#modSeq, modSeq)
    for (const type of this.#types) this.#add(type, modSeq)
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
  }
}

/** A thread's emails may be others when one is marked \Deleted, so flags are news of threads too. EmailDelivery: RFC 8621 §1.5 */
function typesOf({ delivered, messages, mailboxes, mailboxList, names, objects }: AccountChange): readonly PushType[] {
  const types = new Set<PushType>()
  if (mailboxList || mailboxes.length > 0 || names.length > 0) types.add('Mailbox')
  if (messages.length > 0) for (const type of ['Mailbox', 'Thread', 'Email'] as const) types.add(type)
  if (delivered) types.add('EmailDelivery')
  if (messages.some(({ added, removed }) => added.length > 0 || removed)) types.add('Quota')
  return pushTypes.filter(type => types.has(type) || objects.includes(type))
}
