/** Blob ids and their octets: `L…` letters, `U…` uploads (docs/plan-jmap.md; parts of letters come with Email). */
import type { Accounts } from '#mail/account.ts'
import type { AccountId, EmailId } from '#mail/ids.ts'
import type { Uploads } from '#mail/uploads.ts'

export type Blob = {
  readonly sizeBytes: number
  open(): AsyncIterable<Uint8Array>
}

export function printLetterBlobId(email: EmailId): string {
  return `L${email}`
}

export async function openBlob(
  { accounts, uploads }: { readonly accounts: Accounts; readonly uploads: Uploads },
  account: AccountId,
  blobId: string,
): Promise<Blob | undefined> {
  if (blobId.startsWith('U')) return uploads.find(account, blobId)?.source
  const [, number] = /^L([1-9][0-9]{0,14})$/.exec(blobId) ?? []
  if (number === undefined) return undefined
  return await (await accounts.account(account)).message(Number(number) as EmailId)
}
