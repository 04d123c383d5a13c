/** Ours: what happened to a letter, over all our boxes. See the README for what is told to whom. */
import { receivedSteps, sentSteps, type LetterStep } from '#mail/trace/letter-steps.ts'
import { maxToldEvents } from '#mail/trace/told-events.ts'
import type { TracedBox } from '#mail/trace/tracing.ts'
import { readEmailId } from '#mail/object-ids.ts'
import { shownPlacements } from '../../email/shown.ts'
import { accountOf, type Method, type MethodContext, resolvedId } from '../../method.ts'
import { keptIn, submissionKind } from '../../submission/submissions.ts'
import { ArgumentFault, checkArguments, id, idOrCreated, optional } from '../../syntax/arguments.ts'
import { arrived, dateOf, sentTo, shownBox, shownStep } from '../../trace/shown.ts'
import { outgoing, type Tie, type Ties, tiesOf } from '../../trace/ties.ts'
import { type EmailTrace, traceCapability, type TraceRecipient } from '../../wire-trace.ts'

const shape = { accountId: id, emailId: optional(idOrCreated), emailSubmissionId: optional(idOrCreated) }

export const emailTraceGet: Method = {
  capability: traceCapability,
  async run(given, context): Promise<EmailTrace> {
    const { accountId, emailId, emailSubmissionId } = checkArguments(given, shape)
    if ((emailId === undefined) === (emailSubmissionId === undefined))
      throw new ArgumentFault('emailId or emailSubmissionId: one of them')
    const found =
      emailId === undefined
        ? await ofSubmission(accountId, emailSubmissionId ?? '', context)
        : await ofEmail(accountId, emailId, context)
    const told = await Promise.all(found.ties.map(tie => tell(tie, context)))
    const steps = told.flatMap(one => one.steps).toSorted((a, b) => a.at - b.at)
    const out = found.ties.some(({ way }) => way === 'out')
    return {
      accountId,
      emailId: found.emailId,
      direction: out ? 'sent' : found.ties.length > 0 ? 'received' : 'stored',
      foundBy: found.foundBy,
      storedAt: found.storedAt === undefined ? null : dateOf(found.storedAt),
      recipients: told.flatMap(one => one.recipients),
      list: steps.slice(-maxToldEvents).map(shownStep),
      omitted: steps.length > maxToldEvents || told.some(one => one.omitted),
      boxes: boxesOf(told.flatMap(one => one.boxes)).map(shownBox),
    }
  },
}

type Found = Ties & { readonly emailId: string | null; readonly storedAt: number | undefined }

async function ofEmail(accountId: string, asked: string, context: MethodContext): Promise<Found> {
  const account = await accountOf(accountId, context)
  const emailId = resolvedId(asked, context) ?? asked
  const email = readEmailId(emailId)
  const placements = email === undefined ? [] : await account.read(reader => shownPlacements(reader, email))
  if (email === undefined || placements.length === 0) throw new ArgumentFault('emailId: there is no such email')
  const storedAt = Math.min(...placements.map(({ saved }) => saved))
  return { ...(await tiesOf(email, account, context)), emailId, storedAt }
}

async function ofSubmission(accountId: string, asked: string, context: MethodContext): Promise<Found> {
  const account = await accountOf(accountId, context)
  const wanted = resolvedId(asked, context) ?? asked
  const row = await account.read(reader => reader.objects(submissionKind).find(one => one.id === wanted))
  if (!row) throw new ArgumentFault('emailSubmissionId: there is no such submission')
  const { delivery, emailId, envelope } = keptIn(row)
  return { foundBy: 'submission', ties: [outgoing(delivery, envelope.rcptTo)], emailId, storedAt: undefined }
}

type Told = {
  readonly steps: readonly LetterStep[]
  readonly recipients: readonly TraceRecipient[]
  readonly boxes: readonly TracedBox[]
  readonly omitted: boolean
}

async function tell({ delivery, recipients, way }: Tie, context: MethodContext): Promise<Told> {
  const { account } = context.login
  context.signal.throwIfAborted()
  const { boxes, events, omitted } = await context.tracing.delivery(delivery, way)
  if (way === 'in') {
    const steps = receivedSteps(events, { account, recipients })
    return { steps, recipients: [...recipients].map(email => arrived(email, steps)), boxes, omitted }
  }
  const entry = await context.sending.queue.show(delivery)
  const all = new Set(recipients)
  const steps = sentSteps(events, { account, recipients: all })
  return { steps, recipients: [...all].map(email => sentTo(email, steps, entry)), boxes, omitted }
}

/** Each once; away where it was at one of several questions. */
function boxesOf(boxes: readonly TracedBox[]): readonly TracedBox[] {
  const byName = new Map<string, TracedBox>()
  for (const one of boxes) {
    const known = byName.get(one.box)
    if (!known || known.state === 'asked') byName.set(one.box, one)
  }
  return [...byName.values()]
}
