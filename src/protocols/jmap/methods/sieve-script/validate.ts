/** RFC 9661 §2.6 */
import { accountOf, type Method } from '../../method.ts'
import { scriptContent } from '../../sieve/content.ts'
import { checkArguments, id, idOrCreated } from '../../syntax/arguments.ts'
import { type Id, type SetError, sieveCapability } from '../../wire.ts'

const shape = { accountId: id, blobId: idOrCreated }

export const sieveScriptValidate: Method = {
  capability: sieveCapability,
  async run(given, context): Promise<{ readonly accountId: Id; readonly error: SetError | null }> {
    const asked = checkArguments(given, shape)
    const account = await accountOf(asked.accountId, context)
    const content = await scriptContent(asked.blobId, account.id, context)
    return { accountId: asked.accountId, error: 'error' in content ? content.error : null }
  },
}
