/** Ours (wire-filters.ts): the filters as a script, and what runs before and behind them */
import { filterScriptIn } from '../../filters/filter-script.ts'
import { getOf } from '../../get.ts'
import { type FilterScript, filtersCapability } from '../../wire-filters.ts'

export const filterScriptGet = getOf<FilterScript>({
  capability: filtersCapability,
  properties: ['id', 'name', 'text', 'isEnabled', 'runs'],
  async read(account, context) {
    const { scripts, state } = await context.sending.scripts.all(account.id)
    return { state, all: [filterScriptIn(scripts)] }
  },
})
