/** RFC 8621 §7.1 */
import { getOf } from '../../get.ts'
import { maxObjectsInGet } from '../../limits.ts'
import { printKindState } from '../../objects.ts'
import { noticeQueue } from '../../submission/status.ts'
import { keptIn, shownSubmission, submissionKind } from '../../submission/submissions.ts'
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
    const { rows, state } = await account.read(reader => ({
      rows: reader.objects(submissionKind),
      state: printKindState(reader, submissionKind),
    }))
    const asked = ids && new Set(ids)
    // without ids the newest: there may be more than one answer holds
    const found = asked ? rows.filter(({ id }) => asked.has(id)) : rows.slice(-maxObjectsInGet)
    return { state, all: found.map(row => shownSubmission(row.id, keptIn(row))) }
  },
})
