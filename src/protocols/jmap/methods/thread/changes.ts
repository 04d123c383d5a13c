/** RFC 8621 §3.2 */
import { printThreadId } from '#mail/object-ids.ts'
import { changesOf } from '../../changes.ts'
import type { Method } from '../../method.ts'
import { mailCapability } from '../../wire.ts'

export const threadChanges: Method = {
  capability: mailCapability,
  run: (given, context) =>
    changesOf(
      given,
      context,
      'thread',
      (account, { since, upTo, limit }) => account.threadChanges(since, limit, upTo),
      printThreadId,
    ),
}
