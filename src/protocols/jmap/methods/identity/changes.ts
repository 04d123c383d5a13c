/** RFC 8621 §6.2. When the directory gives or takes addresses, changes are not known: the identities are few. */
import { identitiesOf, identityKind, isMadeId, stateParts } from '../../identity/identities.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { objectChanges } from '../../objects.ts'
import { sinceState } from '../../state.ts'
import { ArgumentFault, checkArguments, id, optional, text, unsigned } from '../../syntax/arguments.ts'
import { type ChangesResponse, submissionCapability } from '../../wire.ts'

const shape = { accountId: id, sinceState: text, maxChanges: optional(unsigned) }

export const identityChanges: Method = {
  capability: submissionCapability,
  async run(given, context): Promise<ChangesResponse> {
    const asked = checkArguments(given, shape)
    if (asked.maxChanges === 0) throw new ArgumentFault('maxChanges should be more than 0')
    const account = await accountOf(asked.accountId, context)
    const now = await identitiesOf(account, context.sending)
    const before = stateParts(asked.sinceState)
    const after = stateParts(now.state)
    if (!before || before.mark !== after?.mark)
      throw new MethodFault('cannotCalculateChanges', 'Changes since this state are not known')
    const found = await account.read(reader =>
      objectChanges(
        reader,
        identityKind,
        sinceState(before.numbers, reader.state, reader.kindState(identityKind).modSeq),
        asked.maxChanges,
      ),
    )
    const shown = new Set(now.list.map(one => one.id))
    // one of the user's addresses is always there, whether or not anything is kept of it
    const changed = [...found.created, ...found.updated].filter(one => shown.has(one))
    const created = found.created.filter(one => isMadeId(one) && shown.has(one))
    return {
      accountId: asked.accountId,
      oldState: asked.sinceState,
      newState: now.state,
      hasMoreChanges: false,
      created,
      updated: changed.filter(one => !created.includes(one)),
      destroyed: found.destroyed.filter(isMadeId),
    }
  },
}
