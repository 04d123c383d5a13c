/** What reads, writes and makes scripts active in steps: one at a time for each account. */
import type { AccountId } from '#mail/ids.ts'

const turns = new Map<AccountId, Promise<unknown>>()

export async function inTurn<Value>(account: AccountId, act: () => Promise<Value>): Promise<Value> {
  const turn = (turns.get(account) ?? Promise.resolve()).then(act, act)
  const settled = turn.catch(() => undefined)
  turns.set(account, settled)
  try {
    return await turn
  } finally {
    if (turns.get(account) === settled) turns.delete(account)
  }
}
