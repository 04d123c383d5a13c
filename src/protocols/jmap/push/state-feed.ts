/**
 * One watch on an account, as states of types (RFC 8620 §7.1). What has not been taken yet is kept as the newest state of each type: however slow a
 * reader is, it costs no more than that. All of it comes from the account's one log of changes, so its modseq says from where to go on.
 */
import type { Account } from '#mail/account.ts'
import type { AccountChange } from '#mail/account-change.ts'
import type { AccountReader } from '#mail/account-reader.ts'
import { identitiesOf } from '../identity/identities.ts'
import { quotaKind, quotaOf } from '../quota/quota.ts'
import type { Sending } from '../sending.ts'
import { sieveKind } from '../sieve/scripts.ts'
import { printState, readModSeq } from '../state.ts'
import { noticeQueue } from '../submission/status.ts'
import { vacationKind, vacationOf } from '../vacation/vacations.ts'
import { type PushType, pushTypes } from '../wire.ts'
import { followDirectory, noticeDirectory } from './directory-news.ts'
import { followQueue } from './submission-news.ts'

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
  readonly #watches: readonly Disposable[]
  /** When each type last changed, as far as it is known here */
  readonly #known = new Map<PushType, number>()
  readonly #waiting = new Map<PushType, number>()
  /** Of types whose states say more than a modseq: those that were told, or were there at first */
  readonly #told = new Map<PushType, string>()
  /** Told and waiting ones */
  #modSeq = 0
  #epoch: number | undefined
  #missed = false

  private constructor(account: Account, sending: Sending, types: ReadonlySet<PushType>, onNews: () => void) {
    this.#account = account
    this.#sending = sending
    this.#types = types
    this.#onNews = onNews
    this.#watches = [
      account.watch(change => this.#take(change)),
      followDirectory(account, sending),
      followQueue(account, sending),
    ]
  }

  /** `since`: the state that the client has; what has changed after it is news at once. `onNews` is called for each change, within its commit's announcement. */
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

  /** What is announced from the first look on is news, and told after what that look found. */
  async #begin(since: string | undefined): Promise<void> {
    await this.#account.read(reader => {
      const { epoch, modSeq } = reader.state
      // a state that was never one is none that anything is known of: all types may be others
      const known = since === undefined ? undefined : readModSeq(since, epoch)
      const from = known !== undefined && known <= modSeq ? known : 0
      this.#epoch = epoch
      this.#modSeq = modSeq
      for (const [type, changedAt] of whenChanged(reader)) {
        this.#known.set(type, since === undefined ? changedAt : Math.max(from, changedAt))
        if (since !== undefined && (from === 0 || changedAt > from)) this.#add(type, changedAt)
      }
    })
    await noticeDirectory(this.#account, this.#sending)
    if (since === undefined) for (const [type, state] of await this.#ownStates(this.#types)) this.#told.set(type, state)
    else await noticeQueue(this.#account, this.#sending)
  }

  /** Undefined: nothing is new. */
  async take(): Promise<NewStates | undefined> {
    if (this.#missed) await this.#catchUp()
    const epoch = this.#epoch
    if (epoch === undefined || this.#waiting.size === 0) return undefined
    const print = (modSeq: number) => printState({ epoch, modSeq })
    const waiting = new Map(this.#waiting)
    const state = print(this.#modSeq)
    this.#waiting.clear()
    const changed = new Map<PushType, string>()
    for (const type of pushTypes) if (waiting.has(type)) changed.set(type, print(waiting.get(type) ?? 0))
    for (const [type, own] of await this.#ownStates(waiting)) {
      // of a script that is written as it was, or one that is not the vacation response
      if (this.#told.get(type) === own) changed.delete(type)
      else changed.set(type, own)
      this.#told.set(type, own)
    }
    return changed.size > 0 ? { changed, state } : undefined
  }

  /** Of types whose states say more than when they last changed. */
  async #ownStates(types: { has(type: PushType): boolean }): Promise<ReadonlyMap<PushType, string>> {
    const states = new Map<PushType, string>()
    for (const type of ownTypes)
      if (types.has(type)) states.set(type, await ownState(this.#account, this.#sending, type, this.#modSeq))
    return states
  }

  #take(change: AccountChange): void {
    // it is in what the first look will find
    if (this.#epoch === undefined) return
    if (change.missed) this.#missed = true
    else this.#hear(changedIn(change))
    this.#modSeq = Math.max(this.#modSeq, change.modSeq)
    if (this.#missed || this.#waiting.size > 0) this.#onNews()
  }

  #hear(changed: Iterable<readonly [PushType, number]>): void {
    for (const [type, modSeq] of changed) {
      if (modSeq <= (this.#known.get(type) ?? 0)) continue
      this.#known.set(type, modSeq)
      this.#add(type, modSeq)
    }
  }

  #add(type: PushType, modSeq: number): void {
    if (this.#types.has(type)) this.#waiting.set(type, Math.max(modSeq, this.#waiting.get(type) ?? 0))
  }

  /** Changes have gone by untold. */
  async #catchUp(): Promise<void> {
    this.#missed = false
    const { now, state } = await this.#account.read(reader => ({ state: reader.state, now: whenChanged(reader) }))
    this.#epoch = state.epoch
    this.#modSeq = Math.max(this.#modSeq, state.modSeq)
    this.#hear(now)
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches) watch[Symbol.dispose]()
  }
}

const ownTypes = ['Quota', 'Identity', 'VacationResponse', 'SieveScript'] as const
type OwnType = (typeof ownTypes)[number]

/** By account: all who follow it ask at the same time */
const ownStates = new WeakMap<Account, Map<OwnType, { readonly modSeq: number; readonly state: Promise<string> }>>()

/** As it is at this modseq of the account, or later */
function ownState(account: Account, sending: Sending, type: OwnType, modSeq: number): Promise<string> {
  const known = ownStates.get(account) ?? new Map<OwnType, { modSeq: number; state: Promise<string> }>()
  ownStates.set(account, known)
  const last = known.get(type)
  if (last?.modSeq === modSeq) return last.state
  const state = readOwnState(account, sending, type)
  known.set(type, { modSeq, state })
  state.catch(() => known.delete(type))
  return state
}

async function readOwnState(account: Account, sending: Sending, type: OwnType): Promise<string> {
  switch (type) {
    case 'Quota':
      return (await quotaOf(account)).state
    case 'Identity':
      return (await identitiesOf(account, sending)).state
    case 'VacationResponse':
      return (await vacationOf(sending.scripts, account.id)).state
    case 'SieveScript':
      return (await sending.scripts.all(account.id)).state
    default:
      return type satisfies never
  }
}

/** Which are others by this commit, or were before. EmailDelivery: RFC 8621 §1.5 */
function* changedIn({ delivered, modSeq, objects, types }: AccountChange): Iterable<readonly [PushType, number]> {
  yield* countedTypes(types)
  if (delivered) yield ['EmailDelivery', modSeq]
  for (const one of objects) yield* byKind(one)
}

/** When each last changed, at this moment. Letters that were delivered are not told from others. */
function whenChanged({ kindStates, state }: AccountReader): ReadonlyMap<PushType, number> {
  const when = new Map<PushType, number>(pushTypes.map(type => [type, 0]))
  const note = ([type, modSeq]: readonly [PushType, number]) => when.set(type, Math.max(modSeq, when.get(type) ?? 0))
  for (const one of countedTypes(state.types)) note(one)
  note(['EmailDelivery', state.types.email])
  for (const kind of kindStates()) for (const one of byKind(kind)) note(one)
  return when
}

/** What is used is a part of the quota, and no news where there is none: `take` sees it. */
function* countedTypes({
  email,
  mailbox,
  thread,
  used,
}: AccountChange['types']): Iterable<readonly [PushType, number]> {
  yield ['Email', email]
  yield ['Mailbox', mailbox]
  yield ['Thread', thread]
  yield [quotaKind, used]
}

/** The vacation response is one of the scripts: whether it is another, `take` sees. */
function* byKind({ kind, modSeq }: AccountChange['objects'][number]): Iterable<readonly [PushType, number]> {
  const type = pushTypes.find(one => one === kind)
  if (type) yield [type, modSeq]
  if (kind === sieveKind) yield [vacationKind, modSeq]
}
