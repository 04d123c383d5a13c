/** New emails among the changes of `setEmails`: their octets go to where the writer takes them, and away again when it does not. */
import type { Transferable } from 'node:worker_threads'
import { emptyBytes } from '#base/bytes.ts'
import type { KeptBytes } from '#store/account/operations.ts'
import type { EmailChange as StoredChange, SetEmailsOutput } from '#store/account/set-emails.ts'
import type { EmailChange } from './account-settings.ts'
import { bringBytes, dropBytes, wasRefused } from './account-bytes.ts'

type Place = { readonly folder: string; readonly bootMark: string }

export async function writeBrought(
  place: Place,
  changes: readonly EmailChange[],
  write: (brought: readonly StoredChange[], transfer: readonly ArrayBuffer[]) => Promise<SetEmailsOutput>,
): Promise<SetEmailsOutput> {
  const brought: StoredChange[] = []
  const transfer: Transferable[] = []
  /** Undefined while nobody knows whether any of it was kept */
  let isKept: ((index: number) => boolean) | undefined = () => false
  try {
    for (const change of changes) {
      if (change.kind !== 'create') {
        brought.push(change)
        continue
      }
      const { flags, internalDate, mailboxes, message } = change
      const bytes = await bringBytes(place, emptyBytes, message, undefined, undefined)
      brought.push({ kind: 'create', kept: bytes.kept, flags, internalDate, mailboxes })
      transfer.push(...bytes.transfer)
    }
    isKept = undefined
    const result = await write(brought, transfer as readonly ArrayBuffer[])
    isKept = index => 'results' in result && !('refused' in (result.results[index] ?? { refused: '' }))
    return result
  } catch (error) {
    if (wasRefused(error)) isKept = () => false
    throw error
  } finally {
    if (isKept) dropUnkept(place.folder, brought, isKept)
  }
}

function dropUnkept(folder: string, brought: readonly StoredChange[], isKept: (index: number) => boolean): void {
  const lost: KeptBytes[] = []
  for (const [index, change] of brought.entries())
    if (change.kind === 'create' && !isKept(index)) lost.push(change.kept)
  for (const kept of lost) dropBytes(folder, kept)
}
