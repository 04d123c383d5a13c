/** Reports of what home did with a message: that it was delivered, where that was asked for, and what a script refuses too late for a reply. */
import type { RecipientResult } from '#formats/envelope.ts'
import type { Arrived, Transaction } from './arrived.ts'
import { refusalReport, successReport } from './success-report.ts'
import type { TargetOutcome } from './verdict.ts'

/** Before the peer has its answer: one that was cut off here is repeated, and the report with it. */
export async function tellSender(
  { accepted, envelope, parts: { log, report } }: Transaction,
  { attempt, hash, received, at }: Arrived,
  results: readonly RecipientResult[],
  outcomes: readonly { readonly index: number; readonly outcome: TargetOutcome }[],
): Promise<void> {
  const late = accepted.map(({ recipient }, index) => {
    const own = outcomes.find(one => one.index === index && 'toldLater' in one.outcome)?.outcome
    const reply = own && 'toldLater' in own ? own.toldLater : undefined
    return reply && { recipient, result: { status: 'failed', reply } as const }
  })
  const isLate = late.some(Boolean)
  if (!report || !(isLate || accepted.some(({ recipient }) => recipient.notify))) return
  const message = { id: attempt.id, envelope, received, hash, at }
  const delivered = results.flatMap((result, index) => {
    const recipient = late[index] ? undefined : accepted[index]?.recipient
    return recipient ? [{ recipient, result }] : []
  })
  const reports = [successReport({ ...message, outcomes: delivered }), isLate && refusalReport(message, late)]
  for (const made of reports)
    if (made)
      await report(made).catch((error: unknown) => {
        log.error('A report of delivery could not be sent', { delivery: attempt.id, error: String(error) })
      })
}
