/** RFC 9425 §4.3 */
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { quotaId, quotaOf, quotaStateParts } from '../../quota/quota.ts'
import { ArgumentFault, checkArguments, id, optional, text, unsigned } from '../../syntax/arguments.ts'
import { type ChangesResponse, quotaCapability } from '../../wire.ts'

const shape = { accountId: id, sinceState: text, maxChanges: optional(unsigned) }

export const quotaChanges: Method = {
  capability: quotaCapability,
  async run(given, context): Promise<ChangesResponse & { readonly updatedProperties: readonly string[] | null }> {
    const asked = checkArguments(given, shape)
    if (asked.maxChanges === 0) throw new ArgumentFault('maxChanges should be more than 0')
    const now = await quotaOf(await accountOf(asked.accountId, context))
    const before = quotaStateParts(asked.sinceState, now)
    if (!before) throw new MethodFault('cannotCalculateChanges', 'Changes since this state are not known')
    const limit = String(now.limitBytes ?? 'none')
    const isNews = limit !== before.limit || before.modSeq < now.modSeq
    const wasThere = before.limit !== 'none'
    const isThere = limit !== 'none'
    return {
      accountId: asked.accountId,
      oldState: asked.sinceState,
      newState: now.state,
      hasMoreChanges: false,
      created: isThere && !wasThere ? [quotaId] : [],
      updated: isNews && isThere && wasThere ? [quotaId] : [],
      destroyed: wasThere && !isThere ? [quotaId] : [],
      updatedProperties: isNews && isThere && limit === before.limit ? ['used'] : null,
    }
  },
}
