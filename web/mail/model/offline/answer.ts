/**
 * What the server would say, from what is kept here: mailboxes, the letters of some of them, names to write by. Enough for lists, conversations and
 * answers; whatever else is asked for has no answer, and neither has anything that changes. RFC 8620 §5.1, 5.5; RFC 8621 §4
 */
import type { EmailFilter } from '#formats/search/query/filter.ts'
import type { Id, Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { keptQueryState } from '../away.ts'
import { type EmailRow, rowProperties } from '../emails.ts'
import type { Kept } from './kept.ts'
import { searchKept } from './search-kept.ts'

/** Undefined: one of them has no answer here. */
export async function answerFrom(kept: Kept, calls: readonly Invocation[]): Promise<readonly Invocation[] | undefined> {
  const responses: Invocation[] = []
  for (const [name, given, id] of calls) {
    const result = await resultOf(kept, name, resolved(given, responses))
    if (!result) return undefined
    responses.push([name, result as JsonObject, id])
  }
  return responses
}

async function resultOf(kept: Kept, name: string, given: JsonObject): Promise<object | undefined> {
  switch (name) {
    case 'Mailbox/get':
      return given['ids'] === null ? { ...kept.mailboxes, notFound: [] } : undefined
    case 'Identity/get':
      return kept.identities.length > 0 ? { list: kept.identities, notFound: [], state: '' } : undefined
    case 'Thread/get':
      return threads(kept, idsIn(given))
    case 'Email/get':
      return emails(kept, given)
    case 'Email/query':
      return query(kept, given)
    case 'Preferences/get':
      return preferences(kept, given)
    case 'AddressBook/get':
    case 'ContactCard/query':
    case 'ContactCard/get':
    case 'ContactCard/changes':
      return contacts(kept, name, given)
    default:
      return undefined
  }
}

async function preferences(kept: Kept, given: JsonObject): Promise<object | undefined> {
  const found = await kept.preferences()
  return found && given['ids'] === null ? { ...found, notFound: [] } : undefined
}

/** All of them, and nothing has changed since. RFC 9610 §3 */
async function contacts(kept: Kept, name: string, given: JsonObject): Promise<object | undefined> {
  const found = await kept.contacts()
  if (!found) return undefined
  const { state, bookState, books, cards } = found
  if (name === 'AddressBook/get') return { state: bookState, list: books, notFound: [] }
  if (name === 'ContactCard/get') {
    const wanted = new Set(idsIn(given))
    return { state, list: cards.filter(({ id }) => wanted.has(id)), notFound: [] }
  }
  if (name === 'ContactCard/changes')
    return given['sinceState'] === state
      ? { oldState: state, newState: state, hasMoreChanges: false, created: [], updated: [], destroyed: [] }
      : undefined
  if (given['filter']) return undefined
  const position = Number(given['position'] ?? 0)
  const ids = cards.slice(position, position + Number(given['limit'] ?? cards.length)).map(({ id }) => id)
  return { queryState: state, canCalculateChanges: false, position, ids, total: cards.length }
}

function idsIn(given: JsonObject): readonly Id[] {
  return (given['ids'] ?? []) as readonly Id[]
}

function threads({ rows }: Kept, ids: readonly Id[]): object {
  const list = [...new Set(ids)].map(id => ({
    id,
    emailIds: [...rows.values()]
      .filter(row => row.threadId === id)
      .toSorted((a, b) => compare(a.receivedAt, b.receivedAt))
      .map(row => row.id),
  }))
  return { list, notFound: [], state: '' }
}

const ofRows: ReadonlySet<string> = new Set(rowProperties)

async function emails({ rows, letter, emailState }: Kept, given: JsonObject): Promise<object | undefined> {
  const wanted = (given['properties'] ?? []) as readonly string[]
  const needsLetter = wanted.some(one => !ofRows.has(one))
  const found: object[] = []
  for (const id of idsIn(given)) {
    const row = rows.get(id)
    const whole = needsLetter && row ? await letter(id) : undefined
    // what is not here may well be there
    if (!row || (needsLetter && !whole)) return undefined
    found.push({ ...whole, ...row })
  }
  return { list: found, notFound: [], state: emailState }
}

async function query(kept: Kept, given: JsonObject): Promise<object | undefined> {
  const filter = (given['filter'] ?? {}) as EmailFilter
  // of a mailbox that is not here nothing is known
  if ('inMailbox' in filter && !kept.mailboxes.list.some(({ id }) => id === filter.inMailbox)) return undefined
  const inside = await searchKept(kept, filter)
  if (!inside) return undefined
  const all = given['collapseThreads'] === true ? firstOfEach(inside) : inside
  const position = Number(given['position'] ?? 0)
  const limit = Number(given['limit'] ?? all.length)
  const ids = all.slice(position, position + limit).map(({ id }) => id)
  return { queryState: keptQueryState, canCalculateChanges: false, position, ids, total: all.length }
}

function firstOfEach(rows: readonly EmailRow[]): EmailRow[] {
  const seen = new Set<Id>()
  return rows.filter(({ threadId }) => !seen.has(threadId) && seen.add(threadId))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** RFC 8620 §3.7, with the paths that the model uses */
function resolved(given: JsonObject, responses: readonly Invocation[]): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!name.startsWith('#')) return [name, value]
      const { resultOf: from, path } = value as { readonly resultOf: string; readonly path: string }
      const result: unknown = responses.find(([, , id]) => id === from)?.[1]
      return [name.slice(1), valuesAt(result, path.slice(1).split('/')) as never]
    }),
  )
}

function valuesAt(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return value
  if (first === '*' && Array.isArray(value)) return value.flatMap(one => valuesAt(one, rest))
  return typeof value === 'object' && value !== null
    ? valuesAt((value as Readonly<Record<string, unknown>>)[first], rest)
    : undefined
}
