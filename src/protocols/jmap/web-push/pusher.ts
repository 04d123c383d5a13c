/** Every subscription of every user, followed while there is one. Begun with the server, so that news come to phones whose owner is asleep. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { PushSubscription, PushSubscriptions } from '#mail/access/push-subscriptions.ts'
import type { Accounts } from '#mail/account.ts'
import type { AccountId } from '#mail/ids.ts'
import type { Sending } from '../sending.ts'
import { follow, type FollowOptions, type PushDelays, pushDelays, verify } from './follower.ts'
import { postPush, type PostOptions } from './post.ts'

export type PusherOptions = PostOptions & {
  readonly subscriptions: PushSubscriptions
  readonly accounts: Accounts
  readonly sending: () => Sending
  readonly clock: Clock
  readonly log: Log
  /** Tests turn these. */
  readonly delays?: PushDelays
  readonly keepToldMs?: number
}

/** What was told last is on disk this much later: a restart tells that much again. */
const keepToldMs = 60_000
/** After a fault of ours */
const againMs = 60_000
/** A stranger's URL is called so often in an hour because an account says so (RFC 8620 §8.6). */
const maxVerificationsPerHour = 30

export class Pusher implements AsyncDisposable {
  readonly #options: PusherOptions
  readonly #running = new Map<string, Running>()
  readonly #told = new Map<string, { readonly account: AccountId; readonly state: string }>()
  readonly #verifications = new Map<AccountId, number[]>()
  readonly #watch: Disposable
  readonly #keeping: NodeJS.Timeout

  constructor(options: PusherOptions) {
    this.#options = options
    this.#watch = options.subscriptions.watch(() => this.#look())
    this.#keeping = setInterval(() => void this.#keepTold(), options.keepToldMs ?? keepToldMs).unref()
    this.#look()
  }

  /** Begins with those that are new or others than before, ends with those that have gone. */
  #look(): void {
    const wanted = new Map(this.#options.subscriptions.all().map(one => [one.id, one]))
    for (const [id, running] of this.#running) {
      const now = wanted.get(id)
      if (now && marks(now) === running.marks) continue
      running.controller.abort()
      this.#running.delete(id)
    }
    for (const [id, one] of wanted) if (!this.#running.has(id)) this.#running.set(id, this.#begin(one))
  }

  #begin(subscription: PushSubscription): Running {
    const controller = new AbortController()
    const over = this.#run(subscription, controller.signal)
    return { controller, marks: marks(subscription), over }
  }

  async #run(subscription: PushSubscription, signal: AbortSignal): Promise<void> {
    const options = this.#followOptions(subscription, signal)
    while (!signal.aborted) {
      try {
        if (subscription.verified) return await follow(subscription, options, signal)
        if (this.#mayVerify(subscription.account)) return await verify(subscription, options, signal)
        await sleep(againMs, undefined, { signal })
      } catch (error) {
        if (signal.aborted) return
        this.#options.log.error('A push subscription could not be followed', { error: String(error) })
        await sleep(againMs, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  #followOptions({ id, account, url, keys }: PushSubscription, signal: AbortSignal): FollowOptions {
    const { subscriptions, accounts, sending, clock, log, delays = pushDelays } = this.#options
    return {
      account: () => accounts.account(account),
      sending: sending(),
      post: (message, topic) => postPush({ url, keys }, message, { topic, now: clock.now() }, this.#options, signal),
      told: state => this.#told.set(id, { account, state }),
      async gone() {
        log.info('A push service has forgotten a subscription; it is dropped', { subscription: id })
        await subscriptions.remove(account, id)
      },
      log: log.with({ subscription: id }),
      delays,
    }
  }

  #mayVerify(account: AccountId): boolean {
    const now = this.#options.clock.now()
    const recent = (this.#verifications.get(account) ?? []).filter(at => now - at < 60 * 60_000)
    this.#verifications.set(account, recent)
    if (recent.length >= maxVerificationsPerHour) return false
    recent.push(now)
    return true
  }

  async #keepTold(): Promise<void> {
    const { subscriptions, log } = this.#options
    const all = [...this.#told]
    this.#told.clear()
    for (const [id, { account, state }] of all)
      await subscriptions
        .change(account, id, { told: state })
        .catch((error: unknown) => log.error('What was pushed could not be noted', { error: String(error) }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]()
    clearInterval(this.#keeping)
    for (const { controller } of this.#running.values()) controller.abort()
    await Promise.all(Array.from(this.#running.values(), ({ over }) => over))
    await this.#keepTold()
  }
}

type Running = { readonly controller: AbortController; readonly marks: string; readonly over: Promise<void> }

/** Another one of these is followed anew. */
function marks({ verified, types }: PushSubscription): string {
  return JSON.stringify([verified, types])
}
