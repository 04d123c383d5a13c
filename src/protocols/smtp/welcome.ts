/**
 * From the connection to the greeting: who may come in, and whether it can wait its turn to speak. RFC 5321 §3.1
 *
 * Invariant: the greeting waits for no lookup, only for a short silence that the owner has set (mail/checks), and only on port 25.
 */
import { offAbort, onAbort } from '#base/deadline.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import { PeerTimeout } from '#net/connection.ts'
import { wordForForeigner } from './foreign-peer.ts'
import { maxSilenceMs } from './limits.ts'
import type { Session } from './session.ts'

export type Welcome =
  | { readonly kind: 'come-in' }
  /** Said instead of the greeting */
  | { readonly kind: 'go'; readonly reply: SmtpReply }
  /** It left while it waited */
  | { readonly kind: 'gone' }

export function welcome(session: Session): Welcome | Promise<Welcome> {
  const { visitors } = session.options
  if (!visitors) return { kind: 'come-in' }
  const arrival = visitors.arrive(session.facts)
  if (arrival.kind === 'refused') return { kind: 'go', reply: arrival.reply }
  session.visit = arrival.visit
  return silence(session, arrival.visit.greetingDue())
}

async function silence(session: Session, due: Promise<void>): Promise<Welcome> {
  const { connection } = session
  if (!(await speaksBefore(session, due))) return { kind: 'come-in' }
  if (!connection.isOpen && connection.buffered.length === 0) return { kind: 'gone' }
  const foreign = wordForForeigner(session)
  if (foreign) return { kind: 'go', reply: foreign }
  const refusal = session.visit?.spokeEarly()
  return refusal ? { kind: 'go', reply: refusal } : { kind: 'come-in' }
}

class Due extends Error {
  override readonly name = 'Due'
}

/** True when the peer spoke (or left) before the greeting was due; then there is nothing left to wait for. */
async function speaksBefore(session: Session, due: Promise<void>): Promise<boolean> {
  const { connection, signal } = session
  const end = new AbortController()
  const stop = () => end.abort(signal.reason)
  onAbort(signal, stop)
  if (signal.aborted) stop()
  void due.then(() => end.abort(new Due()))
  try {
    if (connection.buffered.length > 0) return true
    await connection.fill(maxSilenceMs, end.signal)
    return true
  } catch (error) {
    if (error instanceof Due || error instanceof PeerTimeout) return connection.buffered.length > 0
    throw error
  } finally {
    offAbort(signal, stop)
  }
}
