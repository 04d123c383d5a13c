/**
 * From the accounts' outboxes into the queue: what a script sent away was written with the letter, and goes from there. An effect leaves its outbox once
 * it is on disk in the queue, where its id is unique: whatever breaks off in between is done again, and nothing is sent twice.
 */
import { emptyBytes } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { AccountAdministration } from './account-administration.ts'
import type { ForwardedMessage } from './deliver/options.ts'
import type { EffectEnvelope, WaitingOutboxItem } from './delivery.ts'
import type { Events } from './events.ts'
import type { AccountId, DeliveryId } from './ids.ts'
import type { SendingWatch } from './sending/watch.ts'
import { Chores } from './queue/chores.ts'
import type { NewEntry, Queue } from './queue/queue.ts'

export type OutboxOptions = {
  readonly accounts: Pick<AccountAdministration, 'outbox' | 'outboxDone' | 'accountsWithOutbox'>
  readonly queue: Pick<Queue, 'add' | 'confirm' | 'hold' | 'release'>
  /** Who has a stolen password can install a script: what it sends counts as its user's, and is held with the rest of theirs */
  readonly watch: Pick<SendingWatch, 'scripted' | 'isPaused'>
  /** Undefined for an account that belongs to nobody any more */
  readonly addressOf: (account: AccountId) => Promise<string | undefined>
  readonly events: Pick<Events, 'record'>
  readonly clock: Clock
  readonly log: Log
  /** How long an effect is tried, from when it was made */
  readonly lifetimeMs: number
}

export type Outbox = AsyncDisposable & {
  /** The account has effects that wait. Called for each commit that brought some. */
  wake(account: AccountId): void
  /** Accounts that an earlier run has left something in; resolves when all have been looked at */
  readonly searched: Promise<void>
}

/** Taken at once: they lie in memory together, and the rest of the account's waits for no other account's */
const itemsAtOnce = 20

export function createOutbox(options: OutboxOptions): Outbox {
  const { accounts, log } = options
  const chores = new Chores(log)
  let closed = false
  const wake = (account: AccountId) => chores.add(`outbox ${account}`, () => empty(options, account, () => closed))
  async function search(): Promise<void> {
    for await (const account of accounts.accountsWithOutbox()) {
      if (closed) return
      wake(account)
    }
  }
  return {
    wake,
    searched: search().catch((error: unknown) => {
      log.error('Outboxes could not be searched', { error: String(error) })
    }),
    async [Symbol.asyncDispose]() {
      closed = true
      await chores.close()
      await this.searched
    },
  }
}

/** One that cannot be taken holds up no other; it is thrown for the next try. */
async function empty(options: OutboxOptions, account: AccountId, isClosed: () => boolean): Promise<void> {
  const { accounts } = options
  const failed = new Map<string, unknown>()
  for (;;) {
    const waiting = await accounts.outbox(account, itemsAtOnce + failed.size)
    const items = waiting.filter(({ id }) => !failed.has(id))
    if (items.length === 0 || isClosed()) break
    const taken: string[] = []
    for (const item of items)
      try {
        await take(options, account, item)
        taken.push(item.id)
      } catch (error) {
        failed.set(item.id, error)
      }
    if (taken.length > 0) await accounts.outboxDone(account, taken)
  }
  for (const error of failed.values()) throw error
}

async function take(options: OutboxOptions, account: AccountId, item: WaitingOutboxItem): Promise<void> {
  const { addressOf, clock, lifetimeMs, queue, watch } = options
  const { created, kind, message } = item
  const { by, letter, ...envelope } = JSON.parse(item.envelope) as EffectEnvelope
  // what the administrator's script does is not the user's: no limit counts it, and no pause holds it
  const submitter = by === 'administrator' ? undefined : await addressOf(account)
  const held = submitter !== undefined && watch.isPaused(account)
  const id = item.id as DeliveryId
  const entry: NewEntry = {
    id,
    envelope,
    trace: emptyBytes,
    message,
    facts: JSON.stringify({ outbox: kind, account }),
    foreign: kind === 'redirect',
    fingerprint: emptyBytes,
    receivedAt: created,
    // An outbox that nobody could empty for long: what is in it is tried at least once
    expiresAt: Math.max(created + lifetimeMs, clock.now() + lifetimeMs / 10),
    held,
    ...(submitter !== undefined && { submitter }),
  }
  const added = await queue.add(entry)
  // Nobody repeats it but this outbox
  queue.confirm(id)
  if (added === 'added' && letter !== undefined)
    tell(options, { id, letter, envelope, kind, account: by === undefined ? account : undefined })
  if (submitter === undefined) return
  // one that is repeated has been counted
  if (added === 'added') await watch.scripted(account, submitter, 1)
  // paused or resumed while it was on its way: what was held or released then did not have it yet
  const paused = watch.isPaused(account)
  if (paused && !(held && added === 'added')) await queue.hold(id)
  if (!paused && held) await queue.release(id)
}

/** The letter's trace leads to what came of it. */
function tell(
  { clock, events }: OutboxOptions,
  effect: {
    readonly id: string
    readonly letter: string
    readonly envelope: Envelope
    readonly kind: WaitingOutboxItem['kind']
    /** Whose doing it is; undefined: the administrator's */
    readonly account: AccountId | undefined
  },
): void {
  const { account, envelope, id, kind, letter } = effect
  for (const { address } of envelope.recipients)
    events.record({
      at: clock.now(),
      kind: 'sent-on',
      delivery: letter,
      from: envelope.reversePath,
      to: address,
      detail: { effect: kind, as: id, ...(account !== undefined && { account }) },
    })
}

/** What goes on without coming into an account; on disk when it resolves. */
export async function forwardInto(
  queue: Pick<Queue, 'add' | 'confirm'> | undefined,
  { envelope, id, message, trace }: ForwardedMessage,
  { lifetimeMs, now }: { readonly now: number; readonly lifetimeMs: number },
): Promise<void> {
  if (!queue) throw new Error('The queue is not open yet')
  const facts = JSON.stringify({ outbox: 'forward' })
  const times = { receivedAt: now, expiresAt: now + lifetimeMs }
  await queue.add({ id, envelope, trace, message, facts, foreign: true, fingerprint: emptyBytes, ...times })
  queue.confirm(id)
}
