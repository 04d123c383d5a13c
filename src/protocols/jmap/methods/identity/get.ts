/** RFC 8621 §6.1 */
import { getOf } from '../../get.ts'
import { identitiesOf } from '../../identity/identities.ts'
import { submissionCapability } from '../../wire.ts'
import type { Identity } from '../../wire-sending.ts'

export const identityGet = getOf<Identity>({
  capability: submissionCapability,
  properties: ['id', 'name', 'email', 'replyTo', 'bcc', 'textSignature', 'htmlSignature', 'mayDelete'],
  async read(account, context) {
    const { list, state } = await identitiesOf(account, context.sending)
    return { state, all: list }
  },
})
