/** Ours (wire-filters.ts): the filters and what includes them, as one change of the account's scripts */
import type { Account } from '#mail/account.ts'
import { isScriptRefusal } from '#mail/scripts.ts'
import { type FilterPatch, planFilters } from '../../filters/filter-script.ts'
import { accountOf, type Method, type MethodContext, MethodFault } from '../../method.ts'
import { propertiesIn, setShape } from '../../set.ts'
import { errorOf } from '../../sieve/content.ts'
import { inTurn } from '../../sieve/turns.ts'
import { setSingleton, singleton } from '../../singleton.ts'
import { checkArguments, flag, text } from '../../syntax/arguments.ts'
import type { JsonObject, SetError, SetResponse } from '../../wire.ts'
import { type FilterScript, filtersCapability } from '../../wire-filters.ts'

export const filterScriptSet: Method = {
  capability: filtersCapability,
  async run(given, context): Promise<SetResponse<FilterScript>> {
    const asked = checkArguments(given, setShape)
    const account = await accountOf(asked.accountId, context)
    const { scripts } = context.sending
    return await inTurn(account.id, async () => {
      const { state: before } = await scripts.all(account.id)
      if (asked.ifInState !== undefined && asked.ifInState !== before) throw new MethodFault('stateMismatch')
      const done = await setSingleton(asked, async patch => await update(patch, asked.ifInState, account, context))
      const { state: newState } = await scripts.all(account.id)
      return { accountId: asked.accountId, oldState: before, newState, ...done }
    })
  },
}

const checks = { text, isEnabled: flag }
/** ManageSieve may change something each time between reading and writing */
const tries = 10

/** Undefined: done. What changes meanwhile is compared in the writer; without `ifInState` it is planned anew. */
async function update(
  given: JsonObject,
  ifInState: string | undefined,
  { id }: Account,
  { sending }: MethodContext,
): Promise<SetError | undefined> {
  const { id: named, ...others } = given
  const patch: FilterPatch | SetError = propertiesIn(named === singleton ? others : given, checks)
  if ('type' in patch) return patch
  const { scripts, directory } = sending
  for (let tried = 0; tried < tries; tried++) {
    const { scripts: all, state } = await scripts.all(id)
    if (ifInState !== undefined && state !== ifInState) break
    const plan = planFilters(all, patch)
    if ('error' in plan) return plan.error
    const checked = scripts.check(plan.bytes)
    if (isScriptRefusal(checked)) return errorOf(checked, (await directory.userOf(id))?.language ?? 'en')
    const done = await scripts.set(id, { steps: plan.steps, activate: plan.activate, ifState: state })
    if ('refused' in done) continue
    const refused = done.results.find(result => 'refused' in result)
    return refused ? errorOf(refused as Parameters<typeof errorOf>[0], 'en') : undefined
  }
  throw new MethodFault('stateMismatch')
}
