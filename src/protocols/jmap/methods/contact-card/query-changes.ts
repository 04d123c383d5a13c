/** RFC 9610 §3.4. Whether a card is found, and where, is a matter of the card alone. */
import { printCardId } from '#formats/jscontact/ids.ts'
import type { ModSeq } from '#mail/ids.ts'
import { cardOrder, cardQueryShape } from '../../contacts/condition.ts'
import { checkKnown } from '../../contacts/state.ts'
import { maxChangesAtOnce } from '../../limits.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQueryChanges, queryChangesShape, resultOf } from '../../query-changes.ts'
import { printState, readModSeq } from '../../state.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import type { QueryChangesResponse } from '../../wire.ts'
import { contactsCapability } from '../../wire-contacts.ts'

const shape = { ...queryChangesShape, ...cardQueryShape }

export const contactCardQueryChanges: Method = {
  capability: contactsCapability,
  async run(given, context): Promise<QueryChangesResponse> {
    const asked = checkArguments(given, shape)
    const sort = cardOrder(asked.sort)
    const { contacts } = await accountOf(asked.accountId, context)
    const { epoch: known } = await contacts.read(reader => reader.state)
    const asOf = readModSeq(asked.sinceQueryState, known)
    const wanted = { filter: asked.filter, sort, since: asOf ?? 0, limit: maxChangesAtOnce }
    const { changes, epoch, ids } = await contacts.query(wanted)
    const since = epoch === known ? asOf : undefined
    checkKnown(since, changes)
    if (changes.more) throw new MethodFault('cannotCalculateChanges', 'More changed than can be told at once')
    const created = changes.changed.filter(one => !one.gone && one.createdModSeq > since)
    return answerQueryChanges(resultOf(Array.from(ids, printCardId)), asked, {
      changed: new Set(changes.changed.map(({ id }) => printCardId(id))),
      created: new Set(created.map(({ id }) => printCardId(id))),
      newQueryState: printState({ epoch, modSeq: changes.modSeq as ModSeq }),
    })
  },
}
