/** RFC 8621 §4.3 */
import { printEmailId } from '#mail/object-ids.ts'
import { changesOf } from '../../changes.ts'
import type { Method } from '../../method.ts'
import { mailCapability } from '../../wire.ts'

export const emailChanges: Method = {
  capability: mailCapability,
  run: (given, context) =>
    changesOf(
      given,
      context,
      'email',
      (account, { since, upTo, limit }) => account.emailChanges(since, limit, upTo),
      printEmailId,
    ),
}
