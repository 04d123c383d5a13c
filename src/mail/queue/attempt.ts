/** One attempt: its envelope, its deadline, and what its results mean for the entry. */
import type { Log } from '#base/log.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import type { OpenedEntry, RecordedResult, Tell } from '#store/queue/queue-store.ts'
import type { Transport } from '../transport.ts'
import { abortGraceMs, slowestBytesPerSecond } from './limits.ts'
import type { QueuedMessage, ReportKind } from './report.ts'

/** Positions of the job that are still open: delivered recipients are never tried again. */
export function openPositions(opened: OpenedEntry, positions: readonly number[]): readonly number[] {
  return positions.filter(position => opened.recipients[position]?.state === 'waiting')
}

/** Calls the transport with just these recipients. Whatever it does, there is one result a recipient within the deadline. */
export async function attempt(
  transport: Transport,
  message: QueuedMessage,
  positions: readonly number[],
  options: { readonly timeoutMs: number; readonly abort: AbortController; readonly log: Log },
): Promise<readonly RecipientResult[]> {
  const recipients = positions.map(position => message.envelope.recipients[position] as EnvelopeRecipient)
  const envelope: Envelope = { ...message.envelope, recipients }
  const sendingMs = (message.whole.sizeBytes / slowestBytesPerSecond) * 1000
  const deadline = setTimeout(() => options.abort.abort(), Math.round(options.timeoutMs + sendingMs))
  const grace = givenUp(options.abort.signal)
  try {
    const results = await Promise.race([transport(envelope, message.whole, options.abort.signal), grace.over])
    if (results && results.length === positions.length) return results
    options.log.error('A transport did not answer for each recipient', { delivery: message.id })
  } catch (error) {
    options.log.error('A transport threw', { delivery: message.id, error: String(error) })
    return positions.map(() => deferredBy('4.3.0', 'Internal error while sending'))
  } finally {
    clearTimeout(deadline)
    grace.end()
  }
  return positions.map(() => deferredBy('4.4.2', 'No answer within the time for one attempt'))
}

/** `over` resolves some time after the abort, for transports that do not come back. */
function givenUp(signal: AbortSignal): { readonly over: Promise<undefined>; end(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let timer: NodeJS.Timeout | undefined
  const wait = () => (timer = setTimeout(() => resolve(undefined), abortGraceMs))
  if (signal.aborted) wait()
  else signal.addEventListener('abort', wait, { once: true })
  return {
    over: promise,
    end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', wait)
    },
  }
}

function deferredBy(enhanced: string, text: string): RecipientResult {
  return { status: 'deferred', reply: smtpReply(451, enhanced, text) }
}

export type Outcome = {
  /** Nobody is to be told: there is no role that makes reports */
  readonly silent: boolean
  readonly expired: boolean
  /** The delay is to be told now */
  readonly delayed: boolean
  readonly reportSuccess: boolean
}

/** The row of one recipient after an attempt, or (without a result) after its time was over. */
export function recorded(
  position: number,
  recipient: EnvelopeRecipient,
  result: RecipientResult | undefined,
  outcome: Outcome,
): RecordedResult {
  const state = stateAfter(result, outcome.expired)
  const tell = outcome.silent ? null : tellFor(state, recipient, outcome, result)
  return { position, state, last: result ? JSON.stringify(result) : null, tell }
}

function stateAfter(result: RecipientResult | undefined, expired: boolean): RecordedResult['state'] {
  if (result?.status === 'delivered') return 'delivered'
  return result?.status === 'failed' || expired ? 'failed' : 'waiting'
}

function tellFor(
  state: RecordedResult['state'],
  recipient: EnvelopeRecipient,
  outcome: Outcome,
  result: RecipientResult | undefined,
): Tell | null {
  const passedOn = result?.dsnPassedOn ?? false
  if (state === 'failed') return asked(recipient, 'failed') ? 'failed' : null
  if (state === 'delivered')
    return outcome.reportSuccess && !passedOn && asked(recipient, 'delivered') ? 'delivered' : null
  return outcome.delayed && asked(recipient, 'delayed') ? 'delayed' : null
}

/** NOTIFY. RFC 3461 §4.1: without it, failures and (if we like) delays are told. */
export function asked({ notify }: EnvelopeRecipient, kind: ReportKind): boolean {
  if (!notify) return kind !== 'delivered'
  if ('never' in notify) return false
  return { failed: notify.failure, delayed: notify.delay, delivered: notify.success }[kind]
}
