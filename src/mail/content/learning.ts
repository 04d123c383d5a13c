/**
 * Accounts teach their junk filter by what is done with their mail: moved into Junk or out of it, marked, read and kept, answered. Follows
 * each account at a distance, on a thread of its own, from a watermark that survives everything: no command waits for it.
 */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { AccountNotice } from '#store/account/operations.ts'
import {
  type ContentStore,
  type JunkStatus,
  type LearntVerdict,
  type Lesson,
  verdicts,
} from '#store/content/content-store.ts'
import { ThreadFailure } from '#store/thread.ts'
import { AccountTurns, type Turn } from '../account-turns.ts'
import type { Events } from '../events.ts'
import type { AccountId } from '../ids.ts'
import { carefulLetters, learnQuietMs, learnRetryMs, learnTickMs } from './limits.ts'

export type { JunkStatus }

type Due = Turn & {
  again: boolean
  failures: number
  /** So many letters are taken one by one: among them is one that ended the thread */
  careful: number
}

export type LearningOptions = {
  readonly store: ContentStore
  readonly log: Log
  readonly clock: Clock
  readonly events: Events
  /** The disk has room for what is no mail */
  mayWrite(): boolean
}

export class JunkLearning {
  readonly #options: LearningOptions
  readonly #turns = new AccountTurns<Due>(learnTickMs, (account, entry) => this.#advance(account as AccountId, entry))

  constructor(options: LearningOptions) {
    this.#options = options
  }

  /** Accounts that have something to teach */
  get waiting(): number {
    return this.#turns.due.size
  }

  /** A commit. Letters that have merely come teach nothing; those that were sent tell whom the account knows. */
  noticed({ account, events, rows }: AccountNotice): void {
    const teaches = ({ kind, mailbox, by }: AccountNotice['events'][number]) => {
      if (kind !== 'added') return kind !== 'gone'
      return by !== undefined || rows.some(({ id, role }) => id === mailbox && role === 'sent')
    }
    if (events.some(teaches)) this.look(account as AccountId)
  }

  /** The account may have something to teach. */
  look(account: AccountId): void {
    const entry = this.#turns.due.get(account) ?? { at: Infinity, again: false, failures: 0, careful: 0 }
    entry.again = true
    if (entry.failures === 0) entry.at = performance.now() + learnQuietMs
    this.#turns.due.set(account, entry)
    this.#turns.wake()
  }

  /** One batch of one account; the others have their turns before it goes on. */
  async #advance(account: AccountId, entry: Due): Promise<void> {
    const now = performance.now()
    if (!this.#options.mayWrite()) return void (entry.at = now + learnRetryMs)
    entry.at = Infinity
    entry.again = false
    try {
      const more = await this.#step(account, entry.careful-- > 0)
      entry.failures = 0
      if (more) entry.at = performance.now()
      else if (entry.again) entry.at = performance.now() + learnQuietMs
      else this.#turns.due.delete(account)
    } catch (error) {
      if (error instanceof ThreadFailure && error.code === 'NO_ACCOUNT') return void this.#turns.due.delete(account)
      entry.failures++
      entry.careful = carefulLetters
      // one that ends the thread is passed over by the next step
      entry.at = performance.now() + (entry.failures < 3 ? learnQuietMs : learnRetryMs)
      this.#options.log.warn('An account could not teach its junk filter; it is tried again', {
        account,
        error: String(error),
      })
    }
  }

  async #step(account: AccountId, careful: boolean): Promise<boolean> {
    const { store } = this.#options
    const { more, reset, lessons } = await store.learn('advance', { account, careful })
    if (reset) await store.closeJudging(account)
    this.#tell(account, lessons)
    return more
  }

  #tell(account: AccountId, lessons: readonly Lesson[]): void {
    const { log, events, clock } = this.#options
    const said = lessons.filter(({ from, to }) => isSaid(from) || isSaid(to))
    if (said.length === 0) return
    const count = (verdict: LearntVerdict) => said.filter(({ to }) => to === verdict).length
    log.info('Learnt from mail that was moved or marked', {
      account,
      junk: count(verdicts.junk),
      notJunk: count(verdicts.ham),
    })
    for (const { messageId, from, to } of said.slice(0, maxTold))
      events.record({
        at: clock.now(),
        kind: 'learnt',
        messageId,
        detail: { account, as: nameOf(to), before: nameOf(from) },
      })
  }

  /** Resolves when everything that was done in the account so far has been learnt. */
  async catchUp(account: AccountId): Promise<void> {
    while (await this.#step(account, false));
    this.#turns.due.delete(account)
  }

  /** A letter from outside the mailboxes; false when it counted so already. `bytes` are transferred: they must be their own. */
  async train(
    account: AccountId,
    letter: { readonly bytes: Uint8Array; readonly hash: Uint8Array; readonly junk: boolean },
  ): Promise<boolean> {
    const { store, clock } = this.#options
    return (await store.learn('train', { account, ...letter, receivedAt: clock.now() })).learnt
  }

  /** From now on a correspondent of the account. */
  async know(account: AccountId, address: string): Promise<void> {
    await this.#options.store.learn('know', { account, address })
  }

  /** Whether it is one, as far as has been learnt. */
  async knows(account: AccountId, address: string): Promise<boolean> {
    return (await this.#options.store.learn('knows', { account, address })).known
  }

  status(account: AccountId): Promise<JunkStatus> {
    return this.#options.store.learn('status', { account })
  }

  /** All that was learnt; what happened until now teaches nothing any more. */
  async forgetLearnt(account: AccountId): Promise<void> {
    await this.#options.store.learn('forget', { account })
  }

  /** Thrown away, and learnt anew from what lies in the mailboxes. */
  async relearn(account: AccountId): Promise<void> {
    const { store } = this.#options
    await store.closeJudging(account)
    await store.learn('discard', { account })
    this.look(account)
  }

  /** The account is to be removed: its files are closed. */
  async forget(account: AccountId): Promise<void> {
    this.#turns.due.delete(account)
    await this.#options.store.closeJudging(account)
    await this.#options.store.learn('close', { account })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns[Symbol.asyncDispose]()
  }
}

/** Steps told one by one in the trace; the log has the number of all. */
const maxTold = 20

function isSaid(verdict: LearntVerdict): boolean {
  return verdict === verdicts.junk || verdict === verdicts.ham
}

function nameOf(verdict: LearntVerdict): string {
  if (verdict === verdicts.junk) return 'junk'
  return isSaid(verdict) ? 'not-junk' : 'nothing'
}
