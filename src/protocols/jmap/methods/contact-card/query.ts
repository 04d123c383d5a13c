/** RFC 9610 §3.3 */
import { printCardId } from '#formats/jscontact/ids.ts'
import type { ModSeq } from '#mail/ids.ts'
import { cardOrder, cardQueryShape } from '../../contacts/condition.ts'
import { accountOf, type Method } from '../../method.ts'
import { answerQuery, queryShape } from '../../query.ts'
import { printState } from '../../state.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import type { QueryResponse } from '../../wire.ts'
import { contactsCapability } from '../../wire-contacts.ts'

const shape = { ...queryShape, ...cardQueryShape }

export const contactCardQuery: Method = {
  capability: contactsCapability,
  async run(given, context): Promise<QueryResponse> {
    const asked = checkArguments(given, shape)
    const sort = cardOrder(asked.sort)
    const { contacts } = await accountOf(asked.accountId, context)
    const { changes, epoch, ids } = await contacts.query({ filter: asked.filter, sort })
    return answerQuery(Array.from(ids, printCardId), asked, {
      queryState: printState({ epoch, modSeq: changes.modSeq as ModSeq }),
      canCalculateChanges: true,
    })
  },
}
