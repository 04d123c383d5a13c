/** The columns of accounts, remembered as long as nothing changes in them: reading them is a scan of the account. */
import type { Account, EmailColumns } from '#mail/account.ts'
import type { AccountId } from '#mail/ids.ts'

import { RememberedAttachments } from './attachments.ts'

/** Of all accounts together: 60 octets each */
const emailsKept = 1_000_000

export type KnownColumns = EmailColumns & {
  /** Thread → all flags that any of its emails has, and those that all have */
  readonly ofThreads: () => ReadonlyMap<number, { some: number; all: number }>
}

export class RememberedColumns {
  readonly #attachments = new RememberedAttachments()
  /** Least recently used first */
  readonly #known = new Map<AccountId, KnownColumns>()
  readonly #reading = new Map<AccountId, Promise<EmailColumns>>()

  /** As of this moment or later: they say which. */
  async now(account: Account): Promise<KnownColumns> {
    const { modSeq } = await account.read(reader => reader.state)
    const known = this.#known.get(account.id)
    if (known?.modSeq === modSeq) return this.#keep(account.id, known)
    const underWay = await this.#reading.get(account.id)
    const columns = underWay && underWay.modSeq >= modSeq ? underWay : await this.#read(account)
    const newest = this.#known.get(account.id)
    return this.#keep(account.id, newest?.modSeq === columns.modSeq ? newest : withThreads(columns))
  }

  /** For each email of the columns 1 when it has an attachment (RFC 8621 §4.4.1) */
  async attached(account: Account, columns: EmailColumns, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#attachments.of(account, columns.ids, signal)
  }

  async #read(account: Account): Promise<EmailColumns> {
    const reading = account.emailColumns()
    this.#reading.set(account.id, reading)
    try {
      return await reading
    } finally {
      if (this.#reading.get(account.id) === reading) this.#reading.delete(account.id)
    }
  }

  #keep(account: AccountId, columns: KnownColumns): KnownColumns {
    this.#known.delete(account)
    this.#known.set(account, columns)
    let emails = 0
    for (const { length } of this.#known.values()) emails += length
    for (const [oldest, { length }] of this.#known) {
      if (emails <= emailsKept || oldest === account) break
      this.#known.delete(oldest)
      emails -= length
    }
    return columns
  }
}

function withThreads(columns: EmailColumns): KnownColumns {
  let threads: ReadonlyMap<number, { some: number; all: number }> | undefined
  return { ...columns, ofThreads: () => (threads ??= flagsOfThreads(columns)) }
}

function flagsOfThreads({ flags, length, threads }: EmailColumns): ReadonlyMap<number, { some: number; all: number }> {
  const found = new Map<number, { some: number; all: number }>()
  for (let index = 0; index < length; index++) {
    const thread = threads[index] ?? 0
    const own = flags[index] ?? 0
    const known = found.get(thread)
    if (!known) found.set(thread, { some: own, all: own })
    else {
      known.some |= own
      known.all &= own
    }
  }
  return found
}
