/** RFC 9425 §4.2 */
import { getOf } from '../../get.ts'
import { quotaObject, quotaOf } from '../../quota/quota.ts'
import { type Quota, quotaCapability } from '../../wire.ts'

export const quotaGet = getOf<Quota>({
  capability: quotaCapability,
  properties: [
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
  ],
  async read(account, context) {
    const now = await quotaOf(account)
    const quota = quotaObject(now, context.login.address)
    return { state: now.state, all: quota ? [quota] : [] }
  },
})
