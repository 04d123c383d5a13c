/**
 * Reports that came back (RFC 8621 §7: dsnBlobIds, mdnBlobIds, deliveryStatus) and the submissions that they are on. A record has the ids of their emails, so a
 * tie is a change of the submission; what they say is read with it, and goes with them.
 *
 * A report proves nothing by itself, and whoever has got a letter can make one of it. So it counts in the account that it came to alone, and there for the
 * submission that our own queue names, or whose letter it names by Message-ID; by ENVID alone where nobody could have guessed that.
 */
import type { ReportOnRecipient } from '#formats/dsn/read-report.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import type { AccountReader, ReportRow } from '#mail/account-reader.ts'
import { shownPlacements } from '../email/shown.ts'
import type { DeliveryStatus, SubmissionAddress } from '../wire-sending.ts'
import type { KeptSubmission } from './submissions.ts'

/** On one submission */
const maxReports = 50
/** Characters of an ENVID that is a secret: 128 bits in base64 */
const secretCharacters = 22

type Kept = { readonly id: string; readonly kept: KeptSubmission }

/** By submission: ids of the emails that report on it, in the order in which they came. Those without any are not in it. */
export function reportsOn(submissions: readonly Kept[], reader: AccountReader): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>()
  const rows = reader.reportsAbout({
    deliveries: submissions.map(({ kept }) => kept.delivery),
    messageIds: submissions.flatMap(({ kept }) => kept.messageId ?? []),
    envelopeIds: submissions.flatMap(({ kept }) => secretOf(kept) ?? []),
  })
  if (rows.length === 0) return found
  const tied = new Map(submissions.flatMap(one => (one.kept.reports ?? []).map(email => [email, one] as const)))
  const by = tables(submissions)
  for (const row of rows) {
    // once tied, it stays: the same letter may be sent again later
    const about = tied.get(row.email) ?? aboutWhich(row, by)
    if (!about || shownPlacements(reader, row.email).length === 0) continue
    const others = found.get(about.id) ?? []
    if (others.length < maxReports) found.set(about.id, [...others, row.email])
  }
  return found
}

type Tables = Record<'delivery' | 'messageId' | 'secret', ReadonlyMap<string | undefined, readonly Kept[]>>

function tables(submissions: readonly Kept[]): Tables {
  return {
    delivery: Map.groupBy(submissions, ({ kept }) => kept.delivery),
    messageId: Map.groupBy(submissions, ({ kept }) => kept.messageId),
    secret: Map.groupBy(submissions, ({ kept }) => secretOf(kept)),
  }
}

/** The latest that has one of its recipients; else the latest. */
function aboutWhich(row: ReportRow, by: Tables): Kept | undefined {
  if (row.delivery !== undefined) return by.delivery.get(row.delivery)?.at(-1)
  const ofRecipient = ({ kept }: Kept) => kept.envelope.rcptTo.some(one => row.recipients.some(onIt(one)))
  if (row.messageId !== undefined) {
    const candidates = by.messageId.get(row.messageId) ?? []
    return candidates.findLast(ofRecipient) ?? candidates.at(-1)
  }
  return row.envelopeId === undefined ? undefined : by.secret.get(row.envelopeId)?.findLast(ofRecipient)
}

function secretOf({ envelope }: KeptSubmission): string | undefined {
  const envid = parameterOf(envelope.mailFrom, 'ENVID')
  return envid !== undefined && envid.length >= secretCharacters ? envid : undefined
}

function parameterOf({ parameters }: SubmissionAddress, name: string): string | undefined {
  return Object.entries(parameters ?? {}).find(([given]) => given.toUpperCase() === name)?.[1] ?? undefined
}

/** By its address, or by what the sender said it was before (ORCPT) */
function onIt(recipient: SubmissionAddress): (report: ReportOnRecipient) => boolean {
  const before = parameterOf(recipient, 'ORCPT')?.replace(/^[^;]*;/, '')
  const names = new Set([recipient.email, ...(before === undefined ? [] : [before])].map(plain))
  return ({ final, original }) => names.has(plain(final)) || (original !== undefined && names.has(plain(original)))
}

function plain(address: string): string {
  return canonicalAddress(address) ?? address
}

/** What the queue said, and what was reported since, each in its order. */
export function reportedStatus({
  deliveryStatus,
  reports,
  rcptTo,
}: {
  readonly deliveryStatus: { readonly [address: string]: DeliveryStatus }
  readonly reports: readonly ReportRow[]
  readonly rcptTo: readonly SubmissionAddress[]
}): { readonly [address: string]: DeliveryStatus } {
  if (reports.length === 0) return deliveryStatus
  const all = { ...deliveryStatus }
  for (const recipient of rcptTo) {
    const before = all[recipient.email]
    if (!before) continue
    const told = reports.flatMap(({ recipients }) => recipients.filter(onIt(recipient)))
    all[recipient.email] = {
      smtpReply: told.findLast(({ reply }) => reply !== undefined)?.reply ?? before.smtpReply,
      delivered: told.findLast(({ delivered }) => delivered !== undefined)?.delivered ?? before.delivered,
      displayed: told.some(({ displayed }) => displayed) ? 'yes' : before.displayed,
    }
  }
  return all
}
