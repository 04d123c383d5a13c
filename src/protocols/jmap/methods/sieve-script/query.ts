/** RFC 9661 §2.5 */
import { type Filter, matches } from '#base/filter.ts'
import { filterOf } from '../../filter.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQuery, queryShape } from '../../query.ts'
import { sieveScriptOf } from '../../sieve/scripts.ts'
import { type Check, checkArguments, fallback, flag, list, object, optional, text } from '../../syntax/arguments.ts'
import { isObject } from '../../syntax/request.ts'
import { type QueryResponse, sieveCapability } from '../../wire.ts'
import type { SieveScript } from '../../wire-sending.ts'

const conditionShape = { name: optional(text), isActive: optional(flag) }
type Condition = { readonly name: string | undefined; readonly isActive: boolean | undefined }

const condition: Check<Condition> = (value, at) => {
  const unknown = isObject(value) ? Object.keys(value).find(name => !Object.hasOwn(conditionShape, name)) : undefined
  if (unknown !== undefined)
    throw new MethodFault('unsupportedFilter', `There is no condition “${unknown.slice(0, 100)}”`)
  return object(conditionShape)(value, at)
}

const sort = list(object({ property: text, isAscending: fallback(flag, true), collation: optional(text) }))
const shape = { ...queryShape, filter: optional(filterOf(condition)), sort: optional(sort) }

type Order = { readonly property: string; readonly isAscending: boolean }

export const sieveScriptQuery: Method = {
  capability: sieveCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    if (asked.sort?.some(({ property }) => property !== 'name' && property !== 'isActive'))
      throw new MethodFault('unsupportedSort', 'By name and isActive alone')
    const account = await accountOf(asked.accountId, context)
    const { scripts, state } = await context.sending.scripts.all(account.id)
    const ids = scripts
      .map(sieveScriptOf)
      .filter(script => isAsked(script, asked.filter))
      .toSorted((one, other) => compared(one, other, asked.sort ?? []))
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

/** By name where nothing else tells them apart. */
function compared(one: SieveScript, other: SieveScript, sort: readonly Order[]): number {
  for (const { property, isAscending } of [...sort, { property: 'name', isAscending: true }]) {
    const sign = isAscending ? 1 : -1
    const order =
      property === 'isActive' ? Number(one.isActive) - Number(other.isActive) : compareNames(one.name, other.name)
    if (order !== 0) return sign * order
  }
  return 0
}

function compareNames(one: string, other: string): number {
  const [first, second] = [folded(one), folded(other)]
  return first < second ? -1 : Number(first > second)
}

/** i;unicode-casemap, as near as it matters for names (RFC 5051) */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
