/** The accounts whose emails are in memory in columns: those asked for last, fed by notices. */
import { deriveColumn } from '#store/account/derived-columns.ts'
import { readTouchedColumns } from '#store/account/email-columns.ts'
import type { AccountNotice } from '#store/account/operations.ts'
import type { AccountStore } from '#store/account/store.ts'
import { readAccount } from '../account-read.ts'
import type { AccountId } from '../ids.ts'
import { AccountImage } from './image.ts'
import type { DerivedName, KeptColumns } from './derived.ts'
import type { EmailColumns } from './email-columns.ts'

/** Of all accounts together: 60 octets each, and 8 for each order that was asked for */
const emailsKept = 1_000_000
const accountsKept = 1_000
/** So many touched emails are read on the main thread: a millisecond */
const lookedAtHere = 32

export class AccountImages {
  readonly #store: AccountStore
  readonly #kept: ((account: AccountId) => KeptColumns) | undefined
  /** Least recently used first */
  readonly #images = new Map<string, AccountImage>()

  /** `kept`: where derived columns of an account outlive this process */
  constructor(store: AccountStore, kept?: (account: AccountId) => KeptColumns) {
    this.#store = store
    this.#kept = kept
  }

  /** All that was answered before the call is in them. */
  async columns(account: AccountId): Promise<EmailColumns> {
    await this.#store.settle(account)
    const image = this.#images.get(account) ?? this.#open(account)
    this.#images.delete(account)
    this.#images.set(account, image)
    try {
      return await image.now()
    } finally {
      this.#trim()
    }
  }

  /** Emails that may be other than at `since`, when the image knows them all, and up to which modseq. */
  async recent(account: AccountId, since: number): Promise<{ emails: readonly number[]; modSeq: number } | undefined> {
    if (!this.#images.has(account)) return undefined
    const { modSeq } = await this.columns(account)
    const emails = this.#images.get(account)?.recent(since)
    return emails && { emails, modSeq }
  }

  /** A value for each email of these columns, which are of this account */
  async derived(account: AccountId, columns: EmailColumns, name: DerivedName): Promise<Float64Array> {
    const image = this.#images.get(account) ?? this.#open(account)
    this.#images.set(account, image)
    return await image.derived.of(columns, name)
  }

  apply(notice: AccountNotice): void {
    this.#images.get(notice.account)?.apply(notice)
  }

  /** Notices of these accounts may have been lost. */
  reload(isConcerned: (account: string) => boolean): void {
    for (const [account, image] of this.#images) if (isConcerned(account)) image.forget()
  }

  forget(account: AccountId): void {
    this.#images.delete(account)
  }

  #open(account: AccountId): AccountImage {
    const store = this.#store
    const kept = this.#kept?.(account)
    return new AccountImage({
      ...(kept && { kept }),
      load: () => store.scan(account, 'emailColumns', {}),
      async look(messages, count) {
        if (count > lookedAtHere) return await store.scan(account, 'touchedColumns', messages)
        return await readAccount(store, account, database => readTouchedColumns(database, messages))
      },
      async derive(input, unknown) {
        if (input.name !== 'attached' || unknown > lookedAtHere) return await store.scan(account, 'derive', input)
        return await readAccount(store, account, database => deriveColumn(database, input))
      },
    })
  }

  #trim(): void {
    let emails = 0
    for (const { length } of this.#images.values()) emails += length
    let newest: string | undefined
    for (const account of this.#images.keys()) newest = account
    for (const [account, { length }] of this.#images) {
      if ((emails <= emailsKept && this.#images.size <= accountsKept) || account === newest) return
      this.#images.delete(account)
      emails -= length
    }
  }
}
