/** What SEARCH THREADID has to know before the view is looked at. RFC 8474 §6 */
import type { Account } from '#mail/account.ts'
import { readThreadId } from '#mail/object-ids.ts'
import type { SearchKey } from '../syntax/request.ts'
import { innerKeys } from '../syntax/search-keys.ts'
import type { Threads } from './key.ts'

export async function readThreads(key: SearchKey, account: Account): Promise<Threads> {
  const threads = new Map<string, ReadonlySet<number>>()
  for (const name of threadNames(key)) {
    const id = readThreadId(name)
    if (id !== undefined) threads.set(name, await account.threadEmails(id))
  }
  return threads
}

function threadNames(key: SearchKey): ReadonlySet<string> {
  if (key.key === 'THREADID') return new Set([key.id])
  return new Set(innerKeys(key).flatMap(inner => [...threadNames(inner)]))
}
