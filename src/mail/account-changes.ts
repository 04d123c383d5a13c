/** What changed since a modseq: by key where the account's columns in memory know which emails may have, else by a scan in a reader thread. */
import { type ChangesInput, type ChangesOutput, emailChanges, threadChanges } from '#store/account/email-changes.ts'
import type { AccountStore } from '#store/account/store.ts'
import { readAccount } from './account-read.ts'
import type { AccountId } from './ids.ts'
import type { AccountImages } from './image/images.ts'

/** So many emails are read by key: on the main thread, and in a reader thread before a scan is sooner done */
const readHere = 64
const readByKey = 1_000

export async function readChanges(
  id: AccountId,
  { images, store }: { readonly images: AccountImages; readonly store: AccountStore },
  kind: 'emailChanges' | 'threadChanges',
  { limit, since, upTo }: Pick<ChangesInput, 'limit' | 'since' | 'upTo'>,
): Promise<ChangesOutput> {
  const from = upTo === undefined ? since : since - 1
  const recent = await images.recent(id, from)
  // a state that was read before its notice came is newer than what is known here
  const isKnown = recent && recent.modSeq >= from && recent.emails.length <= readByKey
  const among = isKnown ? recent : undefined
  const input: ChangesInput = { since, upTo, limit, among }
  if (!among || among.emails.length > readHere) return await store.scan(id, kind, input)
  const read = kind === 'emailChanges' ? emailChanges : threadChanges
  return await readAccount(store, id, database => read(database, input))
}
