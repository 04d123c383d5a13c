/**
 * One account open for writing, in its writer thread. Invariants:
 * - what is kept here in memory (counters, mailboxes, keywords) equals the rows after each operation; a failed operation
 *   rolls its savepoint back and reads them again;
 * - each operation that changes something has one modseq, higher than all before;
 * - events and file removals leave only after COMMIT.
 */
import { join } from 'node:path'
import type { Database } from '../sqlite.ts'
import { Changes } from './changes.ts'
import { accountFailure } from './failures.ts'
import { type BulkLimits, bulkLimits } from './limits.ts'
import type { AccountNotice } from './operations.ts'
import { type CountedType, type Counters, readCounters, updateCounters } from './tables/counters.ts'
import { insertMailboxTombstone } from './tables/losses.ts'
import { hasDoomed } from './tables/doomed.ts'
import { noteKindChange } from './tables/kind-state.ts'
import { insertKeyword, readKeywords } from './tables/keyword.ts'
import { deleteMailboxRow, insertMailbox, type MailboxRow, readMailboxes, updateMailbox } from './tables/mailbox.ts'
import { hasReports } from './tables/report.ts'

export class AccountWriter {
  readonly id: string
  readonly folder: string
  readonly database: Database
  readonly changes = new Changes()
  /** Files that no row names any more, to be removed after the commit */
  readonly unneededFiles: string[] = []
  /** Emails may be waiting to be destroyed (doomed.ts) */
  hasDoomed: boolean
  /** Reports may have been noted (reports.ts) */
  hasReports: boolean
  #counters!: Counters
  #mailboxes = new Map<number, MailboxRow>()
  #byName = new Map<string, MailboxRow>()
  #keywords: string[] = []
  #dirtyMailboxes = new Set<MailboxRow>()
  #countersDirty = false
  #modSeq: number | undefined

  /** How bulk operations are cut */
  readonly bulk: BulkLimits

  constructor(id: string, folder: string, database: Database, bulk = bulkLimits) {
    this.bulk = bulk
    this.id = id
    this.folder = folder
    this.database = database
    this.#load()
    this.hasDoomed = hasDoomed(database)
    this.hasReports = hasReports(database)
  }

