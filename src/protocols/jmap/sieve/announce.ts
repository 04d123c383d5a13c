/** Tells whoever watches the account that its scripts are others, or its vacation response, which is one of them. */
import type { Account } from '#mail/account.ts'
import type { Scripts } from '#mail/scripts.ts'
import { vacationKind, vacationOf } from '../vacation/vacations.ts'
import { sieveKind } from './scripts.ts'

export type ScriptStates = { readonly scripts: string; readonly vacation: string }

export async function scriptStates(scripts: Scripts, { id }: Pick<Account, 'id'>): Promise<ScriptStates> {
  const [{ state }, vacation] = [await scripts.all(id), await vacationOf(scripts, id)]
  return { scripts: state, vacation: vacation.state }
}

/** What they are now */
export async function announceScripts(account: Account, scripts: Scripts, before: ScriptStates): Promise<ScriptStates> {
  const now = await scriptStates(scripts, account)
  const say = (kind: string, state: string) =>
    account.setObjects(kind, [{ id: 'singleton', value: JSON.stringify(state) }], { dropOldest: true })
  if (now.scripts !== before.scripts) await say(sieveKind, now.scripts)
  if (now.vacation !== before.vacation) await say(vacationKind, now.vacation)
  return now
}
