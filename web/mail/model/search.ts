/** What somebody types into the search box, as a filter of Email/query. */
import type { JsonObject } from '#protocols/jmap/wire.ts'

export function filterOf(words: string): JsonObject {
  return { text: words.trim() }
}
