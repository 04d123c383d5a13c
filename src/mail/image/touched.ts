/** What notices say of messages that changed, collected until somebody wants to know: where to look, not what is there. */
import { runsIn } from '#store/account/message-runs.ts'
import type { MailboxEvent } from '#store/account/operations.ts'

export class Touched {
  /** Threes: a mailbox, the first UID and the last one */
  readonly places: number[] = []
  /** Pairs: the first email and the last one */
  readonly emails: number[] = []
  removed = false
  /** Messages, the same one perhaps several times */
  count = 0

  add(events: readonly MailboxEvent[]): void {
    for (const { kind, mailbox, runs } of events)
      for (const { count, email, first } of runsIn(runs)) {
        this.count += count
        if (kind === 'added') this.emails.push(email, email + count - 1)
        if (kind === 'changed') this.places.push(mailbox, first, first + count - 1)
        if (kind === 'removed') this.removed = true
      }
  }
}
