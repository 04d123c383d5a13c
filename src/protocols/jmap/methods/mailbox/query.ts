/** RFC 8621 §2.3 */
import { type Filter, matches } from '#base/filter.ts'
import type { MailboxRecord } from '#mail/account-reader.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { casemapKey } from '#formats/charset/casemap.ts'
import { filterOf } from '../../filter.ts'
import { maxSortComparators } from '../../limits.ts'
import { placesOf } from '../../mailbox/tree.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQuery, queryShape } from '../../query.ts'
import { printTypeState } from '../../state.ts'
import {
  type Check,
  checkArguments,
  fallback,
  flag,
  id,
  list,
  nullable,
  object,
  optional,
  text,
} from '../../syntax/arguments.ts'
import { isObject } from '../../syntax/request.ts'
import { mailCapability, type QueryResponse } from '../../wire.ts'

type Condition = {
  readonly parentId: string | null | undefined
  readonly name: string | undefined
  readonly role: string | null | undefined
  readonly hasAnyRole: boolean | undefined
  readonly isSubscribed: boolean | undefined
}

function absent<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value, at) => (value === undefined ? undefined : check(value, at))
}

const conditionShape = {
  parentId: absent(nullable(id)),
  name: absent(text),
  role: absent(nullable(text)),
  hasAnyRole: absent(flag),
  isSubscribed: absent(flag),
}

const condition: Check<Condition> = (value, at) => {
  const unknown = isObject(value) ? Object.keys(value).find(name => !Object.hasOwn(conditionShape, name)) : undefined
  if (unknown !== undefined)
    throw new MethodFault('unsupportedFilter', `There is no condition “${unknown.slice(0, 100)}”`)
  return object(conditionShape)(value, at)
}

export const mailboxQueryShape = {
  filter: optional(filterOf(condition)),
  sort: optional(list(object({ property: text, isAscending: fallback(flag, true), collation: optional(text) }))),
  sortAsTree: fallback(flag, false),
  filterAsTree: fallback(flag, false),
}

const shape = { ...queryShape, ...mailboxQueryShape }

export const mailboxQuery: Method = {
  capability: mailCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    const compare = comparison(asked.sort ?? [])
    const account = await accountOf(asked.accountId, context)
    const { state, mailboxes } = await account.read(reader => ({ state: reader.state, mailboxes: reader.mailboxes() }))
    const canCalculateChanges = !asked.sortAsTree && !asked.filterAsTree
    return answerQuery(findMailboxes(mailboxes, asked, compare), asked, {
      queryState: printTypeState(state, 'mailbox'),
      canCalculateChanges,
    })
  },
}

export type AskedMailboxes = {
  readonly filter: Filter<Condition> | undefined
  readonly sortAsTree: boolean
  readonly filterAsTree: boolean
}

/** Their ids, in order */
export function findMailboxes(
  mailboxes: readonly MailboxRecord[],
  asked: AskedMailboxes,
  compare: (a: Shown, b: Shown) => number,
): readonly string[] {
  const places = placesOf(mailboxes)
  const all = mailboxes.map((mailbox): Shown => {
    const { name, parent } = places.get(mailbox.id) ?? { name: mailbox.name, parent: undefined }
    const parentId = parent === undefined ? null : printMailboxId(parent)
    return { mailbox, id: printMailboxId(mailbox.id), name, sortName: casemapKey(name), parentId }
  })
  const sorted = all.toSorted(compare)
  const ordered = asked.sortAsTree ? asTree(sorted) : sorted
  const found = asked.filter ? filtered(ordered, asked.filter, asked.filterAsTree) : ordered
  return found.map(one => one.id)
}

export type Shown = {
  readonly mailbox: MailboxRecord
  readonly id: string
  readonly name: string
  readonly sortName: string
  readonly parentId: string | null
}

export function comparison(
  sort: readonly { readonly property: string; readonly isAscending: boolean; readonly collation: string | undefined }[],
): (a: Shown, b: Shown) => number {
  if (sort.length > maxSortComparators)
    throw new MethodFault('unsupportedSort', `More than ${maxSortComparators} comparators`)
  const comparators = sort.map(({ property, isAscending, collation }) => {
    if (collation !== undefined && collation !== 'i;unicode-casemap')
      throw new MethodFault('unsupportedSort', 'Names are compared by i;unicode-casemap')
    const compare = comparatorOf(property)
    return isAscending ? compare : (a: Shown, b: Shown) => compare(b, a)
  })
  return (a, b) => {
    for (const compare of comparators) {
      const order = compare(a, b)
      if (order !== 0) return order
    }
    return a.mailbox.id - b.mailbox.id
  }
}

function comparatorOf(property: string): (a: Shown, b: Shown) => number {
  if (property === 'sortOrder') return (a, b) => a.mailbox.sortOrder - b.mailbox.sortOrder
  if (property === 'name') return (a, b) => (a.sortName < b.sortName ? -1 : Number(a.sortName > b.sortName))
  throw new MethodFault('unsupportedSort', `Mailboxes cannot be sorted by “${property.slice(0, 100)}”`)
}

/** Each parent before its children, these in the order they have. */
function asTree(sorted: readonly Shown[]): readonly Shown[] {
  const children = Map.groupBy(sorted, one => one.parentId)
  const below = (parent: string | null): readonly Shown[] =>
    (children.get(parent) ?? []).flatMap(one => [one, ...below(one.id)])
  return below(null)
}

/** `asTree`: what lies below one that does not match is left out too (§2.3). */
function filtered(all: readonly Shown[], filter: Filter<Condition>, tree: boolean): readonly Shown[] {
  const matching = new Map(all.map(one => [one.id, matches(filter, each => fits(one, each))]))
  const parents = new Map(all.map(one => [one.id, one.parentId]))
  return all.filter(({ id: own }) => {
    for (let at: string | null = own; at !== null; at = parents.get(at) ?? null) {
      if (!matching.get(at)) return false
      if (!tree) return true
    }
    return true
  })
}

function fits({ mailbox, name, parentId }: Shown, asked: Condition): boolean {
  return (
    (asked.parentId === undefined || asked.parentId === parentId) &&
    (asked.name === undefined ||
      name.normalize('NFKC').toLowerCase().includes(asked.name.normalize('NFKC').toLowerCase())) &&
    (asked.role === undefined || asked.role === (mailbox.role ?? null)) &&
    (asked.hasAnyRole === undefined || asked.hasAnyRole === (mailbox.role !== undefined)) &&
    (asked.isSubscribed === undefined || asked.isSubscribed === mailbox.subscribed)
  )
}
