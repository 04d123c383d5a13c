/** Accounts, their outbox and a queue behind it. */
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { testOptions } from './accounts.testbed.ts'
import { openAccounts, type OpenAccounts } from './accounts.ts'
import { type MailEvent, silentEvents } from './events.ts'
import type { AccountId } from './ids.ts'
import { createOutbox, type Outbox, type OutboxOptions } from './outbox.ts'
import { openQueue } from './queue/open-queue.ts'
import type { Queue } from './queue/queue.ts'

export type OutboxFlow = AsyncDisposable & {
  readonly accounts: OpenAccounts
  readonly outbox: Outbox
  readonly queue: Queue
  /** Ids in the order they were handed over */
  readonly sent: string[]
  readonly events: MailEvent[]
}

export async function openFlow(
  folder: string,
  options: {
    readonly deliver: boolean
    readonly between?: (queue: Queue) => Partial<Queue>
    readonly watch?: OutboxOptions['watch']
  },
): Promise<OutboxFlow> {
  await using scope = new AsyncDisposableStack()
  const sent: string[] = []
  const events: MailEvent[] = []
  let outbox: Outbox | undefined
  const onOutbox = (account: AccountId) => outbox?.wake(account)
  const accounts = scope.use(await openAccounts(testOptions(join(folder, 'accounts'), { writerThreads: 2, onOutbox })))
  const reply = options.deliver ? smtpReply(250, '2.0.0', 'OK') : smtpReply(451, '4.0.0', 'Later')
  const queue = scope.use(
    await openQueue({
      file: join(folder, 'outbound.db'),
      spoolFolder: join(folder, 'outbound'),
      name: 'outbound',
      destinationOf: () => 'there',
      transportFor: (_, message) => async envelope => {
        sent.push(message.id)
        return envelope.recipients.map(() => ({ status: options.deliver ? 'delivered' : 'deferred', reply }) as const)
      },
      clock: systemClock,
      log: silentLog,
      events: silentEvents,
      diskReserveBytes: 0,
    }),
  )
  const into = {
    add: queue.add.bind(queue),
    confirm: queue.confirm.bind(queue),
    hold: queue.hold.bind(queue),
    release: queue.release.bind(queue),
    ...options.between?.(queue),
  }
  const watch = options.watch ?? { scripted: async () => {}, isPaused: () => false }
  const addressOf = async (account: AccountId) => `${account}@home.test`
  outbox = scope.use(
    createOutbox({
      accounts,
      queue: into,
      watch,
      addressOf,
      events: { record: event => void events.push(event) },
      clock: systemClock,
      log: silentLog,
      lifetimeMs: 1e8,
    }),
  )
  const whole = scope.move()
  return { accounts, outbox, queue, sent, events, [Symbol.asyncDispose]: () => whole.disposeAsync() }
}
