// Runs under the shim: takes letters into an account store and a queue, and writes each acknowledgement into a file of its own, in
// the order in which it came. Everything that this file acknowledges must be on the strict disk from then on.
import { createHash } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { emptyBytes } from '#base/bytes.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { deletedFlag, flaggedFlag, isRefusal } from '#mail/account.ts'
import { openAccounts } from '#mail/accounts.ts'
import { silentEvents } from '#mail/events.ts'
import type { AccountId, DeliveryId, MailboxId, Uid } from '#mail/ids.ts'
import { openQueue } from '#mail/queue/open-queue.ts'
import { isExpunged, isFlagged, letterText, workloadAccounts } from './letters.ts'

const folder = process.argv[2] ?? ''
const count = Number(process.argv[3] ?? 40)
const acknowledgements = openSync(join(folder, 'acknowledged'), 'a', 0o600)
const acknowledge = (kind: string, ...numbers: number[]) =>
  writeSync(acknowledgements, `${kind} ${numbers.join(' ')}\n`)

await using accounts = await openAccounts({
  folder: join(folder, 'accounts'),
  log: silentLog,
  clock: systemClock,
  quotaOf: () => undefined,
  diskReserveBytes: 0,
  // several accounts to a thread, so that its journal is used
  writerThreads: 2,
})
await using queue = await openQueue({
  file: join(folder, 'hold.db'),
  spoolFolder: join(folder, 'hold'),
  name: 'hold',
  destinationOf: () => 'home',
  transportFor: () => envelope =>
    Promise.resolve(envelope.recipients.map(() => ({ status: 'deferred', reply: { code: 451, lines: ['away'] } }))),
  clock: systemClock,
  log: silentLog,
  events: silentEvents,
  diskReserveBytes: 0,
})
for (const [number, account] of workloadAccounts.entries()) {
  await accounts.createAccount(account as AccountId, 'en')
  acknowledge('account', number)
}
// several at once, so that group commits, journals, large files and small rows overlap
const turns = Array.from({ length: count }, (_, number) => number)
await Promise.all(Array.from({ length: 12 }, takeTurns))

async function takeTurns(): Promise<void> {
  for (let number = turns.shift(); number !== undefined; number = turns.shift()) {
    const place = await deliver(number)
    acknowledge('delivered', number, place.uid)
    if (isFlagged(number)) {
      await change(place, flaggedFlag)
      acknowledge('flagged', number)
    }
    if (isExpunged(number)) {
      acknowledge('expunging', number)
      await change(place, deletedFlag)
      await (await accounts.account(place.account)).expunge(place.mailbox, [place.uid])
      acknowledge('expunged', number)
    }
    await hold(number)
    acknowledge('held', number)
  }
}

type Place = { readonly account: AccountId; readonly mailbox: MailboxId; readonly uid: Uid }

async function change({ account, mailbox, uid }: Place, system: number): Promise<void> {
  const flags = { mode: 'add', system, keywords: [] } as const
  const changed = await (await accounts.account(account)).changeFlags(mailbox, [uid], flags)
  if (isRefusal(changed)) throw new Error(changed.refused)
}

async function deliver(number: number): Promise<Place> {
  const account = workloadAccounts[number % workloadAccounts.length] as AccountId
  const bytes = Buffer.from(letterText(number))
  const result = await accounts.deliver(
    {
      account,
      recipient: 'u@home.test',
      attempt: { id: `w.1.${number}` as DeliveryId, origin: 'w', boot: 1, gone: [], confirmed: false },
      fingerprint: createHash('sha256').update(`${number}`).digest(),
      mailbox: { role: 'inbox' },
      flags: { mode: 'replace', system: 0, keywords: [] },
      internalDate: 0,
      trace: emptyBytes,
      message: memorySource(bytes),
      receivedHash: createHash('sha256').update(bytes).digest(),
      outbox: [],
      overQuota: 'accept',
    },
    AbortSignal.timeout(30_000),
  )
  if (result.status !== 'stored') throw new Error(result.status)
  return { account, mailbox: result.mailbox, uid: result.uid }
}

async function hold(number: number): Promise<void> {
  await queue.add({
    id: `h.1.${number}` as DeliveryId,
    envelope: {
      reversePath: 's@internet.test',
      recipients: [{ address: 'u@home.test' }],
      body: '8BITMIME',
      smtpUtf8: false,
    },
    trace: emptyBytes,
    message: memorySource(Buffer.from(letterText(number))),
    facts: '{}',
    fingerprint: createHash('sha256').update(`h${number}`).digest(),
    receivedAt: 0,
    expiresAt: Date.now() + 86_400_000,
  })
}
