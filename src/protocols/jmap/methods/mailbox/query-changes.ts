/** RFC 8621 §2.4 */
import { printMailboxId } from '#mail/object-ids.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQueryChanges, queryChangesShape, resultOf } from '../../query-changes.ts'
import { printTypeState, sinceState } from '../../state.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { mailCapability, type QueryChangesResponse } from '../../wire.ts'
import { comparison, findMailboxes, mailboxQueryShape } from './query.ts'

const shape = { ...queryChangesShape, ...mailboxQueryShape }

export const mailboxQueryChanges: Method = {
  capability: mailCapability,
  async run(given, context): Promise<QueryChangesResponse> {
    const asked = checkArguments(given, shape)
    const compare = comparison(asked.sort ?? [])
    const account = await accountOf(asked.accountId, context)
    // in a tree those that did not change move along with those above them
    if (asked.sortAsTree || asked.filterAsTree) throw new MethodFault('cannotCalculateChanges', 'Not of a tree')
    const { gone, mailboxes, since, state } = await account.read(reader => {
      const since = sinceState(asked.sinceQueryState, reader.state, reader.state.types.mailbox)
      return { since, state: reader.state, mailboxes: reader.mailboxes(), gone: reader.mailboxesGone(since) }
    })
    const created = mailboxes.filter(({ createdModSeq }) => createdModSeq > since)
    const changed = mailboxes.filter(({ changedModSeq }) => changedModSeq > since)
    return answerQueryChanges(resultOf(findMailboxes(mailboxes, asked, compare)), asked, {
      changed: new Set([...gone, ...created, ...changed].map(one => printMailboxId(one.id))),
      created: new Set(created.map(one => printMailboxId(one.id))),
      newQueryState: printTypeState(state, 'mailbox'),
    })
  },
}
