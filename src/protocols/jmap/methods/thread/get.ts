/** RFC 8621 §3.1 */
import { setImmediate as nextTick } from 'node:timers/promises'
import type { Account } from '#mail/account.ts'
import type { EmailId, ThreadId } from '#mail/ids.ts'
import { printEmailId, readThreadId } from '#mail/object-ids.ts'
import { shownPlacements } from '../../email/shown.ts'
import { askedIds, askedProperties, getShape, only } from '../../get.ts'
import { rowsPerRead } from '../../limits.ts'
import { accountOf, type Method, MethodFault } from '../../method.ts'
import { printTypeState } from '../../state.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type GetResponse, mailCapability, type Thread } from '../../wire.ts'

export const threadGet: Method = {
  capability: mailCapability,
  async run(given, context): Promise<GetResponse<Partial<Thread>>> {
    const asked = checkArguments(given, getShape)
    const account = await accountOf(asked.accountId, context)
    const wanted = askedProperties(asked.properties, ['id', 'emailIds'])
    const ids = askedIds(asked.ids, context)
    if (!ids) throw new MethodFault('requestTooLarge', 'All threads at once are too many: name them')
    // The state first: what is read after it may be newer, and is then told again by Thread/changes
    const state = await account.read(reader => reader.state)
    const list: Partial<Thread>[] = []
    const notFound: string[] = []
    for (const id of ids) {
      context.signal.throwIfAborted()
      const thread = readThreadId(id)
      const emailIds = thread === undefined ? [] : await shownEmails(account, thread)
      if (emailIds.length === 0) notFound.push(id)
      else list.push(only({ id, emailIds: emailIds.map(printEmailId) }, wanted))
    }
    return { accountId: asked.accountId, state: printTypeState(state, 'thread'), list, notFound }
  },
}

/** By the time they were received, the oldest first, then by id (§3). */
async function shownEmails(account: Account, thread: ThreadId): Promise<readonly EmailId[]> {
  const shown: { readonly id: EmailId; readonly receivedAt: number }[] = []
  for (let after = 0; ; await nextTick()) {
    const read = await account.read(reader => {
      const emails = reader.threadEmails(thread, after, rowsPerRead)
      return emails.map(id => ({
        id,
        receivedAt: shownPlacements(reader, id).length > 0 ? reader.email(id)?.internalDate : undefined,
      }))
    })
    for (const { id, receivedAt } of read) if (receivedAt !== undefined) shown.push({ id, receivedAt })
    if (read.length < rowsPerRead) break
    after = read.at(-1)?.id ?? 0
  }
  return shown.sort((a, b) => a.receivedAt - b.receivedAt || a.id - b.id).map(({ id }) => id)
}
