/** One subscription followed: first it has to be verified (RFC 8620 §7.2.2), then it is told of states as they change. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#base/log.ts'
import { whenAborted } from '#base/when-aborted.ts'
import type { Account } from '#mail/account.ts'
import type { PushSubscription } from '#mail/access/push-subscriptions.ts'
import { printAccountId } from '#mail/object-ids.ts'
import { Bell } from '../push/bell.ts'
import { StateFeed } from '../push/state-feed.ts'
import type { Sending } from '../sending.ts'
import { type PushType, pushTypes, type PushVerification, type StateChange } from '../wire.ts'
import type { Posted } from './post.ts'

export type FollowOptions = {
  account(): Promise<Account>
  readonly sending: Sending
  post(message: object, topic: string): Promise<Posted>
  /** This state has arrived. */
  told(state: string): void
  /** The push service knows the subscription no more. */
  gone(): Promise<void>
  readonly log: Log
  readonly delays: PushDelays
}

/** Milliseconds */
export type PushDelays = {
  /** Between two messages to one subscription: what changes meanwhile is told together */
  readonly gap: number
  readonly firstRetry: number
  readonly lastRetry: number
}

export const pushDelays: PushDelays = { gap: 1_000, firstRetry: 5_000, lastRetry: 60 * 60_000 }

/** Resolves when there is nothing more to do for it; rejects when `signal` aborts. */
export async function verify(
  subscription: PushSubscription,
  options: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  const { id, verificationCode } = subscription
  const message: PushVerification = { '@type': 'PushVerification', pushSubscriptionId: id, verificationCode }
  const topic = topicOf()
  await insist(() => message, topic, options, signal)
}

export async function follow(
  subscription: PushSubscription,
  options: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  const account = await options.account()
  const accountId = printAccountId(account.id)
  const bell = new Bell()
  using _over = whenAborted(signal, bell.end)
  if (signal.aborted) bell.end()
  const types = new Set<PushType>(pushTypes.filter(type => subscription.types?.includes(type) ?? true))
  using feed = await StateFeed.open(account, options.sending, types, subscription.told, bell.ring)
  const topic = topicOf()
  const changed = new Map<PushType, string>()
  let state: string | undefined
  const newest = async (): Promise<StateChange> => {
    const news = await feed.take()
    if (news) state = news.state
    for (const [type, one] of news?.changed ?? []) changed.set(type, one)
    return { '@type': 'StateChange', changed: { [accountId]: Object.fromEntries(changed) } }
  }
  for (;;) {
    await newest()
    if (changed.size > 0) {
      if (!(await insist(newest, topic, options, signal))) return
      changed.clear()
      if (state !== undefined) options.told(state)
      await sleep(options.delays.gap, undefined, { signal })
    }
    await bell.rings()
    signal.throwIfAborted()
  }
}

/** At most 32 characters of base64url (RFC 8030 §5.4), and nothing that says who it is for */
function topicOf(): string {
  return randomUUID().replaceAll('-', '')
}

/** Until it is taken, or `false`: nobody is there to take it. What is said is asked for anew each time. */
async function insist(
  message: () => object | Promise<object>,
  topic: string,
  { post, gone, log, delays }: FollowOptions,
  signal: AbortSignal,
): Promise<boolean> {
  for (let retryMs = delays.firstRetry; ; retryMs = Math.min(retryMs * 2, delays.lastRetry)) {
    const posted = await post(await message(), topic)
    if (posted.kind === 'taken') return true
    signal.throwIfAborted()
    switch (posted.kind) {
      case 'gone':
        await gone()
        return false
      case 'later': {
        const waitMs = Math.min(Math.max(posted.afterMs ?? retryMs, retryMs), delays.lastRetry)
        log.info('A push service did not take a message', { why: posted.why, again_in_s: Math.round(waitMs / 1000) })
        await sleep(waitMs, undefined, { signal })
        break
      }
      default:
        return posted satisfies never
    }
  }
}
