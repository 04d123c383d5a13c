/** Going through search keys. */
import type { SearchKey } from './request.ts'

export function innerKeys(key: SearchKey): readonly SearchKey[] {
  if (key.key === 'NOT' || key.key === 'FUZZY') return [key.of]
  return key.key === 'AND' || key.key === 'OR' ? key.of : []
}

/** The key itself or one in it. */
export function someKey(key: SearchKey, test: (key: SearchKey) => boolean): boolean {
  return test(key) || innerKeys(key).some(inner => someKey(inner, test))
}
