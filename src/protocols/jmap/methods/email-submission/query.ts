/** RFC 8621 §7.3 */
import { matches } from '#base/filter.ts'
import { conditionOf, filterOf } from '../../filter.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { printKindState } from '../../objects.ts'
import { answerQuery, orderOf, queryShape, sortShape } from '../../query.ts'
import { noticeQueue } from '../../submission/status.ts'
import { keptIn, type KeptSubmission, shownSubmission, submissionKind } from '../../submission/submissions.ts'
import { checkArguments, id, list, optional, text, utc } from '../../syntax/arguments.ts'
import { type QueryResponse, submissionCapability } from '../../wire.ts'

const condition = conditionOf({
  identityIds: optional(list(id)),
  emailIds: optional(list(id)),
  threadIds: optional(list(id)),
  undoStatus: optional(text),
  before: optional(utc),
  after: optional(utc),
})
type Condition = ReturnType<typeof condition>
const shape = { ...queryShape, filter: optional(filterOf(condition)), sort: sortShape }

type Row = KeptSubmission & { readonly id: string; readonly undoStatus: string }

export const emailSubmissionQuery: Method = {
  capability: submissionCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    const order = orderOf(asked.sort ?? [], sortKeys)
    const account = await accountOf(asked.accountId, context)
    await noticeQueue(account, context.sending)
    const { kept, state } = await account.read(reader => ({
      kept: reader.objects(submissionKind),
      state: printKindState(reader, submissionKind),
    }))
    const rows = kept.map((row): Row => {
      const submission = keptIn(row)
      return { ...submission, id: row.id, undoStatus: shownSubmission(row.id, submission, []).undoStatus }
    })
    const ids = rows
      .filter(row => !asked.filter || matches(asked.filter, one => fits(row, one)))
      .toSorted(order)
      .map(row => row.id)
    return answerQuery(ids, asked, { queryState: state, canCalculateChanges: false })
  },
}

function fits(row: Row, { identityIds, emailIds, threadIds, undoStatus, before, after }: Condition): boolean {
  return (
    (identityIds?.includes(row.identityId) ?? true) &&
    (emailIds?.includes(row.emailId) ?? true) &&
    (threadIds?.includes(row.threadId) ?? true) &&
    (undoStatus === undefined || undoStatus === row.undoStatus) &&
    (before === undefined || row.sendAt < before) &&
    (after === undefined || row.sendAt >= after)
  )
}

/** `sentAt` is what RFC 8621 §7.3 says, `sendAt` what the property is called. */
const sortKeys: Readonly<Record<string, (row: Row) => string | number>> = {
  emailId: row => row.emailId,
  threadId: row => row.threadId,
  sentAt: row => row.sendAt,
  sendAt: row => row.sendAt,
}

export const emailSubmissionQueryChanges: Method = {
  capability: submissionCapability,
  run: () => Promise.reject(new MethodFault('cannotCalculateChanges')),
}
