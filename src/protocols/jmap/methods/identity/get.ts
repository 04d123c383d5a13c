/** RFC 8621 §6.1 */
import { askedIds, askedProperties, getShape, only } from '../../get.ts'
import { identitiesOf } from '../../identity/identities.ts'
import { accountOf, type Method } from '../../method.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type GetResponse, submissionCapability } from '../../wire.ts'
import type { Identity } from '../../wire-sending.ts'

const properties = [
  'id',
  'name',
  'email',
  'replyTo',
  'bcc',
  'textSignature',
  'htmlSignature',
  'mayDelete',
] as const satisfies readonly (keyof Identity)[]

export const identityGet: Method = {
  capability: submissionCapability,
  async run(given, context): Promise<GetResponse<Partial<Identity>>> {
    const asked = checkArguments(given, getShape)
    const wanted = askedProperties(asked.properties, properties)
    const ids = askedIds(asked.ids, context)
    const { state, list } = await identitiesOf(await accountOf(asked.accountId, context), context.sending)
    const found = ids ? ids.flatMap(id => list.find(one => one.id === id) ?? []) : list
    return {
      accountId: asked.accountId,
      state,
      list: found.map(one => only(one, wanted)),
      notFound: (ids ?? []).filter(id => !list.some(one => one.id === id)),
    }
  },
}
