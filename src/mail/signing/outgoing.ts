/**
 * What a message becomes before the outbound queue writes it down: whole lines and our signatures. It happens once, on its way into the
 * queue, and not before each attempt: every attempt sends the same octets, a key that is replaced or retired meanwhile changes nothing,
 * and reports, automatic replies and forwarded letters pass here too.
 */
import { concatBytes } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { domainPart } from '../routes.ts'
import { inspectForSubmission } from '#formats/message/inspect-submission.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { dkimSign } from '../authenticity/dkim/sign.ts'
import type { NewEntry } from '../queue/queue.ts'
import { headerOf } from '../receive/header-of.ts'
import type { DkimKeys } from './dkim-keys.ts'
import { withWholeLines } from './whole-lines.ts'

export type OutgoingOptions = {
  readonly keys: Pick<DkimKeys, 'signersFor'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

/** The entry as it is to be kept and sent. A signature that cannot be made keeps nothing from leaving. */
export async function outgoing(entry: NewEntry, options: OutgoingOptions): Promise<NewEntry> {
  const message = await withWholeLines(entry.message, entry.envelope.body)
  try {
    const fields = await signatures({ ...entry, message }, options)
    return { ...entry, message, trace: concatBytes([fields, entry.trace]) }
  } catch (error) {
    options.log.error('A message leaves without our signature', { delivery: entry.id, error: String(error) })
    return { ...entry, message }
  }
}

async function signatures(entry: NewEntry, { keys, clock }: OutgoingOptions): Promise<Uint8Array> {
  const whole = behind(entry.trace, entry.message)
  const { from } = inspectForSubmission(await headerOf(whole))
  const [author] = from
  // Sent on by a script: our signature must not vouch for an author of ours whom anybody may have written there
  const isOurs = (address: string) => keys.signersFor(domainPart(address) ?? '').length > 0
  if (entry.foreign && from.some(isOurs)) return new Uint8Array(0)
  // RFC 7489 §3.1: the author's domain counts; for what others wrote (forwarded), who sends it on
  for (const address of [author, entry.envelope.reversePath, entry.submitter]) {
    const domain = address === undefined ? undefined : domainPart(address)
    const signers = domain === undefined ? [] : keys.signersFor(domain)
    if (signers.length > 0) return dkimSign(whole, signers, { at: clock.now() })
  }
  return new Uint8Array(0)
}

function behind(head: Uint8Array, message: MessageSource): MessageSource {
  if (message.place.kind === 'memory') return memorySource(concatBytes([head, message.place.bytes]))
  return {
    sizeBytes: head.length + message.sizeBytes,
    place: { kind: 'stream' },
    async *open() {
      if (head.length > 0) yield head
      yield* message.open()
    },
  }
}
