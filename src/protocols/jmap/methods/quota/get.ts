/** RFC 9425 §4.2 */
import { askedIds, askedProperties, getShape, only } from '../../get.ts'
import { accountOf, type Method } from '../../method.ts'
import { quotaId, quotaObject, quotaOf } from '../../quota/quota.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type GetResponse, type Quota, quotaCapability } from '../../wire.ts'

const properties = [
  'id',
  'resourceType',
  'used',
  'hardLimit',
  'scope',
  'name',
  'types',
  'warnLimit',
  'softLimit',
  'description',
] as const satisfies readonly (keyof Quota)[]

export const quotaGet: Method = {
  capability: quotaCapability,
  async run(given, context): Promise<GetResponse<Partial<Quota>>> {
    const asked = checkArguments(given, getShape)
    const wanted = askedProperties(asked.properties, properties)
    const ids = askedIds(asked.ids, context)
    const now = await quotaOf(await accountOf(asked.accountId, context))
    const quota = quotaObject(now, context.login.address)
    const isAsked = quota && (ids === undefined || ids.includes(quotaId))
    return {
      accountId: asked.accountId,
      state: now.state,
      list: isAsked ? [only(quota, wanted)] : [],
      notFound: (ids ?? []).filter(id => !quota || id !== quotaId),
    }
  },
}
