/** All accounts of this home: opens them on demand, takes deliveries, keeps what can be answered from memory. */
import { join } from 'node:path'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { Language } from '#base/text.ts'
import { checkScript } from '#formats/sieve/check.ts'
import { maxScriptBytesEver } from '#formats/sieve/limits.ts'
import type { SieveProblem } from '#formats/sieve/problem.ts'
import { openAccountStore } from '#store/account/store.ts'
import { ThreadFailure } from '#store/thread.ts'
import type { Accounts } from './account.ts'
import { type AccountAdministration, accountAdministration } from './account-administration.ts'
import { Confirmations } from './account-confirmations.ts'
import { localDeliveries } from './account-deliver.ts'
import type { AccountFollower } from './account-follower.ts'
import { defaultDiskReserveBytes, defaultMaxScriptBytes } from './account-limits.ts'
import type { MailboxNames } from './account-mailbox-names.ts'
import { AccountNews } from './account-news.ts'
import type { AccountSurroundings } from './account-surroundings.ts'
import { createScripts } from './account-scripts.ts'
import { AccountUpkeep } from './account-upkeep.ts'
import { ContactSenders } from './contact-senders.ts'
import type { LocalDeliveries } from './delivery.ts'
import { diskWatch } from './disk-watch.ts'
import type { AccountId } from './ids.ts'
import { AccountImages } from './image/images.ts'
import { columnsIn } from './image/kept-columns.ts'
import { MailboxHeads } from './mailbox-heads.ts'
import { OpenedAccounts } from './opened-accounts.ts'
import type { Scripts } from './scripts.ts'
import { SearchIndex, type SearchLag, type SearchUpkeep } from './search-index.ts'
import { UsedBytes } from './used-bytes.ts'

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

export async function openAccounts(options: AccountsOptions): Promise<OpenAccounts> {
  const { clock, followers = [], log } = options
  const store = await openAccountStore({
    folder: options.folder,
    writerThreads: options.writerThreads ?? defaultWriterThreads,
    readerThreads: options.readerThreads ?? 1,
    onNotice: notice => news.noticed(notice),
    onTrouble(about, what) {
      log.error('The account store has trouble and tries again', { about, error: what })
    },
    onThreadEnd: (thread, error, isConcerned) => news.threadEnded(thread, error, isConcerned),
  })
  const disk = diskWatch(() => store.freeBytes(), clock, options.diskReserveBytes ?? defaultDiskReserveBytes)
  const around: AccountSurroundings = {
    store,
    heads: new MailboxHeads(store),
    images: new AccountImages(store, account =>
      columnsIn({ account, folder: join(options.folder, account), store, log }),
    ),
    search: new SearchIndex(options.folder, log, () => disk.hasRoom()),
    clock,
    emailReads: { underWay: 0 },
    quotaOf: options.quotaOf,
    requireDiskRoom() {
      if (!disk.hasRoom()) throw new ThreadFailure('New mail waits until the disk has room', 'DISK_FULL')
    },
  }
  const { search } = around
  const opened = new OpenedAccounts(around, followers)
  const open = (id: AccountId) => opened.open(id)
  const contactSenders = new ContactSenders(store, open)
  const usedBytes = new UsedBytes(store, open)
  const upkeep = new AccountUpkeep({ store, clock, log, open })
  const confirmations = new Confirmations(async (account, confirms) => {
    await store.write(account, 'confirm', { confirms })
  }, log)
  const { onImapEvents, onOutbox } = options
  const inside = { ...around, around, opened, usedBytes, upkeep, contactSenders, confirmations, followers, disk, log }
  const news = new AccountNews({ ...inside, onOutbox, onImapEvents })
  const scripts = createScripts({
    store,
    open,
    clock,
    maxScriptBytes: options.maxScriptBytes ?? defaultMaxScriptBytes,
    check: options.checkScript ?? (text => checkScript(text, { maxScriptBytes: maxScriptBytesEver })),
  })
  return {
    account: open,
    ...localDeliveries(inside),
    ...accountAdministration({ ...inside, mailboxNames: options.mailboxNames }),
    scripts,
    isContact: (id, address) => contactSenders.has(id, address),
    search,
    get searchLag() {
      return search.lag
    },
    async indexed(id) {
      await open(id)
      await search.catchUp(id)
    },
    get commits() {
      return store.commits
    },
    get threadsDown() {
      return store.threadsDown
    },
    async [Symbol.asyncDispose]() {
      upkeep[Symbol.dispose]()
      await confirmations[Symbol.asyncDispose]()
      await search[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}
