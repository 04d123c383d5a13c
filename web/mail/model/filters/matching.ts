/**
 * Which letters of a mailbox, or of all, a filter fits: the server's index finds those that may, what it can only guess at is looked at here. Bodies and attachments are the
 * index's word (substrings without case and width; what JMAP calls an attachment), which Sieve may see a little otherwise.
 */
import type { Condition, Filter, TextTest } from '#formats/sieve/filters/filter.ts'
import type { Email, EmailAddress, Id, JsonObject } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { everythingIn } from '../bulk/everything.ts'

export type Matches = {
  /** The newest first */
  readonly ids: readonly Id[]
  /** There may be more: only so many were looked at */
  readonly isCut: boolean
}

/** So many are looked at one by one: ten requests */
const maxLooked = 5_000

export async function matchesOf(client: Client, filter: Filter, here: Here, signal: AbortSignal): Promise<Matches> {
  const asked = candidates(filter, here)
  const found = await everythingIn(client, { filter: asked, mailbox: undefined }, { signal, onFound: () => undefined })
  const isExact = filter.conditions.every(one => isKnownByIndex(one))
  if (isExact) return { ids: [...found.ids], isCut: found.ids.size < found.total }
  const looked = [...found.ids].slice(0, maxLooked)
  const bodies = await bodyMatches(client, filter, here, signal)
  const ids: Id[] = []
  for (let at = 0; at < looked.length; at += client.limits.maxObjectsInGet) {
    signal.throwIfAborted()
    const calls = client.batch()
    const piece = looked.slice(at, at + client.limits.maxObjectsInGet)
    const get = calls.call('Email/get', { ids: piece, properties: propertiesFor(filter) })
    const list = (await client.send(calls, { signal })).of(get).list as readonly LetterFacts[]
    const fitting = new Set(list.filter(facts => fits(filter, facts, bodies)).map(({ id }) => id))
    ids.push(...piece.filter(id => fitting.has(id)))
  }
  return { ids, isCut: looked.length < found.total }
}

type Asked = JsonObject
/** Where is looked: acting.ts */
type Here = JsonObject

/** A query that finds at least what the filter fits. */
export function candidates({ conditions, match }: Filter, here: Here): Asked {
  const all = conditions.map(asCandidates)
  if (match === 'any' && all.some(one => one === undefined)) return here
  const known = all.filter(one => one !== undefined)
  if (known.length === 0) return here
  return { operator: 'AND', conditions: [here, { operator: match === 'all' ? 'AND' : 'OR', conditions: known }] }
}

function asCandidates(condition: Condition): Asked | undefined {
  const asked = asQuery(condition)
  if (!isNegative(condition)) return asked
  return isKnownByIndex(condition) ? { operator: 'NOT', conditions: [asked] } : undefined
}

function isNegative({ kind, ...rest }: Condition): boolean {
  return kind !== 'size' && 'test' in rest && ['notContains', 'isNot', 'hasNot'].includes(rest.test)
}

function isKnownByIndex({ kind }: Condition): boolean {
  return kind === 'body' || kind === 'attachment' || kind === 'size'
}

/** What the condition asks, without its "not" */
function asQuery(condition: Condition): Asked {
  switch (condition.kind) {
    case 'from':
      return { from: phrase(condition.value) }
    case 'to':
      return { operator: 'OR', conditions: [{ to: phrase(condition.value) }, { cc: phrase(condition.value) }] }
    case 'subject':
      return { subject: phrase(condition.value) }
    case 'list':
      return { header: ['List-Id', condition.value] }
    case 'header':
      return { header: [condition.name, condition.value] }
    case 'body':
      return { body: phrase(condition.value) }
    case 'attachment':
      return { hasAttachment: true }
    case 'size':
      return condition.test === 'over' ? { minSize: octets(condition) + 1 } : { maxSize: octets(condition) }
    default:
      return condition satisfies never
  }
}

/** A quotation mark cannot be quoted: then its words, in any order, find more than is asked for. */
function phrase(value: string): string {
  return value.includes('"') ? value.replaceAll('"', ' ') : `"${value}"`
}

function octets({ amount, unit }: Extract<Condition, { kind: 'size' }>): number {
  return amount * (unit === 'K' ? 1024 : 1024 * 1024)
}

export type LetterFacts = Pick<Email, 'id' | 'from' | 'to' | 'cc' | 'subject' | 'size' | 'hasAttachment'> & {
  readonly [header: `header:${string}`]: readonly string[] | null | undefined
}

