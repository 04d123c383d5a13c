/** RFC 8621 §7.3 */
import { matches } from '#base/filter.ts'
import { filterOf } from '../../filter.ts'
import { maxSortComparators } from '../../limits.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQuery, queryShape } from '../../query.ts'
import { printKindState } from '../../objects.ts'
import { noticeQueue } from '../../submission/status.ts'
import { keptIn, type KeptSubmission, shownSubmission, submissionKind } from '../../submission/submissions.ts'
import {
  type Check,
  checkArguments,
  fallback,
  flag,
  id,
  list,
  object,
  optional,
  text,
  utc,
} from '../../syntax/arguments.ts'
import { isObject } from '../../syntax/request.ts'
import { type QueryResponse, submissionCapability } from '../../wire.ts'

const conditionShape = {
  identityIds: optional(list(id)),
  emailIds: optional(list(id)),
  threadIds: optional(list(id)),
  undoStatus: optional(text),
  before: optional(utc),
  after: optional(utc),
}
type Condition = {
  readonly identityIds: readonly string[] | undefined
  readonly emailIds: readonly string[] | undefined
  readonly threadIds: readonly string[] | undefined
  readonly undoStatus: string | undefined
  readonly before: number | undefined
  readonly after: number | undefined
}

const condition: Check<Condition> = (value, at) => {
  const unknown = isObject(value) ? Object.keys(value).find(name => !Object.hasOwn(conditionShape, name)) : undefined
  if (unknown !== undefined)
    throw new MethodFault('unsupportedFilter', `There is no condition “${unknown.slice(0, 100)}”`)
  return object(conditionShape)(value, at)
}

const comparator = object({ property: text, isAscending: fallback(flag, true), collation: optional(text) })
type Comparator = ReturnType<typeof comparator>
const shape = { ...queryShape, filter: optional(filterOf(condition)), sort: optional(list(comparator)) }

type Row = KeptSubmission & { readonly id: string; readonly undoStatus: string }

export const emailSubmissionQuery: Method = {
  capability: submissionCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    const sort = asked.sort ?? []
    if (sort.length > maxSortComparators || sort.some(({ property }) => !Object.hasOwn(orders, property)))
      throw new MethodFault('unsupportedSort', 'By emailId, threadId and sentAt')
    const account = await accountOf(asked.accountId, context)
    await noticeQueue(account, context.sending)
    const { kept, state } = await account.read(reader => ({
      kept: reader.objects(submissionKind),
      state: printKindState(reader, submissionKind),
    }))
    const rows = kept.map((row): Row => {
      const submission = keptIn(row)
      return { ...submission, id: row.id, undoStatus: shownSubmission(row.id, submission).undoStatus }
    })
    const ids = rows
      .filter(row => !asked.filter || matches(asked.filter, one => fits(row, one)))
      .toSorted((a, b) => compare(a, b, sort))
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
const orders: Readonly<Record<string, (row: Row) => string | number>> = {
  emailId: row => row.emailId,
  threadId: row => row.threadId,
  sentAt: row => row.sendAt,
  sendAt: row => row.sendAt,
}

function compare(a: Row, b: Row, sort: readonly Comparator[]): number {
  for (const { property, isAscending } of sort) {
    const key = orders[property]
    const [left, right] = [key?.(a) ?? 0, key?.(b) ?? 0]
    if (left !== right) return left < right === isAscending ? -1 : 1
  }
  return 0
}

export const emailSubmissionQueryChanges: Method = {
  capability: submissionCapability,
  run: () => Promise.reject(new MethodFault('cannotCalculateChanges')),
}
