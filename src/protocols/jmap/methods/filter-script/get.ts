/** Ours (wire-filters.ts): the filters as a script, and what runs before and behind them */
import { filterScriptIn } from '../../filters/filter-script.ts'
import { askedIds, askedProperties, getShape } from '../../get.ts'
import { accountOf, type Method } from '../../method.ts'
import { singletonIn } from '../../singleton.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import type { GetResponse } from '../../wire.ts'
import { type FilterScript, filtersCapability } from '../../wire-filters.ts'

const properties = ['id', 'name', 'text', 'isEnabled', 'runs'] as const satisfies readonly (keyof FilterScript)[]

export const filterScriptGet: Method = {
  capability: filtersCapability,
  async run(given, context): Promise<GetResponse<Partial<FilterScript>>> {
    const asked = checkArguments(given, getShape)
    const wanted = askedProperties(asked.properties, properties)
    const ids = askedIds(asked.ids, context)
    const account = await accountOf(asked.accountId, context)
    const { scripts, state } = await context.sending.scripts.all(account.id)
    return {
      accountId: asked.accountId,
      state,
      ...singletonIn(filterScriptIn(scripts), ids, wanted),
    }
  },
}
