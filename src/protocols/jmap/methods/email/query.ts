/** RFC 8621 §4.4 */
import type { Filter } from '#base/filter.ts'
import type { Account } from '#mail/account.ts'
import { printEmailId, readEmailId } from '#mail/object-ids.ts'
import type { EmailId } from '#mail/ids.ts'
import {
  type Asking,
  type EmailCondition,
  checkExtensions,
  emailCondition,
  keywordFlags,
} from '../../email/condition.ts'
import { findEmails } from '../../email/find.ts'
import { type EmailComparator, sortedTexts, sortEmails } from '../../email/sort.ts'
import { filterOf } from '../../filter.ts'
import { accountOf, type Method, type MethodContext } from '../../method.ts'
import { answerQuery, queryShape } from '../../query.ts'
import { printState } from '../../state.ts'
import { checkArguments, fallback, flag, list, object, optional, text } from '../../syntax/arguments.ts'
import { mailCapability, type QueryResponse } from '../../wire.ts'

const comparator = object({
  property: text,
  isAscending: fallback(flag, true),
  collation: optional(text),
  keyword: optional(text),
})

export const emailQueryShape = {
  filter: optional(filterOf(emailCondition)),
  sort: optional(list(comparator)),
  collapseThreads: fallback(flag, false),
}

const shape = { ...queryShape, ...emailQueryShape }

export const emailQuery: Method = {
  capability: mailCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    const account = await accountOf(asked.accountId, context)
    const { columns, shown, state: queryState } = await findInOrder(account, asked, context)
    const idAt = (index: number) => printEmailId((columns.ids[shown[index] ?? 0] ?? 0) as EmailId)
    const ids = {
      length: shown.length,
      at: idAt,
      indexOf(id: string) {
        const email = readEmailId(id)
        return shown.findIndex(index => columns.ids[index] === email)
      },
    }
    return answerQuery(ids, asked, { queryState, canCalculateChanges: true })
  },
}

export type AskedEmails = {
  readonly filter: Filter<EmailCondition> | undefined
  readonly sort: readonly EmailComparator[] | undefined
  readonly collapseThreads: boolean
}

/** `shown`: indexes in the columns, which are those of `state` */
export async function findInOrder(account: Account, asked: AskedEmails, context: MethodContext) {
  checkExtensions(asked.filter, context.using)
  const sort = asked.sort ?? []
  // looked at first: what cannot be done is not begun
  const sortedBy = sortedTexts(sort)
  const columns = await account.emailColumns()
  const { epoch, names } = await account.read(reader => ({ epoch: reader.state.epoch, names: reader.keywordNames }))
  const attached =
    asked.filter && asksForAttachments(asked.filter) ? await account.derivedColumn(columns, 'attached') : undefined
  const texts = new Map<string, Float64Array>()
  for (const name of sortedBy) texts.set(name, await account.derivedColumn(columns, name))
  const asking: Asking = { columns, flagOf: keywordFlags(names), attached, texts }
  const found = await findEmails(account, asked.filter, asking, context.signal)
  const sorted = sortEmails(found, sort, asking)
  const shown = asked.collapseThreads ? firstOfThreads(sorted, asking) : sorted
  return { columns, shown, state: printState({ epoch, modSeq: columns.types.email }) }
}

function asksForAttachments(filter: Filter<EmailCondition>): boolean {
  if (filter.operator !== undefined) return filter.filters.some(asksForAttachments)
  return filter.condition.attached === true
}

function firstOfThreads(sorted: Uint32Array, { columns }: Asking): Uint32Array {
  const { count, of } = columns.threadNumbers
  const seen = new Uint8Array(count)
  const first = new Uint32Array(sorted.length)
  let length = 0
  for (const index of sorted) {
    const thread = of[index] ?? 0
    if (seen[thread]) continue
    seen[thread] = 1
    first[length++] = index
  }
  return first.subarray(0, length)
}
