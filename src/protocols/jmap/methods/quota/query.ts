/** RFC 9425 §4.4: of one quota at most. */
import { type Filter, matches } from '#base/filter.ts'
import { conditionOf, filterOf } from '../../filter.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQuery, orderOf, queryShape, sortShape } from '../../query.ts'
import { quotaObject, quotaOf } from '../../quota/quota.ts'
import { checkArguments, optional, text } from '../../syntax/arguments.ts'
import { type Quota, type QueryResponse, quotaCapability } from '../../wire.ts'

const condition = conditionOf({
  name: optional(text),
  scope: optional(text),
  resourceType: optional(text),
  type: optional(text),
})
type Condition = ReturnType<typeof condition>
const shape = { ...queryShape, filter: optional(filterOf(condition)), sort: sortShape }

export const quotaQuery: Method = {
  capability: quotaCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    // asked for its refusals: one quota has no order
    orderOf<Quota>(asked.sort ?? [], { name: ({ name }) => name, used: ({ used }) => used })
    const now = await quotaOf(await accountOf(asked.accountId, context))
    const quota = quotaObject(now, context.login.address)
    const ids = quota && isAsked(quota, asked.filter) ? [quota.id] : []
    return answerQuery(ids, asked, { queryState: now.state, canCalculateChanges: false })
  },
}

function isAsked(quota: Quota, filter: Filter<Condition> | undefined): boolean {
  return (
    !filter ||
    matches(
      filter,
      ({ name, scope, resourceType, type }) =>
        quota.name.includes(name ?? '') &&
        (scope ?? quota.scope) === quota.scope &&
        (resourceType ?? quota.resourceType) === quota.resourceType &&
        (type === undefined || quota.types.includes(type)),
    )
  )
}

export const quotaQueryChanges: Method = {
  capability: quotaCapability,
  run() {
    return Promise.reject(new MethodFault('cannotCalculateChanges', 'Ask Quota/query again'))
  },
}
