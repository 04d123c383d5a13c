/** RFC 8621 §2.3 */
import { type Filter, matches } from '#base/filter.ts'
import type { MailboxRecord } from '#mail/account-reader.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { casemapKey } from '#formats/charset/casemap.ts'
import { conditionOf, filterOf } from '../../filter.ts'
import { placesOf } from '../../mailbox/tree.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQuery, type Comparator, orderOf, queryShape, sortShape } from '../../query.ts'
import { printTypeState } from '../../state.ts'
import { type Check, checkArguments, fallback, flag, id, nullable, optional, text } from '../../syntax/arguments.ts'
import { mailCapability, type QueryResponse } from '../../wire.ts'

function absent<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value, at) => (value === undefined ? undefined : check(value, at))
}

const condition = conditionOf({
  parentId: absent(nullable(id)),
  name: absent(text),
  role: absent(nullable(text)),
  hasAnyRole: absent(flag),
  isSubscribed: absent(flag),
})
type Condition = ReturnType<typeof condition>

export const mailboxQueryShape = {
  filter: optional(filterOf(condition)),
  sort: sortShape,
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

export function comparison(sort: readonly Comparator[]): (a: Shown, b: Shown) => number {
  if (sort.some(({ collation }) => collation !== undefined && collation !== 'i;unicode-casemap'))
    throw new MethodFault('unsupportedSort', 'Names are compared by i;unicode-casemap')
  const order = orderOf<Shown>(sort, { sortOrder: one => one.mailbox.sortOrder, name: one => one.sortName })
  return (a, b) => order(a, b) || a.mailbox.id - b.mailbox.id
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
