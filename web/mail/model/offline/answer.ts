/**
 * What the server would say, from what is kept here: mailboxes, the letters of some of them, names to write by. Enough for lists, conversations and
 * answers; whatever else is asked for has no answer, and neither has anything that changes. RFC 8620 §5.1, 5.5; RFC 8621 §4
 */
import type { Id, Invocation, JsonObject, Mailbox } from '#protocols/jmap/wire.ts'
import type { Identity } from '#protocols/jmap/wire-sending.ts'
import type { Letter } from '../conversation.ts'
import { type EmailRow, rowProperties } from '../emails.ts'

export type Kept = {
  readonly mailboxes: { readonly state: string; readonly list: readonly Mailbox[] }
  readonly identities: readonly Identity[]
  readonly emailState: string
  /** By id, as they are after all that waits to be done */
  readonly rows: ReadonlyMap<Id, EmailRow>
  letter(id: Id): Promise<Letter | undefined>
}

/** No server has this state: whoever asks for changes since then is told to ask for everything. */
export const keptQueryState = 'kept-here'

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
    default:
      return undefined
  }
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

function query({ rows, mailboxes }: Kept, given: JsonObject): object | undefined {
  const filter = (given['filter'] ?? {}) as { readonly inMailbox?: Id }
  const names = Object.keys(filter)
  const { inMailbox } = filter
  if (names.length !== 1 || inMailbox === undefined || !mailboxes.list.some(({ id }) => id === inMailbox))
    return undefined
  const inside = [...rows.values()]
    .filter(row => row.mailboxIds[inMailbox] === true)
    .toSorted((a, b) => compare(b.receivedAt, a.receivedAt))
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
