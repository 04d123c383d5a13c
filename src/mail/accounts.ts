/** All accounts of this home: opens them on demand, takes deliveries, keeps what can be answered from memory. */
import { join } from 'node:path'
import { ownBytes } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { Language } from '#base/text.ts'
import { checkScript } from '#formats/sieve/check.ts'
import { maxScriptBytesEver } from '#formats/sieve/limits.ts'
import type { SieveProblem } from '#formats/sieve/problem.ts'
import { memorySource } from '#formats/message-source.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import type { AccountNotice } from '#store/account/operations.ts'
import { openAccountStore } from '#store/account/store.ts'
import { readCounters } from '#store/account/tables/counters.ts'
import { readOutbox, type WaitingOutboxItem as KeptOutboxItem } from '#store/account/tables/outbox.ts'
import { ThreadFailure } from '#store/thread.ts'
import type { Accounts } from './account.ts'
import { wasRefused } from './account-bytes.ts'
import { bringDelivery, outboxFile } from './account-delivery.ts'
import { Confirmations } from './account-confirmations.ts'
import {
  defaultDiskReserveBytes,
  defaultMaxScriptBytes,
  diskCheckMs,
  maxIdleAccounts,
  maxRememberedUsage,
  tidyEveryMs,
} from './account-limits.ts'
import { type MailboxNames, mailboxNamesIn } from './account-mailbox-names.ts'
import {
  type DecidedImapEvent,
  type FinishedImapEvent,
  finishImapEvent,
  readWaitingEvent,
  type WaitingImapEvent,
  waitingImapEvent,
} from './account-imap-events.ts'
import { readAccount } from './account-read.ts'
import { changeIn, missedChange } from './account-change.ts'
import { type AccountSurroundings, OpenAccount } from './account-object.ts'
import type { LocalDeliveries, LocalDelivery, LocalResult, WaitingOutboxItem } from './delivery.ts'
import type { AccountId } from './ids.ts'
import { AccountImages } from './image/images.ts'
import { MailboxHeads } from './mailbox-heads.ts'
import type { Scripts } from './scripts.ts'
import { createScripts } from './account-scripts.ts'
import { ContactSenders } from './contact-senders.ts'
import { SearchIndex, type SearchLag, type SearchUpkeep } from './search-index.ts'

export type AccountsOptions = {
  /** Holds a folder for each account */
  readonly folder: string
  readonly log: Log
  readonly clock: Clock
  /** Octets; undefined is no limit. Asked often: answer from memory. */
  quotaOf(account: AccountId): number | undefined
  /** The first mailboxes in the account's language; ours when not given */
  readonly mailboxNames?: (language: Language) => MailboxNames
  readonly writerThreads?: number
  readonly readerThreads?: number
  readonly diskReserveBytes?: number
  /** An account has effects waiting in its outbox, as of a commit */
  readonly onOutbox?: (account: AccountId) => void
  /** An account has IMAP events that wait for their scripts, as of a commit */
  readonly onImapEvents?: (account: AccountId) => void
  /** What is wrong with a Sieve script */
  readonly checkScript?: (text: string) => readonly SieveProblem[]
  readonly maxScriptBytes?: number
  /** Are told what happens in all accounts, in the order of the commits */
  readonly followers?: readonly AccountFollower[]
}

export type AccountFollower = {
  noticed(notice: AccountNotice): void
  /** Something may have happened that it was not told */
  look(account: AccountId): void
  /** The account is to be removed: lets go of its files */
  forget(account: AccountId): Promise<void>
}

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

export type OpenAccounts = Accounts &
  LocalDeliveries &
  AccountAdministration &
  AsyncDisposable & {
    /** Threads of the store that have ended by themselves and are being replaced */
    readonly threadsDown: number
    readonly scripts: Scripts
    /** A card of the account has this canonical address: asked with every letter, and quick */
    isContact(account: AccountId, address: string): Promise<boolean>
    /** What has not been indexed yet; searches read it instead */
    readonly searchLag: SearchLag
    readonly search: SearchUpkeep
    /** Resolves when the search index of the account has everything that is in it now */
    indexed(account: AccountId): Promise<void>
    /** Since the start: commits, and the operations that shared them */
    readonly commits: { readonly count: number; readonly operations: number }
  }

/** Letters that come together share their waits for the disk, and each thread warms up code of its own. */
const defaultWriterThreads = 2
const scrubBatch = 100

