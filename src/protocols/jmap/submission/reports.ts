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
  const found = new Map<string, ReportRow[]>()
  const rows = reader.reportsAbout({
    deliveries: submissions.map(({ kept }) => kept.delivery),
    messageIds: submissions.flatMap(({ kept }) => kept.messageId ?? []),
    envelopeIds: submissions.flatMap(({ kept }) => secretOf(kept) ?? []),
  })
  if (rows.length === 0) return new Map()
  const tied = new Map(submissions.flatMap(one => (one.kept.reports ?? []).map(email => [email, one] as const)))
  const by = tables(submissions)
  for (const row of rows) {
    // once tied, it stays: the same letter may be sent again later
    const about = tied.get(row.email) ?? aboutWhich(row, by)
    if (!about || shownPlacements(reader, row.email).length === 0) continue
    const others = found.get(about.id)
    if (others) others.push(row)
    else found.set(about.id, [row])
  }
  return new Map([...found].map(([id, all]) => [id, bounded(all).map(({ email }) => email)]))
}

/** The first ones, and what our own queue says whoever came before it. */
function bounded(rows: readonly ReportRow[]): readonly ReportRow[] {
  if (rows.length <= maxReports) return rows
  const own = new Set(rows.filter(isOwn).slice(0, maxReports))
  const others = new Set(rows.filter(row => !own.has(row)).slice(0, maxReports - own.size))
  return rows.filter(row => own.has(row) || others.has(row))
}

function isOwn({ delivery }: ReportRow): boolean {
  return delivery !== undefined
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
    return (candidates.length > 1 ? candidates.findLast(ofRecipient) : undefined) ?? candidates.at(-1)
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

/**
 * What the queue said, and what was reported since, each in its order. To whom our queue has not got it, or not yet, others know nothing of it: one recipient
 * says neither that another one has it nor that it was refused there.
 */
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
  const told = (by: readonly ReportRow[], recipient: SubmissionAddress) =>
    by.flatMap(({ recipients }) => recipients.filter(onIt(recipient)))
  const own = reports.filter(isOwn)
  const others = reports.filter(report => !isOwn(report))
  for (const recipient of rcptTo) {
    const before = all[recipient.email]
    if (!before) continue
    const known = after(before, told(own, recipient))
    all[recipient.email] = known.delivered === 'unknown' ? after(known, told(others, recipient)) : known
  }
  return all
}

function after(before: DeliveryStatus, told: readonly ReportOnRecipient[]): DeliveryStatus {
  return {
    smtpReply: told.findLast(({ reply }) => reply !== undefined)?.reply ?? before.smtpReply,
    delivered: told.findLast(({ delivered }) => delivered !== undefined)?.delivered ?? before.delivered,
    displayed: told.some(({ displayed }) => displayed) ? 'yes' : before.displayed,
  }
}
