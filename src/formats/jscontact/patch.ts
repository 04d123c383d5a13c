/** A patch object on an object. RFC 8620 §5.3 */
import { isObject, type Json, type JsonObject, member } from './json.ts'

/**
 * Undefined: it is no patch of this. Every part of a path but the last is there and no array, and no path leads into another one's value. null:
 * the member goes, and may be gone already. Costs as much as the value and the patch are long, however many paths there are.
 */
export function patched(value: JsonObject, patch: JsonObject): JsonObject | undefined {
  const paths = Object.keys(patch)
  if (anyWithin(paths)) return undefined
  const result = JSON.parse(JSON.stringify(value)) as JsonObject
  return paths.every(path => put(result, partsOf(path), member(patch, path) ?? null)) ? result : undefined
}

/** Escapes undone, RFC 6901 §3 */
function partsOf(path: string): readonly string[] {
  return path.split('/').map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Sorted by code unit with the slash before all else, a path stands right before those within it. */
function anyWithin(paths: readonly string[]): boolean {
  const sorted = paths.map(path => `${path.replaceAll('/', '\0')}\0`).toSorted((a, b) => (a < b ? -1 : 1))
  return sorted.some((path, index) => index > 0 && path.startsWith(sorted[index - 1] ?? path))
}

/** False: it leads nowhere */
function put(value: JsonObject, parts: readonly string[], given: Json): boolean {
  let at: Json | undefined = value
  for (const name of parts.slice(0, -1)) at = member(at, name)
  if (!isObject(at)) return false
  const name = parts.at(-1) ?? ''
  // `__proto__` is a member like any other, which an assignment would not make
  if (given === null) Reflect.deleteProperty(at, name)
  else Object.defineProperty(at, name, { value: given, writable: true, enumerable: true, configurable: true })
  return true
}
