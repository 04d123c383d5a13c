/** What is read of one account: by key here, long reads in a reader thread, everything about all emails from memory. */
import { join } from 'node:path'
import { setImmediate as nextTick } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import type { SearchTerm } from '#formats/search/term.ts'
import { mailboxName } from '#store/account/mailbox-name.ts'
import { corruptMessage } from '#store/account/message-files.ts'
import { readBody } from '#store/account/tables/body.ts'
import { readCounters } from '#store/account/tables/counters.ts'
import {
  readInternalDate,
  readPreview,
  readReadyEmail,
  readStoredEmail,
  readThreadEmails,
} from '#store/account/tables/email.ts'
import { readKeywords } from '#store/account/tables/keyword.ts'
import { readMailboxNamed } from '#store/account/tables/mailbox.ts'
import { readPackedEmails } from '#store/account/tables/packed-emails.ts'
import { readDeletedSizes, readPlacement, readSaved } from '#store/account/tables/placement.ts'
import { isSubscribed, readSubscriptions } from '#store/account/tables/subscription.ts'
import { readExpungedSince } from '#store/account/tables/tombstone.ts'
import type { Database } from '#store/sqlite.ts'
import type * as border from './account.ts'
import type { EmailFactName, EmailPartName, EmailParts, EmailRow } from './account-email.ts'
import type { MailboxView } from './account-view.ts'
import { asEmail, fileSource } from './account-forms.ts'
import {
  idsPerTick,
  maxEmailRows,
  rowsPerTick,
  valuesPerTick,
  maxEmailReads,
  readInThreadFrom,
} from './account-limits.ts'
import { type KeptPreview, previewsOf } from './account-previews.ts'
import { asMailbox, mailboxesIn } from './account-mailbox-list.ts'
import type { AccountId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from './ids.ts'
import { readAccountMetadata } from './account-metadata.ts'
import { type AccountReader, accountReader } from './account-reader.ts'
import type { AccountSurroundings } from './account-surroundings.ts'
import { readAccount } from './account-read.ts'
import { readChanges } from './account-changes.ts'
import type { DerivedName } from './image/derived.ts'

export class AccountReads {
  readonly id: AccountId
  readonly #around: AccountSurroundings

  constructor(id: AccountId, around: AccountSurroundings) {
    this.id = id
    this.#around = around
  }

  async #read<Result>(act: (database: Database) => Result): Promise<Result> {
    return await readAccount(this.#around.store, this.id, act)
  }

  async keywordNames(): Promise<readonly string[]> {
    return await this.#read(readKeywords)
  }

  async mailboxes(): Promise<readonly border.Mailbox[]> {
    return await this.#read(mailboxesIn)
  }

  async mailboxNamed(name: string): Promise<border.Mailbox | undefined> {
    const kept = mailboxName(name)
    if (typeof kept !== 'string') return undefined
    return await this.#read(database => {
      const row = readMailboxNamed(database, kept)
      return row && asMailbox(row, isSubscribed(database, kept))
    })
  }

  async subscriptions(): Promise<readonly string[]> {
    return await this.#read(readSubscriptions)
  }

  async metadata(mailbox: MailboxId | undefined, query: border.MetadataQuery): Promise<border.Metadata> {
    return await this.#read(database => readAccountMetadata(database, mailbox, query))
  }

  async open(mailbox: MailboxId): Promise<MailboxView | undefined> {
    return await this.#around.heads.open(this.id, mailbox)
  }

  async expungedSince(
    mailbox: MailboxId,
    since: ModSeq,
  ): Promise<{ readonly uids: readonly Uid[]; readonly complete: boolean }> {
    return await this.#read(database => ({
      uids: readExpungedSince(database, mailbox, since) as readonly Uid[],
      complete: since >= (readCounters(database)?.tombstoneFloor ?? 0),
    }))
  }

  async read<Result>(act: (reader: AccountReader) => Result): Promise<Result> {
    return await this.#read(database => act(accountReader(database)))
  }

  async mailboxCounts(): Promise<border.MailboxCounts> {
    const columns = await this.emailColumns()
    const mailboxes = await this.mailboxes()
    return {
      modSeq: columns.types.mailbox as ModSeq,
      of: columns.counts(mailboxes.find(({ role }) => role === 'trash')?.id),
    }
  }

  async emailColumns(): Promise<border.EmailColumns> {
    return await this.#around.images.columns(this.id)
  }

  async derivedColumn(columns: border.EmailColumns, name: DerivedName): Promise<Float64Array> {
    return await this.#around.images.derived(this.id, columns, name)
  }

  async emailChanges(since: number, limit: number, upTo?: number): Promise<border.ObjectChanges<EmailId>> {
    const changes = await readChanges(this.id, this.#around, 'emailChanges', { since, limit, upTo })
    return changes as unknown as border.ObjectChanges<EmailId>
  }

  async threadChanges(since: number, limit: number, upTo?: number): Promise<border.ObjectChanges<ThreadId>> {
    const changes = await readChanges(this.id, this.#around, 'threadChanges', { since, limit, upTo })
    return changes as unknown as border.ObjectChanges<ThreadId>
  }

  async emails(ids: readonly EmailId[]): Promise<readonly (EmailRow | undefined)[]> {
    if (ids.length > maxEmailRows) throw new RangeError(`At most ${maxEmailRows} rows at a time`)
    const rows: (EmailRow | undefined)[] = []
    for (let from = 0; from < ids.length; from += rowsPerTick) {
      if (from > 0) await nextTick()
      const slice = ids.slice(from, from + rowsPerTick)
      rows.push(...(await this.#read(database => slice.map(id => asEmail(readReadyEmail(database, id))))))
    }
    return rows
  }

  async emailAt(mailbox: MailboxId, uid: number): Promise<EmailId | undefined> {
    return (await this.#read(database => readPlacement(database, mailbox, uid)))?.email as EmailId | undefined
  }

  async emailParts(
    ids: readonly EmailId[],
    names: readonly (EmailPartName | EmailFactName)[],
    room?: SharedArrayBuffer,
  ): Promise<EmailParts> {
    if (ids.length > maxEmailRows) throw new RangeError(`At most ${maxEmailRows} rows at a time`)
    const { store } = this.#around
    // a few are sooner read here, and so is a part alone; megabytes in buffers that change threads keep the collector busy
    const mayChange = names.includes('message') ? room !== undefined : names.length > 1
    const isLarge = ids.length >= readInThreadFrom && mayChange
    if (!isLarge || this.#around.emailReads.underWay >= maxEmailReads)
      return await this.#read(database => readPackedEmails(database, ids, names))
    this.#around.emailReads.underWay++
    try {
      return await store.scan(this.id, 'emails', { ids, wanted: names, room })
    } finally {
      this.#around.emailReads.underWay--
    }
  }

  async threadEmails(thread: ThreadId): Promise<ReadonlySet<EmailId>> {
    const emails = new Set<EmailId>()
    for (let after = 0; ; ) {
      const slice = await this.#read(database => readThreadEmails(database, thread, after, idsPerTick))
      for (const id of slice) emails.add(id as EmailId)
      if (slice.length < idsPerTick) return emails
      after = slice.at(-1) ?? 0
      await nextTick()
    }
  }

  async message(id: EmailId): Promise<MessageSource | undefined> {
    const found = await this.#read(database => {
      const stored = readStoredEmail(database, id)
      return stored && { stored, bytes: stored.file === null ? readBody(database, id) : undefined }
    })
    if (!found) return undefined
    const named = `email ${id} of account ${this.id}`
    if (found.stored.file !== null) return fileSource(join(this.#around.store.folder, this.id), found.stored, named)
    if (!found.bytes || crc32(found.bytes) !== found.stored.checksum) throw corruptMessage(named)
    return memorySource(found.bytes)
  }

  async narrow(terms: readonly SearchTerm[], emails: Float64Array): Promise<readonly Uint8Array[]> {
    return await this.#around.search.narrow(this.id, terms, emails)
  }

  async readTerms(
    terms: readonly SearchTerm[],
    emails: Float64Array,
    signal?: AbortSignal,
  ): Promise<readonly Uint8Array[]> {
    // other threads read the database from now on: what a view shows has to be in it
    await this.#read(readCounters)
    return await this.#around.search.read(this.id, terms, emails, signal)
  }

  async references(emails: Float64Array, signal?: AbortSignal): Promise<readonly (readonly string[])[]> {
    await this.#read(readCounters)
    return await this.#around.search.references(this.id, emails, signal)
  }

  async previews(
    emails: readonly EmailId[],
    options: { readonly lazy?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<readonly KeptPreview[]> {
    const { search, store } = this.#around
    return await previewsOf(emails, options.lazy ?? false, {
      kept: ids => this.#readSliced(ids, readPreview),
      make: ids => search.previews(this.id, ids, options.signal),
      keep: previews => store.write(this.id, 'keepPreviews', { previews }),
    })
  }

  async saveDates(mailbox: MailboxId, uids: readonly Uid[]): Promise<readonly (number | undefined)[]> {
    return await this.#readSliced(uids, (database, uid) => readSaved(database, mailbox, uid))
  }

  async internalDates(emails: readonly EmailId[]): Promise<readonly (number | undefined)[]> {
    return await this.#readSliced(emails, readInternalDate)
  }

  /** Small values by key, as many as wanted. */
  async #readSliced<Key, Value>(
    keys: readonly Key[],
    read: (database: Database, key: Key) => Value,
  ): Promise<readonly Value[]> {
    const values: Value[] = []
    for (let from = 0; from < keys.length; from += valuesPerTick) {
      if (from > 0) await nextTick()
      const slice = keys.slice(from, from + valuesPerTick)
      values.push(...(await this.#read(database => slice.map(key => read(database, key)))))
    }
    return values
  }

  async quota(): Promise<border.Quota> {
    const counters = await this.#read(readCounters)
    return {
      usedBytes: counters?.usedBytes ?? 0,
      limitBytes: this.#around.quotaOf(this.id),
      messages: counters?.emails ?? 0,
    }
  }

  async deletedBytes(mailbox: MailboxId): Promise<number> {
    let sizeBytes = 0
    for (let after = 0; ; await nextTick()) {
      const slice = await this.#read(database => readDeletedSizes(database, mailbox, after, idsPerTick))
      sizeBytes += slice.sizeBytes
      if (slice.last === undefined) return sizeBytes
      after = slice.last
    }
  }
}
