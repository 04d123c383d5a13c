/** What NOTIFY SET asks for, made ready for questions about one mailbox. RFC 5465 §5, §6 */
import { keptMailboxName } from '#mail/mailbox-name.ts'
import type { MailboxFilter } from '../syntax/mailbox-filter.ts'
import type { FetchItem, NotifyEvent, NotifyEventName, NotifyGroup } from '../syntax/request.ts'

/** What is to be told of a mailbox that is not selected. */
export type Interests = {
  /** MessageNew and MessageExpunge, which only come together */
  readonly messages: boolean
  readonly flags: boolean
  readonly names: boolean
  readonly subscriptions: boolean
  readonly metadata: boolean
}

/** What is to be told of the selected mailbox. */
export type SelectedInterests = {
  /** SELECTED, and not SELECTED-DELAYED: removals are told at any time (§6.1) */
  readonly immediate: boolean
  readonly flags: boolean
  /** What is fetched of new messages; without them EXISTS is enough */
  readonly items: readonly FetchItem[]
}

/** What filters ask besides the name. */
export type Standing = {
  readonly subscribed: boolean
  /** Messages may be delivered there (§6.3) */
  readonly delivered: boolean
}

const nothing: Interests = { messages: false, flags: false, names: false, subscriptions: false, metadata: false }

/** Interests remembered by name: a delivery asks every watch there is. */
const maxRemembered = 1000

export class Watch {
  /** Undefined: nothing is told of it */
  readonly selected: SelectedInterests | undefined
  readonly serverMetadata: boolean
  readonly #groups: readonly { readonly filter: NameFilter; readonly interests: Interests }[]
  readonly #remembered = new Map<string, Interests>()

  /** Without groups: NOTIFY NONE. */
  constructor(groups: readonly NotifyGroup[]) {
    this.selected = groups.map(selectedInterests).find(interests => interests !== undefined)
    this.serverMetadata = groups.some(({ events }) => has(events, 'ServerMetadataChange'))
    this.#groups = groups.flatMap(({ filter, events }) => {
      const ofName = nameFilter(filter)
      return ofName ? [{ filter: ofName, interests: interestsIn(events) }] : []
    })
  }

  /** All groups that name the mailbox count together (§6). */
  interestsIn(name: string, standing: Standing): Interests {
    const key = `${standing.subscribed ? 's' : '-'}${standing.delivered ? 'd' : '-'}${name}`
    let interests = this.#remembered.get(key)
    if (!interests) {
      interests = this.#groups
        .filter(({ filter }) => filter(name, standing))
        .reduce((sum, group) => both(sum, group.interests), nothing)
      if (this.#remembered.size >= maxRemembered) this.#remembered.clear()
      this.#remembered.set(key, interests)
    }
    return interests
  }
}

function selectedInterests({ filter, events }: NotifyGroup): SelectedInterests | undefined {
  if ((filter.filter !== 'SELECTED' && filter.filter !== 'SELECTED-DELAYED') || events.length === 0) return undefined
  const items = events.flatMap(event => (event.event === 'MessageNew' ? event.items : []))
  return { immediate: filter.filter === 'SELECTED', flags: has(events, 'FlagChange'), items }
}

function interestsIn(events: readonly NotifyEvent[]): Interests {
  return {
    messages: has(events, 'MessageNew'),
    flags: has(events, 'FlagChange'),
    names: has(events, 'MailboxName'),
    subscriptions: has(events, 'SubscriptionChange'),
    metadata: has(events, 'MailboxMetadataChange'),
  }
}

function has(events: readonly NotifyEvent[], name: NotifyEventName): boolean {
  return events.some(({ event }) => event === name)
}

function both(a: Interests, b: Interests): Interests {
  return {
    messages: a.messages || b.messages,
    flags: a.flags || b.flags,
    names: a.names || b.names,
    subscriptions: a.subscriptions || b.subscriptions,
    metadata: a.metadata || b.metadata,
  }
}

type NameFilter = (name: string, standing: Standing) => boolean

/** Undefined for the selected mailbox, whatever its name; and for what NOTIFY does not have. */
function nameFilter(filter: MailboxFilter): NameFilter | undefined {
  switch (filter.filter) {
    case 'SELECTED':
    case 'SELECTED-DELAYED':
    case 'SUBTREE-ONE':
      return undefined
    case 'INBOXES':
      return (_name, { delivered }) => delivered
    // all mailboxes are the person's own
    case 'PERSONAL':
      return () => true
    case 'SUBSCRIBED':
      return (_name, { subscribed }) => subscribed
    case 'MAILBOXES': {
      const names = keptNames(filter.mailboxes)
      return name => names.has(name)
    }
    case 'SUBTREE': {
      const names = keptNames(filter.mailboxes)
      return name => isBelow(name, names)
    }
    default:
      return filter satisfies never
  }
}

/** Names of mailboxes that do not exist are kept: they may come (§3.1: till then they are ignored). */
function keptNames(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(name => keptMailboxName(name) ?? name))
}

function isBelow(name: string, tops: ReadonlySet<string>): boolean {
  for (let at = name.length; at > 0; at = name.lastIndexOf('/', at - 1)) if (tops.has(name.slice(0, at))) return true
  return false
}
