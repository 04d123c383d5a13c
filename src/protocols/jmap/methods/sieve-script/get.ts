/** RFC 9661 §2.3 */
import { askedIds, askedProperties, getShape, only } from '../../get.ts'
import { accountOf, type Method } from '../../method.ts'
import { sieveScriptOf } from '../../sieve/scripts.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type GetResponse, sieveCapability } from '../../wire.ts'
import type { SieveScript } from '../../wire-sending.ts'

const properties = ['id', 'name', 'blobId', 'isActive'] as const satisfies readonly (keyof SieveScript)[]

export const sieveScriptGet: Method = {
  capability: sieveCapability,
  async run(given, context): Promise<GetResponse<Partial<SieveScript>>> {
    const asked = checkArguments(given, getShape)
    const wanted = askedProperties(asked.properties, properties)
    const ids = askedIds(asked.ids, context)
    const account = await accountOf(asked.accountId, context)
    const { scripts, state } = await context.sending.scripts.all(account.id)
    const all = scripts.map(sieveScriptOf)
    const found = ids ? ids.flatMap(id => all.filter(one => one.id === id)) : all
    return {
      accountId: asked.accountId,
      state,
      list: found.map(one => only(one, wanted)),
      notFound: (ids ?? []).filter(id => !all.some(one => one.id === id)),
    }
  },
}
