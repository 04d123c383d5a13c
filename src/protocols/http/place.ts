/** Where a browser believes to be, for passkeys, which are bound to it. */
import type { Place } from '#mail/access/passkeys.ts'
import { ownOrigin } from '../jmap/origin.ts'
import type { HttpVisit } from './site.ts'

/** Undefined where the Host field names no host. */
export function placeOf({ request, secure }: HttpVisit): Place | undefined {
  const named = ownOrigin(request, secure)
  if (named === undefined) return undefined
  // as a browser writes it: without the scheme's own port
  const { origin, hostname } = new URL(named)
  return { origin, host: hostname }
}
