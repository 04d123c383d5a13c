/** Which names LIST and LSUB answer: mailboxes, their missing parents, subscriptions. RFC 5258 §3 */
import type { Mailbox } from '#mail/account.ts'

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
  /** LSUB: a parent named by `%` stands for its subscribed children (RFC 3501 §6.3.9) */
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
export function listNames(
  mailboxes: readonly Mailbox[],
  subscriptions: readonly string[],
  selection: NameSelection,
): readonly ListedName[] {
  const entries = allNames(mailboxes, subscriptions)
  const meets = (entry: Entry) =>
    (!selection.subscribedOnly || entry.subscribed) &&
    (!selection.specialUseOnly || (entry.mailbox?.role !== undefined && entry.mailbox.role !== 'inbox')) &&
    (selection.subscribedOnly || entry.mailbox !== undefined || entry.hasChildren)
  const matches = patternMatcher(selection.patterns)
  for (const [name, entry] of entries) if (meets(entry)) markParents(entries, name, !matches(name))
  const listed: ListedName[] = []
  for (const [name, entry] of entries) {
    if (!matches(name)) continue
    const own = meets(entry)
    const childMatches = selection.recursive && entry.childMeets
    const parent = selection.subscribedParents === true && entry.childMeets
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

function patternMatcher(patterns: readonly string[]): (name: string) => boolean {
  return name => patterns.some(pattern => matchesPattern(pattern, name) || (name === 'INBOX' && isInbox(pattern)))
}

/** The inbox's name has no case, of ASCII letters: ı, a capital I elsewhere, is another letter. RFC 9051 §5.1 */
function isInbox(pattern: string): boolean {
  return matchesPattern(
    pattern.replaceAll(/[a-z]/g, letter => letter.toUpperCase()),
    'INBOX',
  )
}

/**
 * Wildcards without backtracking over more than the last one of each kind: time is pattern × name at worst, so that
 * `%*%*%*…` costs nothing.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  // reachable[i]: the first i characters of the name are matched by the pattern so far
  let reachable = new Uint8Array(name.length + 1)
  reachable[0] = 1
  for (const char of pattern
    .replaceAll(/[*%]*\*[*%]*/g, '*')
    .replaceAll(/%+/g, '%')
    .split('')) {
    const next = new Uint8Array(name.length + 1)
    let any = false
    for (let at = 0; at <= name.length; at += 1) {
      const carried = at > 0 && next[at - 1] === 1 && (char === '*' || (char === '%' && name[at - 1] !== '/'))
      const here =
        char === '*' || char === '%'
          ? reachable[at] === 1 || carried
          : at > 0 && reachable[at - 1] === 1 && name[at - 1] === char
      if (here) {
        next[at] = 1
        any = true
      }
    }
    if (!any) return false
    reachable = next
  }
  return reachable[name.length] === 1
}
