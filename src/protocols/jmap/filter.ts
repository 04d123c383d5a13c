/** Filters of /query methods: AND, OR and NOT over conditions that each type has for itself. RFC 8620 §5.5 */
import type { Filter } from '#base/filter.ts'
import { maxFilterConditions } from './limits.ts'
import { MethodFault } from './method.ts'
import { ArgumentFault, type Check, object } from './syntax/arguments.ts'
import type { Json } from './syntax/json.ts'
import { isArray, isObject } from './syntax/request.ts'

/** Conditions of this shape; any other is unsupportedFilter. */
export function conditionOf<Shape extends Readonly<Record<string, Check<unknown>>>>(
  shape: Shape,
): ReturnType<typeof object<Shape>> {
  const read = object(shape)
  return (value, at) => {
    const unknown = isObject(value) ? Object.keys(value).find(name => !Object.hasOwn(shape, name)) : undefined
    if (unknown !== undefined)
      throw new MethodFault('unsupportedFilter', `There is no condition “${unknown.slice(0, 100)}”`)
    return read(value, at)
  }
}

/** `condition` reads one; what it does not know is unsupportedFilter. */
export function filterOf<Condition>(condition: Check<Condition>): Check<Filter<Condition>> {
  return (value, at) => {
    let left = maxFilterConditions
    const read = (one: Json | undefined, place: string): Filter<Condition> => {
      if (--left < 0) throw new MethodFault('unsupportedFilter', `More than ${maxFilterConditions} conditions`)
      if (!isObject(one)) throw new ArgumentFault(`${place} should be an object`)
      const { operator, conditions, ...rest } = one
      if (operator === undefined) return { operator, condition: condition(one, place) }
      if (operator !== 'AND' && operator !== 'OR' && operator !== 'NOT')
        throw new ArgumentFault(`${place}.operator should be AND, OR or NOT`)
      if (!isArray(conditions) || Object.keys(rest).length > 0)
        throw new ArgumentFault(`${place} should have an operator, conditions, and nothing else`)
      return { operator, filters: conditions.map((each, index) => read(each, `${place}.conditions[${index}]`)) }
    }
    return read(value, at)
  }
}
