/** A patch object on an object. RFC 8620 §5.3 */
import { isObject, type Json, type JsonObject, member, withMember } from './json.ts'

/**
 * Undefined: it is no patch of this. Every part of a path but the last is there and no array, and no path leads into another one's value. null:
 * the member goes, and may be gone already.
 */
export function patched(value: JsonObject, patch: JsonObject): JsonObject | undefined {
  const paths = Object.keys(patch).map(path => ({ path, parts: partsOf(path) }))
  if (anyWithin(paths.map(({ path }) => path))) return undefined
  let result: JsonObject | undefined = value
  for (const { path, parts } of paths) {
    const given = member(patch, path) ?? null
    result = result && put(result, parts, given === null ? undefined : given)
  }
  return result
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

function put(
  value: JsonObject,
  [name = '', ...deeper]: readonly string[],
  given: Json | undefined,
): JsonObject | undefined {
  if (deeper.length === 0) return withMember(value, name, given)
  const inner = member(value, name)
  const changed = isObject(inner) ? put(inner, deeper, given) : undefined
  return changed && withMember(value, name, changed)
}
