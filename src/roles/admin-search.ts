/** The search index of a user: how far it is behind, and built anew. */
import { z } from 'zod'
import type { AccountId } from '#mail/ids.ts'
import type { AccountLag, SearchUpkeep } from '#mail/search-index.ts'
import { notRunning, operation, type Operation, type Refused } from './admin-operation.ts'

export type { AccountLag }

const ofUser = z.strictObject({ address: z.string().min(1).max(320) })

const noSuchUser: Refused = {
  refused: 'no-such-user',
  text: { en: 'there is no such user', ja: 'その利用者はいません' },
}

function onIndex(name: string, run: (search: SearchUpkeep, account: AccountId) => Promise<unknown>): Operation {
  return operation(name, ofUser, async ({ directory, search }, { address }) => {
    if (!search || !directory) return notRunning
    const user = await directory.user(address)
    return user ? run(search, user.account) : noSuchUser
  })
}

export const searchOperations: readonly Operation[] = [
  onIndex('search.status', (search, account) => search.lagOf(account)),
  onIndex('search.rebuild', async (search, account) => {
    await search.rebuild(account)
    return {}
  }),
]
