/**
 * Deliveries whose account commits later than they were answered. Invariants:
 * - every delivery answered from here is in the journal, synced, until its account is synced;
 * - what an account lacks after a crash or a failed commit is brought back out of the journal, in order, before anything else
 *   happens to it; what it has already answers for itself (delivery rows), so ids come out the same;
 * - nothing is announced before its commit.
 */
import { rmSync } from 'node:fs'
import type { AccountWriter } from '../account-writer.ts'
import { deliver } from '../deliver.ts'
import { busyMs, deferredBytes, deferredMs, deferredOperations, journalBytes, maxJournalBytes } from '../limits.ts'
import { AccountFailure, accountFailure } from '../failures.ts'
import type { OpenWriters } from '../open-writers.ts'
import type { DeliverInput } from '../operations.ts'
import { placeKept } from '../append-later.ts'
import { touchSyncMark } from '../tables/sync-mark.ts'
import { Journal, readRecordAt, type RecordPlace } from './journal.ts'
import { type JournaledAppend, type KeptAppend, parseRecord, printAppend } from './append-record.ts'
import { type JournaledDelivery, printDelivery } from './record.ts'

export type DeferredOptions = {
  /** Of the journals of this thread: a suffix makes each a file of its own */
  readonly path: string
  readonly writers: OpenWriters
  /** After a commit: to be told, counted, tidied up after. `operations` were in it */
  readonly committed: (account: AccountWriter, operations: number) => void
  readonly failed: (account: string, error: unknown) => void
}

type Group = {
  readonly account: AccountWriter
  readonly since: number
  operations: number
  bytes: number
  /** Somebody waits to see it */
  prompt: boolean
}

export class DeferredCommits {
  readonly #options: DeferredOptions
  #journal: Journal | undefined
  #journalsMade = 0
  /** Journals that could not be written further, as long as something in them may be needed */
  #abandoned: string[] = []
  /** Accounts with an open transaction, the oldest first */
  readonly #groups = new Map<string, Group>()
  /** Records of accounts that may lack them after a crash, in order */
  readonly #unsynced = new Map<string, RecordPlace[]>()
  #busyUntil = -Infinity
  #lastWanted = { account: '', at: -Infinity }
  #lastAppend = -Infinity

  constructor(options: DeferredOptions) {
    this.#options = options
  }

  /** Whether deliveries into this account, in a batch for so many accounts, go by way of the journal. */
  wants(account: string, accountsInBatch: number): boolean {
    const now = performance.now()
    const other = account !== this.#lastWanted.account && now - this.#lastWanted.at < busyMs
    if (accountsInBatch > 1 || other) this.#busyUntil = now + busyMs
    this.#lastWanted = { account, at: now }
    if (this.isFull) return false
    return now < this.#busyUntil || this.#groups.has(account)
  }

  /** The account's open transaction; one is begun when there is none. */
  begin(account: AccountWriter): void {
    if (this.#groups.has(account.id)) return
    account.database.durability = 'NORMAL'
    account.database.exec('BEGIN IMMEDIATE')
    // From here on, whatever becomes of the journal: what an unsynced commit leaves is synced before the account is closed, or used anew
    if (!this.#unsynced.has(account.id)) this.#unsynced.set(account.id, [])
    this.#groups.set(account.id, { account, since: performance.now(), operations: 0, bytes: 0, prompt: false })
  }

  /** On disk when it returns. When it throws, the transactions are still open: commit them synced, or give up. */
  keep(deliveries: readonly { readonly account: string; readonly input: DeliverInput }[]): void {
    if (deliveries.length === 0) return
    const places = this.#append(deliveries.map(printDelivery))
    for (const [index, { account, input }] of deliveries.entries()) {
      const place = places[index]
      if (place) this.owe(account, place)
      const group = this.#groups.get(account)
      if (!group) continue
      group.operations++
      group.prompt ||= input.prompt
      group.bytes += bytesInMemory(input)
    }
    this.#lastAppend = performance.now()
  }

  /** The messages of an APPEND are on disk when it returns; then `place` has to follow. Throws when they are not. */
  keepAppend(account: AccountWriter, append: KeptAppend): void {
    const [place] = this.#append([printAppend({ account: account.id, append })])
    if (place) this.owe(account.id, place)
    this.#lastAppend = performance.now()
  }

  /** Puts them into the account, which has no open transaction. When it throws the account is to be given up: its next opening brings them. */
  place(account: AccountWriter, append: KeptAppend, by: string | undefined): void {
    this.begin(account)
    account.operation(() => placeKept(account, append), by)
    const group = this.#groups.get(account.id)
    if (group) group.operations++
    this.commit(account.id)
  }

  /** The journal has no room for now, as what is in it waits for accounts that cannot be opened. */
  get isFull(): boolean {
    return this.#journal !== undefined && this.#journal.sizeBytes > maxJournalBytes
  }

  #append(payloads: readonly (readonly Uint8Array[])[]): readonly RecordPlace[] {
    try {
      this.#journal ??= new Journal(this.#nextPath())
      return this.#journal.append(payloads)
    } catch (error) {
      this.#abandonJournal()
      throw error
    }
  }

  /** Recovery takes journals in the order of their names. */
  #nextPath(): string {
    return `${this.#options.path}-${String(++this.#journalsMade).padStart(8, '0')}.journal`
  }

  /** A file whose sync has failed is not trusted again; what it held before is still needed. */
  #abandonJournal(): void {
    if (!this.#journal) return
    this.#abandoned.push(this.#journal.path)
    this.#journal.cutBack()
    this.#journal.close()
    this.#journal = undefined
  }

