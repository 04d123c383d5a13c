/** One account as the protocols see it: changes go to its writer, and whoever watches it is told. */
import { join } from 'node:path'
import { emptyBytes, ownBytes } from '#base/bytes.ts'
import type {
  AppendInput,
  ImapActor,
  KeptBytes,
  SpooledBytes,
  WriterOperation,
  WriterOperations,
} from '#store/account/operations.ts'
import { wholeAccount } from '#store/account/tables/metadata.ts'
import * as border from './account.ts'
import type { AccountChange } from './account-change.ts'
import type * as settings from './account-settings.ts'
import { asBorder, asRanges, asRefusal } from './account-forms.ts'
import { bringBytes, dropBytes, spooledBytes, wasRefused } from './account-bytes.ts'
import { writeBrought } from './account-creations.ts'
import { asMailbox } from './account-mailbox-list.ts'
import type { AccountId, MailboxId, Uid } from './ids.ts'
import type { AccountSurroundings } from './account-surroundings.ts'
import { AccountReads } from './account-reads.ts'
import { type Contacts, contactsOf } from './contacts.ts'

export class OpenAccount extends AccountReads implements border.Account {
  readonly #around: AccountSurroundings
  readonly #watchers: Set<(change: AccountChange) => void>
  readonly #by: string | undefined
  readonly #imap: border.ImapSession | undefined

  /** `like`: the same account for a session called `by` */
  constructor(
    id: AccountId,
    around: AccountSurroundings,
    like?: { readonly account: OpenAccount; readonly by: string; readonly imap: border.ImapSession | undefined },
  ) {
    super(id, around)
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

  #now(): number {
    return this.#around.clock.now()
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

  async setMetadata(
    mailbox: MailboxId | undefined,
    entries: readonly { readonly name: string; readonly value: Uint8Array | undefined }[],
  ): Promise<object | border.AccountRefusal> {
    const owned = entries.map(({ name, value }) => ({ name, value: value && ownBytes(value) }))
    return await this.#write('setMetadata', { mailbox: mailbox ?? wholeAccount, entries: owned })
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

  watch(listener: (change: AccountChange) => void): Disposable {
    // A function of its own each time, so that two watchers never share an entry
    const entry = (change: AccountChange) => listener(change)
    this.#watchers.add(entry)
    return { [Symbol.dispose]: () => void this.#watchers.delete(entry) }
  }

  announce(change: AccountChange): void {
    for (const watcher of this.#watchers) watcher(change)
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0
  }
}
