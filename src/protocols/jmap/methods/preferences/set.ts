/** Ours: `urn:hikyaku:jmap:preferences`, by the rules of RFC 8620 §5.3 for an object that is there once and always */
import type { Account } from '#mail/account.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { objectError } from '../../objects.ts'
import { patchedPreferences } from '../../preferences/patch.ts'
import { preferencesKind, preferencesOf } from '../../preferences/preferences.ts'
import { setShape } from '../../set.ts'
import { setSingleton, singleton } from '../../singleton.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type JsonObject, preferencesCapability, type SetError, type SetResponse } from '../../wire.ts'
import type { Preferences } from '../../wire-preferences.ts'

/** Devices that change it at the same moment: each patch is put onto what the other one left. */
const attempts = 8

export const preferencesSet: Method = {
  capability: preferencesCapability,
  async run(given, context): Promise<SetResponse<Preferences>> {
    const asked = checkArguments(given, setShape)
    const account = await accountOf(asked.accountId, context)
    const { state: oldState } = await preferencesOf(account)
    if (asked.ifInState !== undefined && asked.ifInState !== oldState) throw new MethodFault('stateMismatch')
    const done = await setSingleton(asked, async patch => await update(account, patch, asked.ifInState))
    return { accountId: asked.accountId, oldState, newState: (await preferencesOf(account)).state, ...done }
  },
}

/** The state is compared where the change is made: what was read is what has to be there still. */
async function update(
  account: Account,
  patch: JsonObject,
  ifInState: string | undefined,
): Promise<SetError | undefined> {
  for (let attempt = 1; ; attempt++) {
    const now = await preferencesOf(account)
    if (ifInState !== undefined && ifInState !== now.state) throw new MethodFault('stateMismatch')
    const next = patchedPreferences(now.preferences, patch)
    if ('type' in next) return next as SetError
    const value = JSON.stringify(next)
    if (value === now.stored) return undefined
    const change = { id: singleton, value, before: now.stored }
    const done = await account.setObjects(preferencesKind, [change], { dropOldest: false, ifModSeq: undefined })
    const result = 'refused' in done ? done : (done.results[0] ?? {})
    const isOvertaken = 'refused' in result && result.refused === 'changed'
    if (!isOvertaken || attempt === attempts) return objectError(result)
  }
}
