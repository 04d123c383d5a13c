/** RFC 9661 §2.5 */
import { type Filter, matches } from '#base/filter.ts'
import { conditionOf, filterOf } from '../../filter.ts'
import { accountOf, type Method } from '../../method.ts'
import { answerQuery, orderOf, queryShape, sortShape } from '../../query.ts'
import { sieveScriptOf } from '../../sieve/scripts.ts'
import { checkArguments, flag, optional, text } from '../../syntax/arguments.ts'
import { type QueryResponse, sieveCapability } from '../../wire.ts'
import type { SieveScript } from '../../wire-sending.ts'

const condition = conditionOf({ name: optional(text), isActive: optional(flag) })
type Condition = ReturnType<typeof condition>
const shape = { ...queryShape, filter: optional(filterOf(condition)), sort: sortShape }
const byName = { property: 'name', isAscending: true }

export const sieveScriptQuery: Method = {
  capability: sieveCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    // by name where nothing else tells them apart
    const order = orderOf<SieveScript>([...(asked.sort ?? []), byName], sortKeys)
    const account = await accountOf(asked.accountId, context)
    const { scripts, state } = await context.sending.scripts.all(account.id)
    const ids = scripts
      .map(sieveScriptOf)
      .filter(script => isAsked(script, asked.filter))
      .toSorted(order)
      .map(({ id }) => id)
    return answerQuery(ids, asked, { queryState: state, canCalculateChanges: false })
  },
}

function isAsked(script: SieveScript, filter: Filter<Condition> | undefined): boolean {
  return (
    !filter ||
    matches(
      filter,
      ({ name, isActive }) =>
        folded(script.name).includes(folded(name ?? '')) && (isActive === undefined || script.isActive === isActive),
    )
  )
}

const sortKeys = {
  name: ({ name }: SieveScript) => folded(name),
  isActive: ({ isActive }: SieveScript) => Number(isActive),
}

/** i;unicode-casemap, as near as it matters for names (RFC 5051) */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