function propertiesFor({ conditions }: Filter): readonly string[] {
  const headers = conditions.flatMap(one =>
    one.kind === 'header' ? [headerProperty(one.name)] : one.kind === 'list' ? [headerProperty('List-Id')] : [],
  )
  return ['id', 'from', 'to', 'cc', 'subject', 'size', 'hasAttachment', ...new Set(headers)]
}

/** RFC 8621 §4.1.2.2: what these fields hold cannot be asked for as text */
const structured =
  /^(?:date|from|sender|reply-to|to|cc|bcc|message-id|in-reply-to|references|resent-.*|return-path|received|list-(?:help|unsubscribe|subscribe|post|owner|archive))$/i

function headerProperty(name: string): `header:${string}` {
  return `header:${name}:${structured.test(name) ? 'asRaw' : 'asText'}:all`
}

/** Ids by the words that they hold */
type Bodies = ReadonlyMap<string, ReadonlySet<Id>>

async function bodyMatches(client: Client, { conditions }: Filter, here: Here, signal: AbortSignal): Promise<Bodies> {
  const words = conditions.flatMap(one => (one.kind === 'body' ? [one.value] : []))
  const found = new Map<string, ReadonlySet<Id>>()
  for (const word of new Set(words)) {
    const filter = { operator: 'AND', conditions: [here, { body: phrase(word) }] }
    const { ids } = await everythingIn(client, { filter, mailbox: undefined }, { signal, onFound: () => undefined })
    found.set(word, ids)
  }
  return found
}

export function fits({ conditions, match }: Filter, facts: LetterFacts, bodies: Bodies = new Map()): boolean {
  const isTrue = (condition: Condition) => holds(condition, facts, bodies)
  return match === 'all' ? conditions.every(isTrue) : conditions.some(isTrue)
}

function holds(condition: Condition, facts: LetterFacts, bodies: Bodies): boolean {
  switch (condition.kind) {
    case 'from':
      return holdsAddress(condition, facts.from)
    case 'to':
      return holdsAddress(condition, [...(facts.to ?? []), ...(facts.cc ?? [])])
    case 'subject':
      return holdsText(condition.test, facts.subject === null ? [] : [facts.subject], condition.value)
    case 'list': {
      const { test, value } = condition
      const written = {
        contains: value,
        notContains: value,
        is: `<${value}>`,
        isNot: `<${value}>`,
        begins: `<${value}`,
      }
      const isNot = test === 'notContains' || test === 'isNot'
      return holdsText(isNot ? 'notContains' : 'contains', facts[headerProperty('List-Id')] ?? [], written[test])
    }
    case 'header':
      return holdsText(condition.test, facts[headerProperty(condition.name)] ?? [], condition.value)
    case 'body':
      return (bodies.get(condition.value)?.has(facts.id) ?? false) === (condition.test === 'contains')
    case 'attachment':
      return facts.hasAttachment === (condition.test === 'has')
    case 'size':
      return condition.test === 'over' ? facts.size > octets(condition) : facts.size < octets(condition)
    default:
      return condition satisfies never
  }
}

function holdsAddress(
  { test, value }: Extract<Condition, { kind: 'from' | 'to' }>,
  addresses: readonly EmailAddress[] | null,
): boolean {
  const all = addresses ?? []
  const emails = all.map(({ email }) => email)
  if (test === 'domain') return emails.some(email => folded(email.slice(email.lastIndexOf('@') + 1)) === folded(value))
  if (test === 'contains' || test === 'notContains')
    return holdsText(
      test,
      all.map(({ name, email }) => (name === null ? email : `${name} <${email}>`)),
      value,
    )
  return holdsText(test, emails, value)
}

function holdsText(test: TextTest, texts: readonly string[], value: string): boolean {
  const wanted = folded(value)
  const all = texts.map(text => folded(text.trim()))
  switch (test) {
    case 'contains':
      return all.some(text => text.includes(wanted))
    case 'notContains':
      return !all.some(text => text.includes(wanted))
    case 'is':
      return all.includes(wanted)
    case 'isNot':
      return !all.includes(wanted)
    case 'begins':
      return all.some(text => text.startsWith(wanted))
    default:
      return test satisfies never
  }
}

/** i;ascii-casemap, as the script compares (RFC 4790 §9.2) */
function folded(text: string): string {
  return text.replaceAll(/[A-Z]+/g, letters => letters.toLowerCase())
}
