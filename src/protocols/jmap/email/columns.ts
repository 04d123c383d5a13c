/** What Email/query looks at besides the account's columns, remembered. */
import type { Account, EmailColumns } from '#mail/account.ts'
import { RememberedAttachments } from './attachments.ts'

export class RememberedColumns {
  readonly #attachments = new RememberedAttachments()

  /** For each email of the columns 1 when it has an attachment (RFC 8621 §4.4.1) */
  async attached(account: Account, columns: EmailColumns, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#attachments.of(account, columns.ids, signal)
  }
}
