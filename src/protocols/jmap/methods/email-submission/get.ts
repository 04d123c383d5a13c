/** RFC 8621 §7.1 */
import type { ReportRow } from '#mail/account-reader.ts'
import { getOf } from '../../get.ts'
import { maxObjectsInGet } from '../../limits.ts'
import { printKindState } from '../../objects.ts'
import { noticeQueue } from '../../submission/status.ts'
import { keptIn, type KeptSubmission, shownSubmission, submissionKind } from '../../submission/submissions.ts'
import { submissionCapability } from '../../wire.ts'
import type { EmailSubmission } from '../../wire-sending.ts'

export const emailSubmissionGet = getOf<EmailSubmission>({
  capability: submissionCapability,
  properties: [
    'id',
    'identityId',
    'emailId',
    'threadId',
    'envelope',
    'sendAt',
    'undoStatus',
    'deliveryStatus',
    'dsnBlobIds',
    'mdnBlobIds',
  ],
  async read(account, context, ids) {
    await noticeQueue(account, context.sending)
    const asked = ids && new Set(ids)
    const { found, reports, state } = await account.read(reader => {
      const rows = reader.objects(submissionKind)
      // without ids the newest: there may be more than one answer holds
      const chosen = asked ? rows.filter(({ id }) => asked.has(id)) : rows.slice(-maxObjectsInGet)
      const found = chosen.map(row => ({ id: row.id, kept: keptIn(row) }))
      const reports = reader.reportsOf(found.flatMap(({ kept }) => kept.reports ?? []))
      return { found, reports, state: printKindState(reader, submissionKind) }
    })
    const byEmail = new Map<number, ReportRow>(reports.map(report => [report.email, report]))
    const of = ({ reports = [] }: KeptSubmission) => reports.flatMap(email => byEmail.get(email) ?? [])
    return { state, all: found.map(({ id, kept }) => shownSubmission(id, kept, of(kept))) }
  },
})
