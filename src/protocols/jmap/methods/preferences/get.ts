/** Ours: `urn:hikyaku:jmap:preferences`, by the rules of RFC 8620 §5.1 */
import { getOf } from '../../get.ts'
import { preferencesOf } from '../../preferences/preferences.ts'
import { singleton } from '../../singleton.ts'
import { preferencesCapability } from '../../wire.ts'
import type { Preferences } from '../../wire-preferences.ts'

export const preferencesGet = getOf<Preferences>({
  capability: preferencesCapability,
  properties: ['id', 'trustedSenders', 'labels'],
  async read(account) {
    const { preferences, state } = await preferencesOf(account)
    return { state, all: [{ ...preferences, id: singleton }] }
  },
})
