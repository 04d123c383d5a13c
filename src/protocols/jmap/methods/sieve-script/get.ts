/** RFC 9661 §2.3 */
import { getOf } from '../../get.ts'
import { sieveScriptOf } from '../../sieve/scripts.ts'
import { sieveCapability } from '../../wire.ts'
import type { SieveScript } from '../../wire-sending.ts'

export const sieveScriptGet = getOf<SieveScript>({
  capability: sieveCapability,
  properties: ['id', 'name', 'blobId', 'isActive'],
  async read(account, context) {
    const { scripts, state } = await context.sending.scripts.all(account.id)
    return { state, all: scripts.map(sieveScriptOf) }
  },
})
