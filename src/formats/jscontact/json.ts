/** JSON values as strangers make them: names are names (`__proto__`, `constructor`), so members are asked for as an object's own. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** undefined: it is not there, whatever objects inherit */
export function member(value: unknown, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** The same with this member, or without it; what `__proto__` names is a member like any other. */
export function withMember(value: JsonObject, name: string, given: Json | undefined): JsonObject {
  const entries = Object.entries(value)
  const index = entries.findIndex(([key]) => key === name)
  if (given === undefined) return Object.fromEntries(entries.filter(([key]) => key !== name))
  if (index < 0) entries.push([name, given])
  else entries[index] = [name, given]
  return Object.fromEntries(entries)
}

/** Objects and arrays within one another, at most; looked at no deeper than that */
export function isDeeperThan(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels <= 0) return true
  return Object.values(value).some(one => isDeeperThan(one as Json, levels - 1))
}
