/** IMAP events of an account that wait for their scripts (RFC 6785): the next message of the oldest, and what becomes of it. */
import { emptyBytes } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import type { WriterOperations } from '#store/account/operations.ts'
import { readDeliveryOf } from '#store/account/tables/delivery.ts'
import { readInternalDate } from '#store/account/tables/email.ts'
import { type ImapEventRow, readOldestImapEvent } from '#store/account/tables/imap-event.ts'
import { readKeywords } from '#store/account/tables/keyword.ts'
import { readMailboxes } from '#store/account/tables/mailbox.ts'
import { readPlacement } from '#store/account/tables/placement.ts'
import type { Database } from '#store/sqlite.ts'
import { type Account, firstKeywordFlag, type FlagChange } from './account.ts'
import { wasRefused } from './account-bytes.ts'
import { bringAll } from './account-delivery.ts'
import type { LocalFiling, LocalMailbox, OutboxItem } from './delivery.ts'
import type { EmailId } from './ids.ts'

export type WaitingImapEvent = {
  readonly number: number
  /** With the UID it is no other event's, ever */
  readonly modSeq: number
  /** Which of its messages */
  readonly index: number
  readonly cause: ImapEventRow['cause']
  readonly mailbox: string
  readonly mailboxId: number
  readonly uid: number
  /** As they are now */
  readonly flags: readonly string[]
  /** Of FLAG */
  readonly changedFlags: readonly string[]
  readonly script: string
  readonly login: string
  /** Milliseconds since 1970, both */
  readonly happened: number
  readonly internalDate: number
  /** The delivery that brought the message, under which its trace stands */
  readonly letter: string | undefined
  /** Undefined: it is gone, or its mailbox */
  readonly message: MessageSource | undefined
}

export type DecidedImapEvent = {
  readonly flags: { readonly add: FlagChange; readonly remove: FlagChange }
  readonly discard: boolean
  readonly share: readonly LocalMailbox[]
  /** Emails of their own, whole: each placement is `edited` */
  readonly filing: LocalFiling
  readonly outbox: readonly OutboxItem[]
}

export type FinishedImapEvent = WriterOperations['finishImapEvent']['output']['status']

type Waiting = Omit<WaitingImapEvent, 'message'> & { readonly email: EmailId | undefined }

export function readWaitingEvent(database: Database): Waiting | undefined {
  const row = readOldestImapEvent(database)
  if (!row) return undefined
  const { cause, done: index, happened, login, modSeq, number, script } = row
  const uid = row.uids[index] ?? 0
  const placement = readPlacement(database, row.mailbox, uid)
  const mailbox = readMailboxes(database).find(({ id }) => id === row.mailbox)
  return {
    number,
    modSeq,
    index,
    cause,
    uid,
    script,
    login,
    happened,
    mailbox: mailbox?.name ?? '',
    mailboxId: row.mailbox,
    flags: flagNames(placement?.flags ?? 0, readKeywords(database)),
    changedFlags: row.flags === '' ? [] : row.flags.split(' '),
    internalDate: (placement && readInternalDate(database, placement.email)) ?? happened,
    letter: placement && readDeliveryOf(database, placement.email),
    email: mailbox && (placement?.email as EmailId | undefined),
  }
}

export async function waitingImapEvent(
  account: Account,
  waiting: Waiting | undefined,
): Promise<WaitingImapEvent | undefined> {
  if (!waiting) return undefined
  const { email, ...event } = waiting
  return { ...event, message: email === undefined ? undefined : await account.message(email) }
}

const systemFlags = ['\\Seen', '\\Answered', '\\Flagged', '\\Draft', '\\Deleted'] as const

function flagNames(flags: number, keywords: readonly string[]): readonly string[] {
  return [
    ...systemFlags.filter((_, position) => flags & (1 << position)),
    ...keywords.filter((_, position) => flags & (firstKeywordFlag << position)),
  ]
}

type Input = WriterOperations['finishImapEvent']['input']

export type FinishingPlace = {
  readonly place: Parameters<typeof bringAll>[0]
  readonly quotaBytes: number | undefined
  readonly nowMs: number
  write(input: Input, transfer: readonly ArrayBuffer[]): Promise<WriterOperations['finishImapEvent']['output']>
}

export async function finishImapEvent(
  { nowMs, place, quotaBytes, write }: FinishingPlace,
  { index, internalDate, modSeq, number: event }: WaitingImapEvent,
  decided: DecidedImapEvent | undefined,
  signal: AbortSignal,
): Promise<FinishedImapEvent> {
  const about = { event, modSeq, index, internalDate, overQuota: 'refuse', quotaBytes, nowMs } as const
  if (!decided) return (await write({ ...about, decided: undefined }, [])).status
  const { discard, filing, flags, outbox, share } = decided
  const bringing = { filing, outbox, message: memorySource(emptyBytes), trace: emptyBytes, receivedHash: emptyBytes }
  const brought = await bringAll(place, bringing, signal)
  let unused: 'all' | readonly string[] = 'all'
  try {
    const kept = { emails: [], remember: [], reply: undefined, ...brought.filing }
    const input = { ...about, decided: { discard, flags, share, filing: kept, outbox: brought.outbox } }
    const output = await write(input, brought.transfer as readonly ArrayBuffer[])
    if (output.status === 'done') unused = output.unusedFiles
    return output.status
  } catch (error) {
    if (!wasRefused(error)) unused = []
    throw error
  } finally {
    if (unused.length > 0) brought.drop(unused)
  }
}
