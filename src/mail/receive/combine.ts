import type { RecipientResult } from '#formats/envelope.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'

export type Outcome = RecipientResult | 'unsure'

export type Combined =
  /** Say this; nothing of it is in the hold. */
  | { readonly kind: 'answer'; readonly reply: SmtpReply; readonly refused: readonly number[] }
  /** Some are safe at home or may be: hold those at these indexes, then say yes. */
  | { readonly kind: 'hold'; readonly indexes: readonly number[]; readonly refused: readonly number[] }

/**
 * One reply for several recipients' results. All alike: that reply. Once anything is stored, or may be, the sender must not send
 * everything again: what is undecided goes to the hold. While nothing is stored, a 4xx among them lets the sender keep it.
 * `refused`: refused for good although the reply is a yes.
 */
export function combine(outcomes: readonly Outcome[]): Combined {
  const at = (test: (outcome: Outcome) => boolean) =>
    outcomes.flatMap((outcome, index) => (test(outcome) ? [index] : []))
  const undecided = at(outcome => outcome === 'unsure' || outcome.status === 'deferred')
  const refused = at(outcome => outcome !== 'unsure' && outcome.status === 'failed')
  const first = (status: RecipientResult['status']) =>
    outcomes.find((outcome): outcome is RecipientResult => outcome !== 'unsure' && outcome.status === status)
  if (outcomes.includes('unsure')) return { kind: 'hold', indexes: undecided, refused }
  const stored = first('delivered')
  if (!stored) {
    const reply = (first('deferred') ?? first('failed'))?.reply
    if (!reply) throw new Error('A message without recipients has no results')
    return { kind: 'answer', reply, refused: [] }
  }
  if (undecided.length > 0) return { kind: 'hold', indexes: undecided, refused }
  return { kind: 'answer', reply: stored.reply, refused }
}