export async function openAccounts(options: AccountsOptions): Promise<OpenAccounts> {
  const { log, clock } = options
  const opened = new Map<AccountId, Promise<OpenAccount>>()
  const present = new Map<AccountId, OpenAccount>()
  const usage = new Map<string, number>()
  /** Changed since they were last tidied */
  const active = new Set<AccountId>()
  const store = await openAccountStore({
    folder: options.folder,
    writerThreads: options.writerThreads ?? defaultWriterThreads,
    readerThreads: options.readerThreads ?? 1,
    onNotice: noticed,
    onTrouble(about, what) {
      log.error('The account store has trouble and tries again', { about, error: what })
    },
    onThreadEnd(thread, error, isConcerned) {
      log.error('A thread of the account store has ended and was started again', { thread, error: error?.message })
      for (const [id, one] of present) if (isConcerned(id)) one.announce(missedChange(id))
      images.reload(isConcerned)
      contactSenders.forgetAll()
      heads.reload(isConcerned).catch((cause: unknown) => {
        log.error('Open mailboxes could not be read again', { error: String(cause) })
      })
    },
  })
  const heads = new MailboxHeads(store)
  const images = new AccountImages(store)
  const contactSenders = new ContactSenders(store, account)
  const search = new SearchIndex(options.folder, log, () => disk.hasRoom())
  const followers = options.followers ?? []
  const confirmations = new Confirmations(async (account, confirms) => {
    await store.write(account, 'confirm', { confirms })
  }, log)
  const disk = diskWatch(() => store.freeBytes(), clock, options.diskReserveBytes ?? defaultDiskReserveBytes)
  const around: AccountSurroundings = {
    store,
    heads,
    images,
    search,
    clock,
    emailReads: { underWay: 0 },
    quotaOf: options.quotaOf,
    requireDiskRoom() {
      if (!disk.hasRoom()) throw new ThreadFailure('New mail waits until the disk has room', 'DISK_FULL')
    },
  }

  function noticed(notice: AccountNotice): void {
    const account = notice.account as AccountId
    rememberUsage(account, notice.usedBytes)
    if (active.size < maxRememberedUsage) active.add(account)
    heads.apply(notice)
    images.apply(notice)
    contactSenders.noticed(notice)
    search.noticed(notice)
    for (const follower of followers) follower.noticed(notice)
    if (notice.outbox) options.onOutbox?.(account)
    if (notice.imapEvents) options.onImapEvents?.(account)
    if (notice.imapEvents === 'dropped')
      log.warn('Too many IMAP events wait for scripts of an account; further ones are dropped', { account })
    const one = present.get(account)
    if (one?.isWatched) one.announce(changeIn(notice))
  }

  function rememberUsage(account: string, usedBytes: number): void {
    usage.delete(account)
    usage.set(account, usedBytes)
    if (usage.size > maxRememberedUsage) for (const oldest of usage.keys()) return void usage.delete(oldest)
  }

  function account(id: AccountId): Promise<OpenAccount> {
    let opening = opened.get(id)
    if (opening) opened.delete(id)
    else opening = openOne(id)
    opened.set(id, opening)
    return opening
  }

  async function openOne(id: AccountId): Promise<OpenAccount> {
    requireAccountId(id)
    try {
      // The writer brings the database to this release's form; only then is it read here
      await store.write(id, 'open', {})
      const made = new OpenAccount(id, around)
      present.set(id, made)
      search.look(id)
      for (const follower of followers) follower.look(id)
      trimIdle()
      return made
    } catch (error) {
      opened.delete(id)
      throw error
    }
  }

  function trimIdle(): void {
    if (present.size <= maxIdleAccounts) return
    for (const [id] of opened) {
      const one = present.get(id)
      if (!one || one.isWatched || heads.isOpen(id)) continue
      opened.delete(id)
      present.delete(id)
      return
    }
  }

  async function deliver(delivery: LocalDelivery, signal: AbortSignal): Promise<LocalResult> {
    signal.throwIfAborted()
    requireAccountId(delivery.account)
    around.requireDiskRoom()
    const folder = join(options.folder, delivery.account)
    const brought = await bringDelivery({ folder, bootMark: store.bootMark }, delivery, signal)
    const { kept, filing, outbox } = brought
    const { recipient, attempt, mailbox, flags, internalDate, overQuota } = delivery
    const confirms = confirmations.take(delivery.account)
    let unused: 'all' | readonly string[] = 'all'
    try {
      const result = await store.write(
        delivery.account,
        'deliver',
        {
          recipient,
          attempt,
          fingerprint: ownBytes(delivery.fingerprint),
          mailbox,
          flags,
          internalDate,
          kept,
          ...(filing && { filing }),
          outbox,
          overQuota,
          quotaBytes: options.quotaOf(delivery.account),
          nowMs: clock.now(),
          confirms,
          prompt: heads.isOpen(delivery.account) || (present.get(delivery.account)?.isWatched ?? false),
        },
        brought.transfer,
      )
      const { fileUnused, unusedFiles = [], ...answer } = result
      unused = fileUnused ? 'all' : unusedFiles
      if (answer.status === 'rejected') return { ...answer, reply: JSON.parse(answer.reply) as SmtpReply }
      return answer as LocalResult
    } catch (error) {
      if (!wasRefused(error)) unused = []
      confirmations.giveBack(delivery.account, confirms)
      throw error
    } finally {
      if (unused.length > 0) brought.drop(unused)
    }
  }

  async function* accountsWith(what: 'hasOutbox' | 'hasImapEvents'): AsyncIterable<AccountId> {
    for (const id of (await store.accounts()) as readonly AccountId[])
      try {
        await account(id)
        if (await store.scan(id, what, {})) yield id
      } catch (error) {
        log.error('The account cannot be opened', { account: id, error: String(error) })
      }
  }

  async function tidy(id: AccountId): Promise<void> {
    while ((await store.write(id, 'tidy', { nowMs: clock.now() })).removed > 0);
  }

  async function tidyActive(): Promise<void> {
    for (const id of active) {
      active.delete(id)
      await tidy(id).catch((error: unknown) =>
        log.warn('The account could not be tidied', { account: id, error: String(error) }),
      )
    }
  }
  const tidying = setInterval(() => void tidyActive(), tidyEveryMs).unref()

  async function usedBytes(id: AccountId): Promise<number> {
    const known = usage.get(id)
    if (known !== undefined) return known
    await account(id)
    await store.settle(id)
    const used = readCounters(store.reader(id))?.usedBytes ?? 0
    rememberUsage(id, used)
    return used
  }

  const scripts = createScripts({
    store,
    open: account,
    clock,
    maxScriptBytes: options.maxScriptBytes ?? defaultMaxScriptBytes,
    check: options.checkScript ?? (text => checkScript(text, { maxScriptBytes: maxScriptBytesEver })),
  })

  return {
    account,
    scripts,
    isContact: (id, address) => contactSenders.has(id, address),
    deliver,
    confirm: (id, recipient, ids) => confirmations.add(id, recipient, ids),
    async hasRoom(id, sizeBytes) {
      const limit = options.quotaOf(id)
      return limit === undefined || (await usedBytes(id)) + sizeBytes <= limit
    },
    diskHasRoom: () => disk.hasRoom(),
    async createAccount(id, language) {
      requireAccountId(id)
      const names = (options.mailboxNames ?? mailboxNamesIn)(language)
      await store.write(id, 'create', { names, nowMs: clock.now() })
    },
    async purgeAccount(id) {
      requireAccountId(id)
      opened.delete(id)
      present.delete(id)
      usage.delete(id)
      heads.forget(id)
      images.forget(id)
      confirmations.forget(id)
      await search.forget(id)
      for (const follower of followers) await follower.forget(id)
      await store.purge(id)
    },
    accountIds: async () => (await store.accounts()) as readonly AccountId[],
    async outbox(id, limit) {
      await account(id)
      await store.settle(id)
      return readOutbox(store.reader(id), limit).map(item => waitingItem(join(options.folder, id), item))
    },
    async outboxDone(id, ids) {
      await store.write(id, 'outboxDone', { ids })
    },
    accountsWithOutbox: () => accountsWith('hasOutbox'),
    async imapEvent(id) {
      return waitingImapEvent(await account(id), await readAccount(store, id, readWaitingEvent))
    },
    async finishImapEvent(id, event, decided, signal) {
      if (decided && decided.filing.placements.length + decided.filing.copies.length > 0) around.requireDiskRoom()
      const place = { folder: join(options.folder, id), bootMark: store.bootMark }
      const quotaBytes = options.quotaOf(id)
      return finishImapEvent(
        { place, quotaBytes, nowMs: clock.now(), write: (...call) => store.write(id, 'finishImapEvent', ...call) },
        event,
        decided,
        signal,
      )
    },
    accountsWithImapEvents: () => accountsWith('hasImapEvents'),
    async scrub(id, signal) {
      await account(id)
      const damaged: number[] = []
      let checked = 0
      for (let fromEmail: number | undefined = 1; fromEmail !== undefined; ) {
        signal?.throwIfAborted()
        const part: Awaited<ReturnType<typeof store.scan<'scrub'>>> = await store.scan(id, 'scrub', {
          fromEmail,
          limit: scrubBatch,
        })
        checked += part.checked
        damaged.push(...part.damaged)
        fromEmail = part.nextEmail
      }
      return { checked, damaged }
    },
    tidy,
    get commits() {
      return store.commits
    },
    get threadsDown() {
      return store.threadsDown
    },
    get searchLag() {
      return search.lag
    },
    search,
    async indexed(id) {
      await account(id)
      await search.catchUp(id)
    },
    async [Symbol.asyncDispose]() {
      clearInterval(tidying)
      await confirmations[Symbol.asyncDispose]()
      await search[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

/** An id names a folder: nothing else may get through. */
function requireAccountId(id: AccountId): void {
  if (!/^[a-z2-7]{16}$/.test(id)) throw new Error('Not an account id')
}

function waitingItem(folder: string, item: KeptOutboxItem): WaitingOutboxItem {
  const { created, envelope, file, id } = item
  const message = file === null ? memorySource(item.message) : outboxFile(folder, file)
  return { id, kind: item.kind as WaitingOutboxItem['kind'], envelope, message, created }
}

function diskWatch(freeBytes: () => number, clock: Clock, reserveBytes: number): { hasRoom(): boolean } {
  let askedAt = -Infinity
  let room = true
  return {
    hasRoom() {
      const now = clock.monotonic()
      if (now - askedAt >= diskCheckMs) {
        askedAt = now
        room = freeBytes() > reserveBytes
      }
      return room
    },
  }
}
