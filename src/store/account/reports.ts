/** Reports on what was sent from here are noted where they are delivered, and forgotten with their emails. What they are tied to is known to who asks. */
import { asciiText } from '#base/bytes.ts'
import { readReport, type Report } from '#formats/dsn/read-report.ts'
import { readerOf } from '#formats/message/byte-reader.ts'
import type { AccountWriter } from './account-writer.ts'
import { maxReportsAlike } from './limits.ts'
import { withFileReader } from './message-files.ts'
import type { KeptBytes } from './operations.ts'
import { deleteReport, insertReport, reportsAlike } from './tables/report.ts'

/** Their changes are those of a kind of small objects (RFC 8621 §7: parts of a submission). */
export const reportKind = 'Report'

/** Octets at the end of a BODYSTRUCTURE in which the subtype of the whole stands */
const tailBytes = 2_000

type Delivered = {
  readonly email: number
  readonly kept: KeptBytes
  readonly bodyStructure: Uint8Array
  /** Under which it was delivered */
  readonly delivery: string
}

export function noteReport(account: AccountWriter, { email, kept, bodyStructure, delivery }: Delivered): void {
  if (!/"report" \(/i.test(asciiText(bodyStructure.subarray(-tailBytes)))) return
  const report = read(account, kept)
  if (!report) return
  const row = {
    email,
    kind: report.kind,
    delivery: reportedBy(delivery) ?? null,
    messageId: report.messageId ?? null,
    envelopeId: report.envelopeId ?? null,
    recipients: JSON.stringify(report.recipients),
  }
  // whoever knows a letter's id may send reports on it without end; what our own queue says is kept all the same
  if (row.delivery === null && reportsAlike(account.database, row, maxReportsAlike) >= maxReportsAlike) return
  insertReport(account.database, row)
  account.hasReports = true
  account.touchObjects(reportKind)
}

function read(account: AccountWriter, kept: KeptBytes): Report | undefined {
  try {
    return kept.kind === 'memory'
      ? readReport(readerOf(kept.bytes))
      : withFileReader(account.filePath(kept.name), kept.sizeBytes, readReport)
  } catch {
    // a letter is kept whatever its parser makes of it
    return undefined
  }
}

/** Our own queue delivers its reports under ids of theirs (mail/queue/dsn.ts): nobody else can give such a one. */
function reportedBy(delivery: string): string | undefined {
  return /^(.+)\.dsn\.(?:failed|delayed|delivered)\.\d+$/.exec(delivery)?.[1]
}

export function forgetReport(account: AccountWriter, email: number): void {
  if (account.hasReports && deleteReport(account.database, email)) account.touchObjects(reportKind)
}
