/** UIDONLY: messages have no numbers, neither in requests nor in responses. RFC 9586 */
import type { MailboxView } from '#mail/account-view.ts'
import type { Request } from './syntax/request.ts'
import { savedResult } from './syntax/sequence-set.ts'
import { someKey } from './syntax/search-keys.ts'

/** How the FETCH response of a message begins. RFC 9586 §3.3 */
export function fetchStart(view: MailboxView, index: number, uidOnly: boolean | undefined): string {
  return uidOnly ? `* ${view.uid(index)} UIDFETCH (` : `* ${index + 1} FETCH (`
}

/** RFC 9586 §3: with UIDONLY such a request is refused. */
export function usesNumbers(request: Request): boolean {
  if ('byUid' in request && !request.byUid) return true
  // §3.5
  if ('key' in request)
    return someKey(request.key, key => key.key === 'SEQUENCE' && 'set' in key && key.set !== savedResult)
  // §3.7
  return 'resync' in request && request.resync?.matches !== undefined
}
