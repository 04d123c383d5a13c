/** Where in the program we are, as it stands in the address: `/mail/inbox`, `/mail/M12/T34`, `/mail/search/T34?q=…`, `/contacts/C5`. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'

export type Route = {
  /** A role, a mailbox's id, or `search` */
  readonly place: string
  /** What is searched for; there with the place `search` */
  readonly search: string | undefined
  readonly thread: Id | undefined
  /** There while the contacts are before the mail */
  readonly contacts?: ContactsPlace | undefined
}

export type ContactsPlace = {
  /** `new`: one that is being made */
  readonly card: Id | undefined
  readonly isEditing: boolean
  /** Its members alone */
  readonly group: Id | undefined
}

export const allContacts: ContactsPlace = { card: undefined, isEditing: false, group: undefined }

export const route: Signal<Route> = signal({ place: 'inbox', search: undefined, thread: undefined })

/** Asked before another place is gone to; false: whoever wants to stay sees to it, and goes there later. */
export const leaving: { ask: ((to: Route) => boolean) | undefined } = { ask: undefined }

export function parseRoute(path: string, query: string): Route {
  const [, inContacts] = /^\/contacts(?:\/(.*))?$/.exec(path) ?? []
  if (inContacts !== undefined || path === '/contacts')
    return { place: 'inbox', search: undefined, thread: undefined, contacts: parseContacts(inContacts ?? '', query) }
  const [place = 'inbox', thread] = path
    .replace(/^\/(?:mail\/?)?/, '')
    .split('/')
    .filter(part => part !== '')
    .map(decoded)
  const search = place === 'search' ? (new URLSearchParams(query).get('q') ?? '') : undefined
  return { place, search, thread: thread !== undefined && /^T\d+$/.test(thread) ? thread : undefined }
}

function parseContacts(path: string, query: string): ContactsPlace {
  const [card = '', act] = path.split('/')
  const group = new URLSearchParams(query).get('group') ?? ''
  const idOf = (text: string) => (/^[\w-]+$/.test(text) ? text : undefined)
  return { card: idOf(card), isEditing: card === 'new' || act === 'edit', group: idOf(group) }
}

function printContacts({ card, isEditing, group }: ContactsPlace): string {
  const path = ['/contacts', ...(card === undefined ? [] : [card]), ...(isEditing && card !== 'new' ? ['edit'] : [])]
  return path.join('/') + (group === undefined ? '' : `?${new URLSearchParams({ group }).toString()}`)
}

export function printRoute({ place, search, thread, contacts }: Route): string {
  if (contacts) return printContacts(contacts)
  const path = ['/mail', place, ...(thread === undefined ? [] : [thread])].map((part, at) =>
    at === 0 ? part : encodeURIComponent(part),
  )
  return path.join('/') + (search === undefined ? '' : `?${new URLSearchParams({ q: search }).toString()}`)
}

/** `replace`: going back does not come here again. */
export function go(to: Partial<Route>, { replace = false }: { readonly replace?: boolean } = {}): void {
  const next = { ...route.peek(), contacts: undefined, ...to }
  const address = printRoute(next)
  if (address === location.pathname + location.search) return
  if (leaving.ask?.(next) === false) return
  if (replace) history.replaceState(history.state, '', address)
  else history.pushState({ depth: depth() + 1, from: location.pathname }, '', address)
  route.value = next
}

/** Back to the list that we came from; where we came from elsewhere, the list takes our place. */
export function leaveThread(): void {
  if (route.peek().thread === undefined) return
  if (depth() > 0) history.back()
  else go({ thread: undefined }, { replace: true })
}

/** To a place among the contacts; what is not said stays. */
export function goContacts(to: Partial<ContactsPlace>, options?: { readonly replace?: boolean }): void {
  const isChange = to.card !== undefined || 'card' in to
  go({ contacts: { ...allContacts, ...route.peek().contacts, ...(isChange && { isEditing: false }), ...to } }, options)
}

/** Back to the list, or to the card before it was changed. */
export function leaveCard(): void {
  const { contacts } = route.peek()
  if (contacts?.card === undefined) return
  const isWithin = contacts.isEditing && contacts.card !== 'new'
  const { from = '' } = (history.state ?? {}) as { readonly from?: string }
  if (from.startsWith('/contacts') && (leaving.ask === undefined || contacts.card === 'new')) history.back()
  else goContacts({ card: isWithin ? contacts.card : undefined }, { replace: true })
}

/** Pages of ours in this tab's history before this one */
function depth(): number {
  const state = history.state as { readonly depth?: number } | null
  return state?.depth ?? 0
}

/** Follows the address from now on. */
export function followAddress(): () => void {
  const read = () => {
    const next = parseRoute(location.pathname, location.search)
    if (leaving.ask?.(next) === false) history.pushState({ depth: depth() + 1 }, '', printRoute(route.peek()))
    else route.value = next
  }
  read()
  addEventListener('popstate', read)
  return () => removeEventListener('popstate', read)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
