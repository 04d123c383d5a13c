/** Which names LIST and LSUB answer: mailboxes, their missing parents, subscriptions. RFC 5258 §3 */
import type { Mailbox } from '#mail/account.ts'
import { namesMatching } from './list-patterns.ts'
import type { Steps } from './order/slices.ts'

export type ListedName = {
  readonly name: string
  /** Undefined for a name that cannot be selected */
  readonly mailbox: Mailbox | undefined
  readonly subscribed: boolean
  readonly hasChildren: boolean
  /** Meets the selection by itself */
  readonly meets: boolean
  /** A child below it meets the selection (RECURSIVEMATCH) */
  readonly childMatches: boolean
}

export type NameSelection = {
  /** Reference and pattern put together: `*` any characters, `%` any but the separator */
  readonly patterns: readonly string[]
  readonly subscribedOnly: boolean
  readonly recursive: boolean
  readonly specialUseOnly: boolean
  /** LSUB: a parent named by `%` stands for its subscribed children that are not named themselves (RFC 3501 §6.3.9) */
  readonly subscribedParents?: boolean
}

type Entry = {
  mailbox: Mailbox | undefined
  subscribed: boolean
  hasChildren: boolean
  childMeets: boolean
  /** A child that meets the selection, but matches no pattern */
  childHidden: boolean
}

/** Ascending by name, the inbox first. */
export function* listNames(
  mailboxes: readonly Mailbox[],
  subscriptions: readonly string[],
  selection: NameSelection,
): Steps<readonly ListedName[]> {
  const entries = allNames(mailboxes, subscriptions)
  const meets = (entry: Entry) =>
    (!selection.subscribedOnly || entry.subscribed) &&
    (!selection.specialUseOnly || (entry.mailbox?.role !== undefined && entry.mailbox.role !== 'inbox')) &&
    (selection.subscribedOnly || entry.mailbox !== undefined || entry.hasChildren)
  const matching = yield* namesMatching(entries.keys(), selection.patterns)
  for (const [name, entry] of entries) if (meets(entry)) markParents(entries, name, !matching.has(name))
  const listed: ListedName[] = []
  for (const [name, entry] of entries) {
    if (!matching.has(name)) continue
    const own = meets(entry)
    const childMatches = selection.recursive && entry.childMeets
    const parent = selection.subscribedParents === true && entry.childMeets && entry.childHidden
    // RFC 9051 §6.3.9.6: a name that does not meet the selection stands only for children that are not named themselves
    if (!own && !(childMatches && entry.childHidden) && !parent) continue
    listed.push({
      name,
      mailbox: entry.mailbox,
      subscribed: entry.subscribed,
      hasChildren: entry.hasChildren,
      meets: own,
      childMatches,
    })
  }
  return listed.sort(byName)
}

type Known = { readonly byName: ReadonlyMap<string, Mailbox>; readonly parents: ReadonlySet<string> }
/** Many sessions are told of one change: the account gives all of them one list. */
const knownOf = new WeakMap<readonly Mailbox[], Known>()

/** One name by itself; undefined where there is neither a mailbox nor one below it. */
export function listedName(name: string, mailboxes: readonly Mailbox[]): ListedName | undefined {
  let known = knownOf.get(mailboxes)
  if (!known) {
    const parents = new Set(mailboxes.flatMap(mailbox => parentsOf(mailbox.name)))
    known = { byName: new Map(mailboxes.map(mailbox => [mailbox.name, mailbox])), parents }
    knownOf.set(mailboxes, known)
  }
  const mailbox = known.byName.get(name)
  const hasChildren = known.parents.has(name)
  if (!mailbox && !hasChildren) return undefined
  return { name, mailbox, subscribed: mailbox?.subscribed ?? false, hasChildren, meets: true, childMatches: false }
}

function byName(a: ListedName, b: ListedName): number {
  if (a.name === 'INBOX' || b.name === 'INBOX') return a.name === 'INBOX' ? (b.name === 'INBOX' ? 0 : -1) : 1
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

function allNames(mailboxes: readonly Mailbox[], subscriptions: readonly string[]): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  const entryOf = (name: string) => {
    let entry = entries.get(name)
    if (!entry) {
      entry = { mailbox: undefined, subscribed: false, hasChildren: false, childMeets: false, childHidden: false }
      entries.set(name, entry)
    }
    return entry
  }
  for (const mailbox of mailboxes) {
    entryOf(mailbox.name).mailbox = mailbox
    for (const parent of parentsOf(mailbox.name)) entryOf(parent).hasChildren = true
  }
  for (const name of subscriptions) {
    entryOf(name).subscribed = true
    for (const parent of parentsOf(name)) entryOf(parent)
  }
  return entries
}

function markParents(entries: Map<string, Entry>, name: string, isHidden: boolean): void {
  for (const parent of parentsOf(name)) {
    const entry = entries.get(parent)
    if (!entry) continue
    entry.childMeets = true
    entry.childHidden ||= isHidden
  }
}

function parentsOf(name: string): readonly string[] {
  const parents: string[] = []
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) parents.push(name.slice(0, at))
  return parents
}
