/** Changes of emails on their way to the account, and the states before and after. RFC 8620 §5.3 */
import type { Account } from '#mail/account.ts'
import type { CreatedEmail, EmailChange, EmailRefusal } from '#mail/account-settings.ts'
import { printEmailId, printThreadId } from '#mail/object-ids.ts'
import { printLetterBlobId } from '../blob/id.ts'
import { maxCreationBytes } from '../limits.ts'
import { type MethodContext, MethodFault } from '../method.ts'
import { printState, wantedModSeq } from '../state.ts'
import type { Email, SetError } from '../wire.ts'
import { refusalError } from './create.ts'

export type CarriedOut = {
  /** In the order of the changes */
  readonly results: readonly (object | CreatedEmail | EmailRefusal)[]
  readonly oldState: string
  readonly newState: string
}

/**
 * In one commit, or in several when much is created. `ifInState` is compared where the first is made. What somebody else changed between two of
 * them lies behind the state that is answered: /changes will tell of it, and of ours that came after it once more.
 */
export async function carryOut(
  account: Account,
  changes: readonly EmailChange[],
  ifInState: string | undefined,
): Promise<CarriedOut> {
  const state = await account.read(reader => reader.state)
  const results: CarriedOut['results'][number][] = []
  let ifModSeq = wantedModSeq(ifInState, state)
  let known: { before: number; after: number; isWhole: boolean } | undefined
  for (const group of groupsOf(changes)) {
    const done = await account.setEmails(group, { ifModSeq })
    if ('refused' in done) throw new MethodFault('stateMismatch')
    ifModSeq = undefined
    results.push(...done.results)
    const isNext = known === undefined || (known.isWhole && known.after === done.before)
    known = {
      before: known?.before ?? done.before,
      after: isNext ? done.after : (known?.after ?? done.after),
      isWhole: isNext,
    }
  }
  const at = (modSeq: number) => printState({ epoch: state.epoch, modSeq })
  const { email } = state.types
  return { results, oldState: at(known?.before ?? email), newState: at(known?.after ?? email) }
}

/** At least one, which may be empty: the state is compared all the same. */
function groupsOf(changes: readonly EmailChange[]): readonly (readonly EmailChange[])[] {
  const groups: EmailChange[][] = [[]]
  let bytes = 0
  for (const change of changes) {
    const own = change.kind === 'create' ? change.message.sizeBytes : 0
    if (bytes > 0 && bytes + own > maxCreationBytes) {
      groups.push([])
      bytes = 0
    }
    bytes += own
    groups.at(-1)?.push(change)
  }
  return groups
}

export type CreatedProperties = Pick<Email, 'id' | 'blobId' | 'threadId' | 'size'>

/** What was created, with its creation id for later calls; or why not. */
export function outcome(
  result: CarriedOut['results'][number] | undefined,
  creationId: string,
  context: Pick<MethodContext, 'created'>,
): { readonly created: CreatedProperties } | { readonly error: SetError } {
  if (!result || 'refused' in result) return { error: refusalError(result ?? { refused: 'no-such-message' }) }
  const { email, sizeBytes, thread } = result as CreatedEmail
  const id = printEmailId(email)
  context.created.set(creationId, id)
  return { created: { id, blobId: printLetterBlobId(email), threadId: printThreadId(thread), size: sizeBytes } }
}
