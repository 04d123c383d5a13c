/** Where in the program we are, as it stands in the address: `/mail/inbox`, `/mail/M12/T34`, `/mail/search/T34?q=…`. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'

export type Route = {
  /** A role, a mailbox's id, or `search` */
  readonly place: string
  /** What is searched for; there with the place `search` */
  readonly search: string | undefined
  readonly thread: Id | undefined
}

export const route: Signal<Route> = signal({ place: 'inbox', search: undefined, thread: undefined })

export function parseRoute(path: string, query: string): Route {
  const [place = 'inbox', thread] = path
    .replace(/^\/(?:mail\/?)?/, '')
    .split('/')
    .filter(part => part !== '')
    .map(decoded)
  const search = place === 'search' ? (new URLSearchParams(query).get('q') ?? '') : undefined
  return { place, search, thread: thread !== undefined && /^T\d+$/.test(thread) ? thread : undefined }
}

export function printRoute({ place, search, thread }: Route): string {
  const path = ['/mail', place, ...(thread === undefined ? [] : [thread])].map((part, at) =>
    at === 0 ? part : encodeURIComponent(part),
  )
  return path.join('/') + (search === undefined ? '' : `?${new URLSearchParams({ q: search }).toString()}`)
}

/** `replace`: going back does not come here again. */
export function go(to: Partial<Route>, { replace = false }: { readonly replace?: boolean } = {}): void {
  const next = { ...route.peek(), ...to }
  const address = printRoute(next)
  if (address === location.pathname + location.search) return
  if (replace) history.replaceState(history.state, '', address)
  else history.pushState({ depth: depth() + 1 }, '', address)
  route.value = next
}

/** Back to the list that we came from; where we came from elsewhere, the list takes our place. */
export function leaveThread(): void {
  if (route.peek().thread === undefined) return
  if (depth() > 0) history.back()
  else go({ thread: undefined }, { replace: true })
}

/** Pages of ours in this tab's history before this one */
function depth(): number {
  const state = history.state as { readonly depth?: number } | null
  return state?.depth ?? 0
}

/** Follows the address from now on. */
export function followAddress(): () => void {
  const read = () => (route.value = parseRoute(location.pathname, location.search))
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
