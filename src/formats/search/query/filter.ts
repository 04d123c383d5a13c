/** A query as a filter of JMAP's Email/query. RFC 8620 §5.5, RFC 8621 §4.4.1 */
import { momentAgo, periodOf, type QueryDate } from './dates.ts'
import { everywhere, plainName, roleNames } from './operators.ts'
import type { QueryProblem } from './problems.ts'
import type { DateOperator, Query, State, TextField } from './query.ts'

/** FilterCondition; `attachmentName` is ours (`searchCapability`) */
export type EmailFilterCondition = {
  readonly inMailbox?: string
  readonly before?: string
  readonly after?: string
  readonly minSize?: number
  readonly maxSize?: number
  readonly hasKeyword?: string
  readonly notKeyword?: string
  readonly hasAttachment?: boolean
  readonly text?: string
  readonly from?: string
  readonly to?: string
  readonly cc?: string
  readonly bcc?: string
  readonly subject?: string
  readonly body?: string
  readonly header?: readonly [string] | readonly [string, string]
  readonly attachmentName?: string
}

export type EmailFilter =
  | EmailFilterCondition
  | { readonly operator: 'AND' | 'OR' | 'NOT'; readonly conditions: readonly EmailFilter[] }

export type KnownMailbox = { readonly id: string; readonly name: string; readonly role: string | null }

/** What somebody calls a keyword */
export type KnownLabel = { readonly keyword: string; readonly name: string }

export type FilterScope = {
  /** Milliseconds since 1970 */
  readonly now: number
  /** IANA's name, as `Intl.DateTimeFormat().resolvedOptions().timeZone` tells it */
  readonly timeZone: string
  readonly mailboxes: readonly KnownMailbox[]
  readonly labels?: readonly KnownLabel[]
}

/** What a request that uses `attachmentName` has to name in `using` */
export const searchCapability = 'urn:hikyaku:jmap:search'

export function filterOfQuery(
  query: Query,
  scope: FilterScope,
): { readonly filter: EmailFilter; readonly problem?: undefined } | { readonly problem: QueryProblem } {
  const problem = unknownName(query, scope)
  return problem ? { problem } : { filter: compile(query, scope) }
}

function unknownName(query: Query, scope: FilterScope): QueryProblem | undefined {
  if (query.kind === 'and' || query.kind === 'or')
    return query.of.map(one => unknownName(one, scope)).find(one => one !== undefined)
  if (query.kind === 'not') return unknownName(query.of, scope)
  if (query.kind === 'label' && keywordNamed(query.label, scope) === undefined)
    return { code: 'unknown-label', at: query.at, length: query.length }
  if (query.kind !== 'in' || everywhere.has(plainName(query.mailbox))) return undefined
  if (mailboxesNamed(query.mailbox, scope).length > 0) return undefined
  return { code: 'unknown-mailbox', at: query.at, length: query.length }
}

function compile(query: Query, scope: FilterScope): EmailFilter {
  switch (query.kind) {
    case 'and':
    case 'or':
      return {
        operator: query.kind === 'and' ? 'AND' : 'OR',
        conditions: query.of.map(one => compile(one, scope)),
      }
    case 'not':
      return { operator: 'NOT', conditions: [compile(query.of, scope)] }
    case 'text':
      return inText('text', query.text)
    case 'field':
      return inField(query.field, query.text)
    case 'header':
      return { header: query.text === '' ? [query.name] : [query.name, query.text] }
    case 'attachment':
      return { hasAttachment: true }
    case 'in':
      return inMailbox(query.mailbox, scope)
    case 'label':
      return { hasKeyword: keywordNamed(query.label, scope) ?? '' }
    case 'is':
      return states[query.state]
    case 'date':
      return received(query.operator, query.date, scope)
    case 'size':
      return query.operator === 'larger' ? { minSize: query.octets } : { maxSize: query.octets }
  }
}

const states: Readonly<Record<State, EmailFilterCondition>> = {
  unread: { notKeyword: '$seen' },
  read: { hasKeyword: '$seen' },
  starred: { hasKeyword: '$flagged' },
  unstarred: { notKeyword: '$flagged' },
  answered: { hasKeyword: '$answered' },
  unanswered: { notKeyword: '$answered' },
  draft: { hasKeyword: '$draft' },
  forwarded: { hasKeyword: '$forwarded' },
}

function inField(field: TextField, text: string): EmailFilter {
  if (field === 'filename') return { attachmentName: text }
  return field === 'list' ? { header: ['List-Id', text] } : inText(field, text)
}

type TextCondition = 'text' | 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body'

/** §4.4.1: what stands in quotation marks is looked for as it stands. A text that has both kinds of them is looked for piece by piece. */
function inText(name: TextCondition, text: string): EmailFilter {
  const one = (quoted: string): EmailFilterCondition => ({ [name]: quoted })
  if (!text.includes('"')) return one(`"${text}"`)
  if (!text.includes("'")) return one(`'${text}'`)
  return {
    operator: 'AND',
    conditions: text
      .split('"')
      .filter(piece => piece !== '')
      .map(piece => one(`"${piece}"`)),
  }
}

function inMailbox(name: string, scope: FilterScope): EmailFilter {
  if (everywhere.has(plainName(name))) return { operator: 'AND', conditions: [] }
  const conditions = mailboxesNamed(name, scope).map(({ id }) => ({ inMailbox: id }))
  return conditions.length === 1 && conditions[0] ? conditions[0] : { operator: 'OR', conditions }
}

/** Of a label of that name; else what can be a keyword is one (RFC 8621 §4.1.1). */
function keywordNamed(name: string, { labels = [] }: FilterScope): string | undefined {
  const wanted = plainName(name)
  const found = labels.find(label => plainName(label.name) === wanted) ?? labels.find(label => label.keyword === wanted)
  if (found) return found.keyword
  return /^[!-~]{1,255}$/.test(wanted) && !/[(){\]%*"\\]/.test(wanted) ? wanted : undefined
}

/** All of that name; else the one whose role is called so. */
function mailboxesNamed(name: string, { mailboxes }: FilterScope): readonly KnownMailbox[] {
  const wanted = plainName(name)
  const named = mailboxes.filter(mailbox => plainName(mailbox.name) === wanted)
  if (named.length > 0) return named
  const role = roleNames.get(wanted)
  return role === undefined ? [] : mailboxes.filter(mailbox => mailbox.role === role)
}

/** `after` and `newer` include the day, or the moment, that is named; `before` and `older` do not. */
function received(operator: DateOperator, date: QueryDate, { now, timeZone }: FilterScope): EmailFilter {
  const isMoment = date.kind === 'ago' && (operator === 'older' || operator === 'newer' || date.unit === 'hour')
  const { from, to } = isMoment && operator !== 'on' ? momentPeriod(date, now, timeZone) : periodOf(date, now, timeZone)
  switch (operator) {
    case 'before':
    case 'older':
      return { before: utc(from) }
    case 'after':
    case 'newer':
      return { after: utc(from) }
    case 'on':
      return { after: utc(from), before: utc(to) }
  }
}

function momentPeriod(date: QueryDate & { readonly kind: 'ago' }, now: number, timeZone: string) {
  const moment = momentAgo(date, now, timeZone)
  return { from: moment, to: moment }
}

/** RFC 8620 §1.4: no fraction of a second that is zero */
function utc(moment: number): string {
  return new Date(Math.floor(moment / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}
