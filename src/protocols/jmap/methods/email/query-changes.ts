/** RFC 8621 §4.5 */
import type { Account, EmailColumns } from '#mail/account.ts'
import type { EmailId } from '#mail/ids.ts'
import { printEmailId, readEmailId } from '#mail/object-ids.ts'
import { maxChangesAtOnce } from '../../limits.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { answerQueryChanges, type NewResult, queryChangesShape } from '../../query-changes.ts'
import { sinceState } from '../../state.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type JsonObject, mailCapability, type QueryChangesResponse } from '../../wire.ts'
import { emailQueryShape, findInOrder } from './query.ts'

const shape = { ...queryChangesShape, ...emailQueryShape }

export const emailQueryChanges: Method = {
  capability: mailCapability,
  async run(given, context): Promise<QueryChangesResponse> {
    const asked = checkArguments(given, shape)
    const account = await accountOf(asked.accountId, context)
    const state = await account.read(reader => reader.state)
    const since = sinceState(asked.sinceQueryState, state, state.types.email)
    const { columns, shown, state: newQueryState } = await findInOrder(account, asked, context)
    // read after the columns: what changed between the two is told too much now, and again next time
    const { changed, created } = await changesSince(account, since)
    if (asked.collapseThreads || asksForThreads(given)) await addThreads(account, since, columns, changed)
    return answerQueryChanges(resultIn(columns, shown), asked, { changed, created, newQueryState })
  },
}

/** Of a hundred thousand only those are named that are told. */
function resultIn({ ids }: EmailColumns, shown: Uint32Array): NewResult {
  return {
    length: shown.length,
    placesOf(changed) {
      const emails = new Set<number>([...changed].map(id => readEmailId(id) ?? -1))
      const added: { readonly id: string; readonly index: number }[] = []
      for (const [index, place] of shown.entries()) {
        const email = ids[place] ?? 0
        if (emails.has(email)) added.push({ id: printEmailId(email as EmailId), index })
      }
      return added
    },
  }
}

async function changesSince(account: Account, since: number) {
  const found = await account.emailChanges(since, maxChangesAtOnce)
  if (!found.complete || found.more) throw tooMuch()
  const changed = new Set(found.changes.map(({ id }) => printEmailId(id)))
  const created = found.changes.filter(({ kind }) => kind === 'created').map(({ id }) => printEmailId(id))
  return { changed, created: new Set(created) }
}

function tooMuch(): MethodFault {
  return new MethodFault('cannotCalculateChanges', 'More changed than can be told')
}

/** Whether an email is shown, or where, may then depend on the others of its thread. A word that looks like it does no harm. */
function asksForThreads({ filter = null, sort = null }: JsonObject): boolean {
  return /InThreadHaveKeyword"/.test(JSON.stringify([filter, sort]))
}

/** All of each thread that has or had one that changed: an email that came or went, or one whose keywords are others */
async function addThreads(account: Account, since: number, columns: EmailColumns, changed: Set<string>): Promise<void> {
  const found = await account.threadChanges(since, maxChangesAtOnce)
  if (!found.complete || found.more) throw tooMuch()
  const threads = new Set<number>(found.changes.map(({ id }) => id))
  const emails = new Set<number>([...changed].map(id => readEmailId(id) ?? -1))
  for (const [index, id] of columns.ids.entries()) if (emails.has(id)) threads.add(columns.threads[index] ?? 0)
  if (threads.size === 0) return
  for (let index = 0; index < columns.length; index++)
    if (threads.has(columns.threads[index] ?? 0)) changed.add(printEmailId((columns.ids[index] ?? 0) as EmailId))
}