  /** The account may lack this record after a crash, or lacks it already: brought into it when it is opened next. */
  owe(account: string, place: RecordPlace): void {
    const places = this.#unsynced.get(account)
    if (places) places.push(place)
    else this.#unsynced.set(account, [place])
  }

  /** Brings back what a freshly opened account lacks, synced. */
  restore(account: AccountWriter): void {
    const places = this.#unsynced.get(account.id)
    if (!places) return
    account.database.durability = 'FULL'
    account.database.exec('BEGIN IMMEDIATE')
    try {
      for (const place of places) {
        this.#bringBack(account, parseRecord(readRecordAt(place)))
      }
      touchSyncMark(account.database)
      account.database.exec('COMMIT')
    } catch (error) {
      account.database.rollBack()
      throw error
    }
    this.#unsynced.delete(account.id)
    this.#options.committed(account, places.length)
  }

  #bringBack(account: AccountWriter, record: JournaledDelivery | JournaledAppend): void {
    try {
      account.operation(() =>
        'append' in record ? placeKept(account, record.append) : void deliver(account, record.input),
      )
    } catch (error) {
      // Refused after all, or an equal sent copy was there: its file has been dropped. Nothing else must wait for it
      if (!(error instanceof AccountFailure) || (error.code !== 'NO_FILE' && error.code !== 'REFUSED')) throw error
      this.#options.failed(account.id, error)
    }
  }

  /** Accounts with records that wait for the account to be opened. */
  get owing(): readonly string[] {
    return [...this.#unsynced.keys()]
  }

  /** Whether an account still lacks something that only these journals have */
  needs(paths: readonly string[]): boolean {
    const wanted = new Set(paths)
    return this.#unsynced.values().some(places => places.some(({ path }) => wanted.has(path)))
  }

  owes(id: string): boolean {
    return this.#unsynced.has(id)
  }

  get hasOpen(): boolean {
    return this.#groups.size > 0
  }

  get hasUnsynced(): boolean {
    return this.#unsynced.size > 0
  }

  /** Commits the account's open transaction, if it has one. Throws when that fails: the account is given up then. */
  commit(id: string): void {
    const group = this.#groups.get(id)
    if (!group) return
    this.#groups.delete(id)
    try {
      group.account.database.exec('COMMIT')
    } catch (error) {
      this.#options.writers.giveUp(group.account, error)
      throw error
    }
    this.#options.committed(group.account, group.operations)
  }

  /** The account's transaction is undone by whoever calls this. */
  forget(id: string): void {
    this.#groups.delete(id)
  }

  /** The account is removed with all it holds. */
  drop(id: string): void {
    this.#groups.delete(id)
    this.#unsynced.delete(id)
  }

  /** Commits what is full or old; all of it when the thread has nothing else to do. */
  commitDue(idle: boolean): void {
    const old = performance.now() - deferredMs
    for (const [id, group] of this.#groups)
      if (idle || group.prompt || group.since < old || isFull(group)) this.#try(id, () => this.commit(id))
    if (this.#journal && this.#journal.sizeBytes > journalBytes) this.syncAll()
  }

  /** Puts everything into the accounts and on disk, so that the journal begins anew. */
  syncAll(): void {
    for (const id of this.#unsynced.keys()) this.#try(id, () => this.sync(this.#options.writers.get(id)))
    const needed = new Set([...this.#unsynced.values()].flatMap(places => places.map(({ path }) => path)))
    if (this.#journal && !needed.has(this.#journal.path)) this.#journal.reset()
    for (const path of this.#abandoned) if (!needed.has(path)) rmSync(path, { force: true })
    this.#abandoned = this.#abandoned.filter(path => needed.has(path))
  }

  /** As `syncAll`, once no delivery came for so long: gives the journal's room back. */
  settle(idleMs: number): void {
    if (performance.now() - this.#lastAppend < idleMs) return
    this.syncAll()
    if (this.#journal?.sizeBytes === 0) this.#journal.shrink()
  }

  /** All that this account has in the journal is on disk when it returns. Throws when that fails: the account is given up then. */
  sync(account: AccountWriter): void {
    this.commit(account.id)
    if (this.#unsynced.has(account.id)) this.#touch(account)
  }

  /** Instead of `keep`, when the journal cannot be written: the open transaction is on disk when it returns, or it throws. */
  commitSynced(account: AccountWriter): void {
    // Closed meanwhile, to make room for others
    if (!this.#groups.has(account.id)) throw accountFailure('UNCERTAIN', 'The account was closed before its answer')
    this.commit(account.id)
    try {
      this.#touch(account)
    } catch (error) {
      // The commit stands: it is found when the sender tries again, and its file must stay
      throw accountFailure('UNCERTAIN', 'The commit may not be on disk', error)
    }
  }

  #touch(account: AccountWriter): void {
    try {
      account.database.durability = 'FULL'
      account.database.write(() => touchSyncMark(account.database))
    } catch (error) {
      this.#options.writers.giveUp(account, error)
      throw error
    }
    this.#unsynced.delete(account.id)
  }

  close(): void {
    this.commitDue(true)
    this.syncAll()
    if (this.#unsynced.size === 0) this.#journal?.remove()
    else this.#journal?.close()
    this.#journal = undefined
  }

  #try(id: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.failed(id, error)
    }
  }
}

function bytesInMemory({ filing, kept }: DeliverInput): number {
  const own = kept.kind === 'memory' ? kept.sizeBytes : 0
  return (filing?.emails ?? []).reduce((sum, email) => sum + email.kept.sizeBytes, own)
}

function isFull({ bytes, operations }: Group): boolean {
  return operations >= deferredOperations || bytes >= deferredBytes
}