  #load(): void {
    const counters = readCounters(this.database)
    if (!counters) throw accountFailure('NO_ACCOUNT', 'The account has never been created')
    this.#counters = counters
    this.#mailboxes = new Map(readMailboxes(this.database).map(row => [row.id, row]))
    this.#byName = new Map([...this.#mailboxes.values()].map(row => [row.name, row]))
    this.#keywords = readKeywords(this.database)
    this.#dirtyMailboxes.clear()
    this.#countersDirty = false
    this.#modSeq = undefined
  }

  /** Runs one operation whole or not at all; the group's transaction around it goes on either way. `by`: see AccountInput */
  operation<Output>(act: () => Output, by?: string): Output {
    const eventMark = this.changes.mark(by)
    const fileMark = this.unneededFiles.length
    try {
      return this.database.savepoint(() => {
        const output = act()
        this.#save()
        return output
      })
    } catch (error) {
      this.changes.cutBack(eventMark)
      this.unneededFiles.length = fileMark
      if (this.database.inTransaction) this.#load()
      throw error
    }
  }

  #save(): void {
    this.saveMailboxes()
    if (this.#countersDirty) updateCounters(this.database, this.#counters)
    this.#countersDirty = false
    this.#modSeq = undefined
  }

  /** Before the operation is over, where a row takes what another one has given up */
  saveMailboxes(): void {
    for (const row of this.#dirtyMailboxes) updateMailbox(this.database, row)
    this.#dirtyMailboxes.clear()
  }

  get counters(): Readonly<Counters> {
    return this.#counters
  }

  /** The counters to be changed. */
  changeCounters(): Counters {
    this.#countersDirty = true
    return this.#counters
  }

  /** The operation's modseq; asking for it is what makes the operation a change. */
  modSeq(): number {
    this.#modSeq ??= ++this.changeCounters().modSeq
    return this.#modSeq
  }

  /** These are other than they were to those who see emails and not placements: their states move. */
  touch(...types: readonly CountedType[]): void {
    const modSeq = this.modSeq()
    for (const type of types) this.#counters[`${type}ModSeq`] = modSeq
  }

  /** By the operation that runs */
  isTouched(type: CountedType): boolean {
    return this.#counters[`${type}ModSeq`] === this.#modSeq
  }

  /** Small objects of this kind changed. */
  touchObjects(kind: string): void {
    const modSeq = this.modSeq()
    noteKindChange(this.database, kind, modSeq)
    this.changes.objects(kind, modSeq)
  }

  /** What `modSeq` will answer. */
  get comingModSeq(): number {
    return this.#modSeq ?? this.#counters.modSeq + 1
  }

  get mailboxes(): Iterable<MailboxRow> {
    return this.#mailboxes.values()
  }

  get mailboxCount(): number {
    return this.#mailboxes.size
  }

  mailbox(id: number): MailboxRow | undefined {
    return this.#mailboxes.get(id)
  }

  mailboxNamed(name: string): MailboxRow | undefined {
    return this.#byName.get(name)
  }

  mailboxWithRole(role: string): MailboxRow | undefined {
    for (const row of this.#mailboxes.values()) if (row.role === role) return row
    return undefined
  }

  addMailbox(row: MailboxRow): void {
    insertMailbox(this.database, row)
    this.touch('mailbox')
    this.#mailboxes.set(row.id, row)
    this.#byName.set(row.name, row)
  }

  /** Says that the row has been changed in place, and notes the modseq of the change. */
  mailboxChanged(row: MailboxRow): void {
    row.highestModSeq = this.modSeq()
    this.#dirtyMailboxes.add(row)
  }

  /** Not of its messages: of its name, role, subscription or place among the others. */
  propertiesChanged(row: MailboxRow): void {
    row.changedModSeq = this.modSeq()
    this.touch('mailbox')
    this.#dirtyMailboxes.add(row)
  }

  renameMailbox(row: MailboxRow, name: string): void {
    this.#byName.delete(row.name)
    row.name = name
    this.#byName.set(name, row)
    this.propertiesChanged(row)
  }

  removeMailbox(row: MailboxRow): void {
    deleteMailboxRow(this.database, row.id)
    insertMailboxTombstone(this.database, row.id, this.modSeq())
    this.touch('mailbox')
    this.#mailboxes.delete(row.id)
    this.#byName.delete(row.name)
    this.#dirtyMailboxes.delete(row)
  }

  get keywords(): readonly string[] {
    return this.#keywords
  }

  /** The caller has checked the limit. */
  addKeyword(name: string): number {
    const position = this.#keywords.length
    insertKeyword(this.database, position, name)
    this.#keywords.push(name)
    return position
  }

  filePath(name: string): string {
    return join(this.folder, 'messages', name)
  }

  /** Pages in the WAL that are not written back yet. */
  get walPages(): number {
    const { log, checkpointed } = this.database.prepare('PRAGMA wal_checkpoint(NOOP)').get() as WalState
    return log - checkpointed
  }

  /** Writes the WAL back as far as no reader needs it. When all of it went, the next commit begins the file anew. */
  checkpoint(): void {
    this.database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()
  }

  /**
   * After a failed sync the system takes pages for written that are not: what the WAL holds can be read, another sync of it says
   * yes, and the power takes it, and all that was appended to it since. So all of it is written into the database, and the WAL
   * begins anew. Throws when a reader stays in the way.
   */
  rewrite(): void {
    const { busy } = this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as WalState
    if (busy !== 0) throw accountFailure('UNUSABLE', 'A reader is in the way of writing the account anew')
  }

  /** After COMMIT: what it changed, once. Undefined when nothing did. */
  takeNotice(): AccountNotice | undefined {
    return this.changes.take(this.id, this.#counters, id => this.#mailboxes.get(id))
  }
}

type WalState = { readonly busy: number; readonly log: number; readonly checkpointed: number }
