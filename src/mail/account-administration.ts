/** What this home does with accounts besides reading and delivering: makes and removes them, empties their outboxes, keeps them in order. */
import { join } from 'node:path'
import type { Log } from '#base/log.ts'
import type { Language } from '#base/text.ts'
import { memorySource } from '#formats/message-source.ts'
import { readOutbox, type WaitingOutboxItem as KeptOutboxItem } from '#store/account/tables/outbox.ts'
import type { Confirmations } from './account-confirmations.ts'
import { outboxFile } from './account-delivery.ts'
import type { AccountFollower } from './account-follower.ts'
import {
  type DecidedImapEvent,
  type FinishedImapEvent,
  finishImapEvent,
  readWaitingEvent,
  type WaitingImapEvent,
  waitingImapEvent,
} from './account-imap-events.ts'
import { type MailboxNames, mailboxNamesIn } from './account-mailbox-names.ts'
import type { AccountSurroundings } from './account-surroundings.ts'
import { readAccount } from './account-read.ts'
import type { AccountUpkeep } from './account-upkeep.ts'
import type { WaitingOutboxItem } from './delivery.ts'
import type { AccountId } from './ids.ts'
import { type OpenedAccounts, requireAccountId } from './opened-accounts.ts'
import type { UsedBytes } from './used-bytes.ts'

export type AccountAdministration = {
  createAccount(id: AccountId, language: Language): Promise<void>
  /** Removes the account with all its mail. Sessions that have it open fail. */
  purgeAccount(id: AccountId): Promise<void>
  /** Every account that has a folder */
  accountIds(): Promise<readonly AccountId[]>
  /** The oldest waiting effects, at most `limit` */
  outbox(account: AccountId, limit: number): Promise<readonly WaitingOutboxItem[]>
  /** These are in the queue now */
  outboxDone(account: AccountId, ids: readonly string[]): Promise<void>
  /** Accounts with waiting effects: asked once at start, `onOutbox` tells the rest. */
  accountsWithOutbox(): AsyncIterable<AccountId>
  /** Of the oldest IMAP event that waits for its script, the next message */
  imapEvent(account: AccountId): Promise<WaitingImapEvent | undefined>
  /** What its script decided, all of it in one commit; what has been finished before changes nothing */
  finishImapEvent(
    account: AccountId,
    event: WaitingImapEvent,
    decided: DecidedImapEvent | undefined,
    signal: AbortSignal,
  ): Promise<FinishedImapEvent>
  /** Asked once at start, `onImapEvents` tells the rest */
  accountsWithImapEvents(): AsyncIterable<AccountId>
  /** Reads every stored message of the account and compares checksums; yields ids of damaged emails. */
  scrub(
    account: AccountId,
    signal?: AbortSignal,
  ): Promise<{ readonly checked: number; readonly damaged: readonly number[] }>
  /** Lets go of tombstones and delivery rows that are old enough. Once a day is plenty. */
  tidy(account: AccountId): Promise<void>
}

export type AdministrationParts = {
  readonly around: AccountSurroundings
  readonly opened: OpenedAccounts
  readonly confirmations: Confirmations
  readonly usedBytes: UsedBytes
  readonly upkeep: AccountUpkeep
  readonly followers: readonly AccountFollower[]
  readonly log: Log
  readonly mailboxNames: ((language: Language) => MailboxNames) | undefined
}

export function accountAdministration(parts: AdministrationParts): AccountAdministration {
  const { around, opened, upkeep } = parts
  const { clock, store } = around
  return {
    async createAccount(id, language) {
      requireAccountId(id)
      const names = (parts.mailboxNames ?? mailboxNamesIn)(language)
      await store.write(id, 'create', { names, nowMs: clock.now() })
    },
    purgeAccount: id => purge(parts, id),
    accountIds: async () => (await store.accounts()) as readonly AccountId[],
    async outbox(id, limit) {
      await opened.open(id)
      await store.settle(id)
      return readOutbox(store.reader(id), limit).map(item => waitingItem(join(store.folder, id), item))
    },
    async outboxDone(id, ids) {
      await store.write(id, 'outboxDone', { ids })
    },
    accountsWithOutbox: () => accountsWith(parts, 'hasOutbox'),
    async imapEvent(id) {
      return waitingImapEvent(await opened.open(id), await readAccount(store, id, readWaitingEvent))
    },
    async finishImapEvent(id, event, decided, signal) {
      if (decided && decided.filing.placements.length + decided.filing.copies.length > 0) around.requireDiskRoom()
      const place = { folder: join(store.folder, id), bootMark: store.bootMark }
      const quotaBytes = around.quotaOf(id)
      return finishImapEvent(
        { place, quotaBytes, nowMs: clock.now(), write: (...call) => store.write(id, 'finishImapEvent', ...call) },
        event,
        decided,
        signal,
      )
    },
    accountsWithImapEvents: () => accountsWith(parts, 'hasImapEvents'),
    scrub: (id, signal) => upkeep.scrub(id, signal),
    tidy: id => upkeep.tidy(id),
  }
}

async function purge(parts: AdministrationParts, id: AccountId): Promise<void> {
  const { around, confirmations, followers, opened, usedBytes } = parts
  requireAccountId(id)
  opened.forget(id)
  usedBytes.forget(id)
  around.heads.forget(id)
  around.images.forget(id)
  confirmations.forget(id)
  await around.search.forget(id)
  for (const follower of followers) await follower.forget(id)
  await around.store.purge(id)
}

async function* accountsWith(
  { around: { store }, log, opened }: AdministrationParts,
  what: 'hasOutbox' | 'hasImapEvents',
): AsyncIterable<AccountId> {
  for (const id of (await store.accounts()) as readonly AccountId[])
    try {
      await opened.open(id)
      if (await store.scan(id, what, {})) yield id
    } catch (error) {
      log.error('The account cannot be opened', { account: id, error: String(error) })
    }
}

function waitingItem(folder: string, item: KeptOutboxItem): WaitingOutboxItem {
  const { created, envelope, file, id } = item
  const message = file === null ? memorySource(item.message) : outboxFile(folder, file)
  return { id, kind: item.kind as WaitingOutboxItem['kind'], envelope, message, created }
}
