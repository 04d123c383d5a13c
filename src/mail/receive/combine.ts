import type { RecipientResult } from '#formats/envelope.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'

export type Outcome = RecipientResult | 'unsure'

export type Combined =
  /** Say this; nothing of it is in the hold. */
  | { readonly kind: 'answer'; readonly reply: SmtpReply }
  /** Some are safe at home or may be: hold those at these indexes, then say yes. */
  | { readonly kind: 'hold'; readonly indexes: readonly number[] }

/**
 * One reply for several recipients' results. All alike: that reply. Once anything is stored, or may be, the sender must not send
 * everything again: what is undecided goes to the hold, and what is refused for good as well, since the one reply is a yes for it
 * too (see hold.ts for where it goes). While nothing is stored, a 4xx among them lets the sender keep it.
 */
export function combine(outcomes: readonly Outcome[]): Combined {
  const at = (test: (outcome: Outcome) => boolean) =>
    outcomes.flatMap((outcome, index) => (test(outcome) ? [index] : []))
  const notStored = at(outcome => outcome === 'unsure' || outcome.status !== 'delivered')
  const first = (status: RecipientResult['status']) =>
    outcomes.find((outcome): outcome is RecipientResult => outcome !== 'unsure' && outcome.status === status)
  if (outcomes.includes('unsure')) return { kind: 'hold', indexes: notStored }
  const stored = first('delivered')
  if (!stored) {
    const reply = (first('deferred') ?? first('failed'))?.reply
    if (!reply) throw new Error('A message without recipients has no results')
    return { kind: 'answer', reply }
  }
  return notStored.length > 0 ? { kind: 'hold', indexes: notStored } : { kind: 'answer', reply: stored.reply }
}
