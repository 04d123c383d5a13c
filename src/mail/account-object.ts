/** One account as the protocols see it: changes go to its writer, long reads to a reader thread, reads by key happen here. */
import { join } from 'node:path'
import { setImmediate as nextTick } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { emptyBytes, ownBytes } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import type { SearchTerm } from '#formats/search/term.ts'
import { mailboxName } from '#store/account/mailbox-name.ts'
import { corruptMessage } from '#store/account/message-files.ts'
import type {
  AppendInput,
  ImapActor,
  KeptBytes,
  SpooledBytes,
  WriterOperation,
  WriterOperations,
} from '#store/account/operations.ts'
import type { AccountStore } from '#store/account/store.ts'
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
import { wholeAccount } from '#store/account/tables/metadata.ts'
import { readPackedEmails } from '#store/account/tables/packed-emails.ts'
import { readDeletedSizes, readPlacement, readSaved } from '#store/account/tables/placement.ts'
import { isSubscribed, readSubscriptions } from '#store/account/tables/subscription.ts'
import { readExpungedSince } from '#store/account/tables/tombstone.ts'
import type { Database } from '#store/sqlite.ts'
import * as border from './account.ts'
import type * as settings from './account-settings.ts'
import { asBorder, asEmail, asRanges, asRefusal, fileSource } from './account-forms.ts'
import { bringBytes, dropBytes, spooledBytes, wasRefused } from './account-bytes.ts'
import {
  idsPerTick,
  maxEmailRows,
  rowsPerTick,
  valuesPerTick,
  maxEmailReads,
  readInThreadFrom,
} from './account-limits.ts'
import { writeBrought } from './account-creations.ts'
import { type KeptPreview, previewsOf } from './account-previews.ts'
import { asMailbox, mailboxesIn } from './account-mailbox-list.ts'
import type { AccountId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from './ids.ts'
import { readAccountMetadata } from './account-metadata.ts'
import { type AccountReader, accountReader } from './account-reader.ts'
import { readAccount } from './account-read.ts'
import { readChanges } from './account-changes.ts'
import { type Contacts, contactsOf } from './contacts.ts'
import type { DerivedName } from './image/derived.ts'
import type { AccountImages } from './image/images.ts'
import type { MailboxHeads } from './mailbox-heads.ts'
import type { SearchIndex } from './search-index.ts'

export type AccountSurroundings = {
  readonly store: AccountStore
  readonly heads: MailboxHeads
  readonly images: AccountImages
  readonly search: SearchIndex
  readonly clock: Clock
  /** Of all accounts: there is one reading thread */
  readonly emailReads: { underWay: number }
  quotaOf(account: AccountId): number | undefined
  /** Throws when new mail has to wait for room on the disk */
  requireDiskRoom(): void
}

export class OpenAccount implements border.Account {
  readonly id: AccountId
  readonly #around: AccountSurroundings
  readonly #watchers: Set<(change: border.AccountChange) => void>
  readonly #by: string | undefined
  readonly #imap: border.ImapSession | undefined

  /** `like`: the same account for a session called `by` */
  constructor(
    id: AccountId,
    around: AccountSurroundings,
    like?: { readonly account: OpenAccount; readonly by: string; readonly imap: border.ImapSession | undefined },
  ) {
    this.id = id
    this.#around = around
    this.#watchers = like ? like.account.#watchers : new Set()
    this.#by = like?.by
    this.#imap = like?.imap
  }

  as(by: string, imap?: border.ImapSession): OpenAccount {
    return new OpenAccount(this.id, this.#around, { account: this, by, imap })
  }

  get contacts(): Contacts {
    return contactsOf(this.id, this.#around.store, this.#around.clock, this.#by)
  }

  get #actor(): ImapActor | undefined {
    return this.#imap && { login: this.#imap.login, script: this.#imap.script, nowMs: this.#now() }
  }

  async #write<Name extends WriterOperation>(
    operation: Name,
    input: WriterOperations[Name]['input'],
    transfer?: readonly ArrayBuffer[],
  ): Promise<WriterOperations[Name]['output']> {
    return await this.#around.store.write(this.id, operation, input, transfer, this.#by)
  }

  async #read<Result>(act: (database: Database) => Result): Promise<Result> {
    return await readAccount(this.#around.store, this.id, act)
  }

  #now(): number {
    return this.#around.clock.now()
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

  async createMailbox(
    name: string,
    options: { role?: border.MailboxRole; subscribe?: boolean } = {},
  ): Promise<border.Mailbox | border.AccountRefusal> {
    const subscribe = options.subscribe ?? false
    const input = { name, role: options.role, subscribe, nowMs: this.#now() }
    const made = await this.#write('createMailbox', input)
    return 'refused' in made ? asRefusal(made) : asMailbox(made.mailbox, subscribe)
  }

  async renameMailbox(name: string, to: string): Promise<object | border.AccountRefusal> {
    return await this.#write('renameMailbox', { name, to, nowMs: this.#now() })
  }

  async deleteMailbox(name: string): Promise<object | border.AccountRefusal> {
    return await this.#write('deleteMailbox', { name, nowMs: this.#now() })
  }

  async subscribe(name: string, on: boolean): Promise<void> {
    await this.#write('subscribe', { name, on })
  }

  async metadata(mailbox: MailboxId | undefined, query: border.MetadataQuery): Promise<border.Metadata> {
    return await this.#read(database => readAccountMetadata(database, mailbox, query))
  }

  async setMetadata(
    mailbox: MailboxId | undefined,
    entries: readonly { readonly name: string; readonly value: Uint8Array | undefined }[],
  ): Promise<object | border.AccountRefusal> {
    const owned = entries.map(({ name, value }) => ({ name, value: value && ownBytes(value) }))
    return await this.#write('setMetadata', { mailbox: mailbox ?? wholeAccount, entries: owned })
  }

  async open(mailbox: MailboxId): Promise<border.MailboxView | undefined> {
    return await this.#around.heads.open(this.id, mailbox)
  }

  async append(
    mailbox: MailboxId,
    messages: readonly border.NewMessage[],
    signal?: AbortSignal,
  ): Promise<readonly border.Placed[] | border.AccountRefusal> {
    return await this.#append(mailbox, messages, undefined, signal)
  }

  async replace(
    mailbox: MailboxId,
    message: border.NewMessage,
    replaced: { readonly mailbox: MailboxId; readonly uid: Uid },
    signal?: AbortSignal,
  ): Promise<border.Placed | border.AccountRefusal> {
    const placed = await this.#append(mailbox, [message], replaced, signal)
    if (border.isRefusal(placed)) return placed
    const [one] = placed
    if (!one) throw new Error('Nothing was placed')
    return one
  }

  async #append(
    mailbox: MailboxId,
    messages: readonly border.NewMessage[],
    replaced: AppendInput['replaced'],
    signal: AbortSignal | undefined,
  ): Promise<readonly border.Placed[] | border.AccountRefusal> {
    this.#around.requireDiskRoom()
    const quotaBytes = this.#around.quotaOf(this.id)
    const { store } = this.#around
    const place = { folder: join(store.folder, this.id), bootMark: store.bootMark }
    const brought: { kept: KeptBytes | SpooledBytes; flags: border.FlagChange; internalDate: number }[] = []
    const transfer: ArrayBuffer[] = []
    let mayBeKept = false
    try {
      for (const { message, flags, internalDate } of messages) {
        const kept = spooledBytes(message)
        if (kept) {
          brought.push({ kept, flags, internalDate })
          continue
        }
        const bytes = await bringBytes(place, emptyBytes, message, undefined, signal)
        brought.push({ kept: bytes.kept, flags, internalDate })
        transfer.push(...(bytes.transfer as ArrayBuffer[]))
      }
      mayBeKept = true
      const prompt = this.isWatched || this.#around.heads.isLookedAt(this.id, mailbox)
      const nowMs = this.#now()
      const input = { mailbox, messages: brought, replaced, quotaBytes, nowMs, prompt, actor: this.#actor }
      const result = await this.#write('append', input, transfer)
      mayBeKept = !('refused' in result)
      return 'refused' in result ? asRefusal(result) : (result.placed as readonly border.Placed[])
    } catch (error) {
      if (wasRefused(error)) mayBeKept = false
      throw error
    } finally {
      if (!mayBeKept) for (const { kept } of brought) dropBytes(place.folder, kept)
    }
  }

  async copy(from: MailboxId, uids: border.UidSet, to: MailboxId): Promise<border.Copied | border.AccountRefusal> {
    const input = { from, uids: asRanges(uids), to, nowMs: this.#now(), actor: this.#actor }
    const result = await this.#write('copy', input)
    return 'refused' in result ? asRefusal(result) : asBorder<border.Copied>(result)
  }

  async move(from: MailboxId, uids: border.UidSet, to: MailboxId): Promise<border.Copied | border.AccountRefusal> {
    const input = { from, uids: asRanges(uids), to, nowMs: this.#now(), actor: this.#actor }
    const result = await this.#write('move', input)
    return 'refused' in result ? asRefusal(result) : asBorder<border.Copied>(result)
  }

  async changeFlags(
    mailbox: MailboxId,
    uids: border.UidSet,
    change: border.FlagChange,
    options: { unchangedSince?: number } = {},
  ): Promise<border.FlagsChanged | border.AccountRefusal> {
    const { unchangedSince } = options
    const ranges = asRanges(uids)
    const known = unchangedSince === undefined ? this.#around.heads.known(this.id, mailbox, ranges) : undefined
    const input = { mailbox, uids: ranges, change, unchangedSince, known, actor: this.#actor }
    const result = await this.#write('changeFlags', input)
    return 'refused' in result ? asRefusal(result) : asBorder<border.FlagsChanged>(result)
  }

  async expunge(mailbox: MailboxId, uids?: border.UidSet): Promise<border.Expunged> {
    const result = await this.#write('expunge', {
      mailbox,
      uids: uids && asRanges(uids),
      nowMs: this.#now(),
    })
    return asBorder<border.Expunged>(result)
  }

  async setEmails(
    changes: readonly settings.EmailChange[],
    options: { readonly ifModSeq?: number | undefined } = {},
  ): Promise<settings.EmailsSet | { readonly refused: 'state-mismatch' }> {
    const place = { folder: join(this.#around.store.folder, this.id), bootMark: this.#around.store.bootMark }
    if (changes.some(({ kind }) => kind === 'create')) this.#around.requireDiskRoom()
    const settings = { ifModSeq: options.ifModSeq, quotaBytes: this.#around.quotaOf(this.id), nowMs: this.#now() }
    const result = await writeBrought(place, changes, async (brought, transfer) => {
      return await this.#write('setEmails', { ...settings, changes: brought }, transfer)
    })
    return 'refused' in result ? result : (result as settings.EmailsSet)
  }

  async setMailboxes(
    changes: readonly settings.MailboxSetting[],
    options: { readonly ifModSeq?: number | undefined } = {},
  ): Promise<settings.MailboxesSet | { readonly refused: 'state-mismatch' }> {
    const result = await this.#write('setMailboxes', { ifModSeq: options.ifModSeq, changes, nowMs: this.#now() })
    return 'refused' in result ? result : asBorder<settings.MailboxesSet>(result)
  }

  async setObjects(
    kind: string,
    changes: readonly settings.ObjectChange[],
    options: { readonly ifModSeq?: number | undefined; readonly dropOldest: boolean },
  ): Promise<settings.ObjectsSet | { readonly refused: 'state-mismatch' }> {
    const { dropOldest, ifModSeq } = options
    const result = await this.#write('setObjects', { kind, ifModSeq, changes, dropOldest })
    return 'refused' in result ? result : (result as settings.ObjectsSet)
  }

  async setMark(kind: string, mark: string): Promise<void> {
    await this.#write('setMark', { kind, mark })
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

  async emails(ids: readonly EmailId[]): Promise<readonly (border.EmailRow | undefined)[]> {
    if (ids.length > maxEmailRows) throw new RangeError(`At most ${maxEmailRows} rows at a time`)
    const rows: (border.EmailRow | undefined)[] = []
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
    names: readonly (border.EmailPartName | border.EmailFactName)[],
    room?: SharedArrayBuffer,
  ): Promise<border.EmailParts> {
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

  watch(listener: (change: border.AccountChange) => void): Disposable {
    // A function of its own each time, so that two watchers never share an entry
    const entry = (change: border.AccountChange) => listener(change)
    this.#watchers.add(entry)
    return { [Symbol.dispose]: () => void this.#watchers.delete(entry) }
  }

  announce(change: border.AccountChange): void {
    for (const watcher of this.#watchers) watcher(change)
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0
  }
}
