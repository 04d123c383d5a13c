/** RFC 8621 §7.1 */
import { askedIds, askedProperties, getShape, only } from '../../get.ts'
import { maxObjectsInGet } from '../../limits.ts'
import { accountOf, type Method } from '../../method.ts'
import { printKindState } from '../../objects.ts'
import { noticeQueue } from '../../submission/status.ts'
import { keptIn, shownSubmission, submissionKind } from '../../submission/submissions.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type GetResponse, submissionCapability } from '../../wire.ts'
import type { EmailSubmission } from '../../wire-sending.ts'

export const submissionProperties = [
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
] as const satisfies readonly (keyof EmailSubmission)[]

export const emailSubmissionGet: Method = {
  capability: submissionCapability,
  async run(given, context): Promise<GetResponse<Partial<EmailSubmission>>> {
    const asked = checkArguments(given, getShape)
    const wanted = askedProperties(asked.properties, submissionProperties)
    const ids = askedIds(asked.ids, context)
    const account = await accountOf(asked.accountId, context)
    await noticeQueue(account, context.sending)
    const { rows, state } = await account.read(reader => ({
      rows: reader.objects(submissionKind),
      state: printKindState(reader, submissionKind),
    }))
    const byId = new Map(rows.map(row => [row.id, row]))
    // without ids the newest: there may be more than one answer holds
    const found = ids ? ids.flatMap(id => byId.get(id) ?? []) : rows.slice(-maxObjectsInGet)
    const shown: Partial<EmailSubmission>[] = []
    for (const row of found) {
      context.signal.throwIfAborted()
      shown.push(only(shownSubmission(row.id, keptIn(row)), wanted))
    }
    return {
      accountId: asked.accountId,
      state,
      list: shown,
      notFound: (ids ?? []).filter(id => !byId.has(id)),
    }
  },
}
