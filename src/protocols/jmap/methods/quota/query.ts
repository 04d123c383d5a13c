/** RFC 9425 §4.4: of one quota at most. */
import { type Filter, matches } from '#base/filter.ts'
import { filterOf } from '../../filter.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQuery, queryShape } from '../../query.ts'
import { quotaObject, quotaOf } from '../../quota/quota.ts'
import { type Check, checkArguments, fallback, flag, list, object, optional, text } from '../../syntax/arguments.ts'
import { isObject } from '../../syntax/request.ts'
import { type Quota, type QueryResponse, quotaCapability } from '../../wire.ts'

const conditionShape = {
  name: optional(text),
  scope: optional(text),
  resourceType: optional(text),
  type: optional(text),
}
type Condition = { readonly [Name in keyof typeof conditionShape]: string | undefined }

const condition: Check<Condition> = (value, at) => {
  const unknown = isObject(value) ? Object.keys(value).find(name => !Object.hasOwn(conditionShape, name)) : undefined
  if (unknown !== undefined)
    throw new MethodFault('unsupportedFilter', `There is no condition “${unknown.slice(0, 100)}”`)
  return object(conditionShape)(value, at)
}

const sort = list(object({ property: text, isAscending: fallback(flag, true), collation: optional(text) }))
const shape = { ...queryShape, filter: optional(filterOf(condition)), sort: optional(sort) }

export const quotaQuery: Method = {
  capability: quotaCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    if (asked.sort?.some(({ property }) => property !== 'name' && property !== 'used'))
      throw new MethodFault('unsupportedSort', 'By name and used alone')
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
