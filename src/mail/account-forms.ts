/** What the store says, in the border's words, and the other way round. */
import { join } from 'node:path'
import type { MessageSource } from '#formats/message-source.ts'
import { readMessageFile } from '#store/account/message-files.ts'
import type { Refusal, UidRanges } from '#store/account/operations.ts'
import type { readReadyEmail, StoredEmail } from '#store/account/tables/email.ts'
import { rangesOfUids } from '#store/account/uid-ranges.ts'
import type * as border from './account.ts'
import type { EmailRow } from './account-email.ts'
import type { EmailId, ThreadId, Uid } from './ids.ts'

/** The store's numbers are the border's UIDs and modseqs. */
export function asBorder<Value>(result: object): Value {
  return result as Value
}

export function asRanges(uids: border.UidSet): UidRanges {
  const [first] = uids
  if (typeof first !== 'object') return rangesOfUids(uids as readonly Uid[])
  const ranges = uids as readonly border.UidRange[]
  const pairs = new Uint32Array(2 * ranges.length)
  ranges.forEach((range, index) => pairs.set([range.first, range.last], 2 * index))
  return pairs
}

export function fileSource(folder: string, stored: StoredEmail, named: string): MessageSource {
  const path = join(folder, 'messages', stored.file ?? '')
  return {
    sizeBytes: stored.sizeBytes,
    place: { kind: 'file', path, offset: 0 },
    open: () => readMessageFile(path, { checksum: stored.checksum, sizeBytes: stored.sizeBytes, named }),
  }
}

export function asEmail(row: ReturnType<typeof readReadyEmail>): EmailRow | undefined {
  return row && { ...row, id: row.id as EmailId, threadId: row.threadId as ThreadId }
}

/** The store's words for a refusal are the border's. */
export function asRefusal(refusal: Refusal): border.AccountRefusal {
  return refusal as border.AccountRefusal
}
