/** RFC 8621 §7.2 */
import { accountOf, type Method } from '../../method.ts'
import { objectChanges, printKindState, sinceKindState } from '../../objects.ts'
import { noticeQueue } from '../../submission/status.ts'
import { submissionKind } from '../../submission/submissions.ts'
import { ArgumentFault, checkArguments, id, optional, text, unsigned } from '../../syntax/arguments.ts'
import { type ChangesResponse, submissionCapability } from '../../wire.ts'

const shape = { accountId: id, sinceState: text, maxChanges: optional(unsigned) }

export const emailSubmissionChanges: Method = {
  capability: submissionCapability,
  async run(given, context): Promise<ChangesResponse> {
    const asked = checkArguments(given, shape)
    if (asked.maxChanges === 0) throw new ArgumentFault('maxChanges should be more than 0')
    const account = await accountOf(asked.accountId, context)
    await noticeQueue(account, context.sending)
    return await account.read(reader => ({
      accountId: asked.accountId,
      oldState: asked.sinceState,
      newState: printKindState(reader, submissionKind),
      hasMoreChanges: false,
      ...objectChanges(
        reader,
        submissionKind,
        sinceKindState(asked.sinceState, reader, submissionKind),
        asked.maxChanges,
      ),
    }))
  },
}
