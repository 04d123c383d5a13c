/** What somebody types into the search box, as a filter of Email/query. */
import { type EmailFilter, filterOfQuery, type KnownLabel } from '#formats/search/query/filter.ts'
import { parseQuery } from '#formats/search/query/parse.ts'
import type { QueryProblem } from '#formats/search/query/problems.ts'
import { timeZone } from './zone.ts'
import type { JsonObject, Mailbox } from '#protocols/jmap/wire.ts'

export type ReadSearch =
  | { readonly kind: 'filter'; readonly filter: JsonObject }
  /** What is wrong with it, to be said beside the box */
  | { readonly kind: 'problem'; readonly problem: QueryProblem }
  | { readonly kind: 'nothing' }

export function readSearch(
  words: string,
  { mailboxes, labels }: { readonly mailboxes: readonly Mailbox[]; readonly labels: readonly KnownLabel[] },
  now: number,
  zone = timeZone(),
): ReadSearch {
  const parsed = parseQuery(words)
  if (parsed.problem) return { kind: 'problem', problem: parsed.problem }
  if (!parsed.query) return { kind: 'nothing' }
  const compiled = filterOfQuery(parsed.query, { now, timeZone: zone, mailboxes, labels })
  if (compiled.problem) return { kind: 'problem', problem: compiled.problem }
  return { kind: 'filter', filter: outsideOfJunk(compiled.filter, words, mailboxes) as unknown as JsonObject }
}

/** What was thrown away is found by whoever looks for it there. */
function outsideOfJunk(filter: EmailFilter, words: string, mailboxes: readonly Mailbox[]): object {
  const left = mailboxes.filter(({ role }) => role === 'junk' || role === 'trash').map(({ id }) => id)
  if (left.length === 0 || /(?:^|[\s(-])(?:in|場所|フォルダ|フォルダー)\s*[:：]/i.test(words)) return filter
  return { operator: 'AND', conditions: [filter, { inMailboxOtherThan: left }] }
}
