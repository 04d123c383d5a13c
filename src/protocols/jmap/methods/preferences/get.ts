/** Ours: `urn:hikyaku:jmap:preferences`, by the rules of RFC 8620 §5.1 */
import { askedIds, askedProperties, getShape } from '../../get.ts'
import { accountOf, type Method } from '../../method.ts'
import { preferencesOf } from '../../preferences/preferences.ts'
import { singleton, singletonIn } from '../../singleton.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type GetResponse, preferencesCapability } from '../../wire.ts'
import type { Preferences } from '../../wire-preferences.ts'

const properties = ['id', 'trustedSenders', 'labels'] as const satisfies readonly (keyof Preferences)[]

export const preferencesGet: Method = {
  capability: preferencesCapability,
  async run(given, context): Promise<GetResponse<Partial<Preferences>>> {
    const asked = checkArguments(given, getShape)
    const wanted = askedProperties(asked.properties, properties)
    const ids = askedIds(asked.ids, context)
    const { state, preferences } = await preferencesOf(await accountOf(asked.accountId, context))
    return {
      accountId: asked.accountId,
      state,
      ...singletonIn({ ...preferences, id: singleton }, ids, wanted),
    }
  },
}
