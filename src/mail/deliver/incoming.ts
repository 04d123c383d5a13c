/** What arrived over LMTP, taken apart: our gateway's facts, its trace block, the bytes as it received them. */
import { equalBytes } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type { DeliveryFacts } from '../downstream.ts'
import { factsFieldLength, maxFactsFieldBytes, openFacts, type FactsProblem } from '../facts.ts'
import { receivedHash } from '../fingerprint.ts'
import { readHead, tailOf, withoutRanges } from '../receive/cut-source.ts'
import { maxGatewayTraceBytes } from './limits.ts'

export type Incoming =
  | { readonly kind: 'plain'; readonly received: MessageSource }
  | {
      readonly kind: 'told'
      readonly facts: DeliveryFacts
      readonly trace: Uint8Array
      readonly received: MessageSource
    }
  | { readonly kind: 'bad'; readonly problem: FactsProblem | 'missing' | 'other-recipients' | 'other-bytes' }

/**
 * `key`: of the gateway that speaks; undefined when nobody may tell facts here. `mustTell`: it said XHIKYAKU HELLO, so a message
 * without facts is a fault. Fields of that name which nobody vouches for are cut off where they would be taken for ours.
 */
export async function takeApart(
  source: MessageSource,
  options: {
    readonly key: Uint8Array | undefined
    readonly mustTell: boolean
    readonly recipients: readonly string[]
    readonly now: number
  },
): Promise<Incoming> {
  const head = await readHead(source, maxFactsFieldBytes + maxGatewayTraceBytes)
  if (options.key) {
    const opened = openFacts(head, options.key, options.now)
    if (opened.kind === 'good') return checkBound(source, head, opened, options.recipients)
    if (options.mustTell) return { kind: 'bad', problem: opened.kind === 'bad' ? opened.problem : 'missing' }
  }
  return { kind: 'plain', received: await withoutLeadingFacts(source, head) }
}

async function checkBound(
  source: MessageSource,
  head: Uint8Array,
  opened: Extract<ReturnType<typeof openFacts>, { kind: 'good' }>,
  recipients: readonly string[],
): Promise<Incoming> {
  const from = source.sizeBytes - opened.bound.sizeBytes
  if (!opened.boundTo(recipients)) return { kind: 'bad', problem: 'other-recipients' }
  if (from < opened.fieldLength || from > head.length) return { kind: 'bad', problem: 'other-bytes' }
  const trace = Uint8Array.from(head.subarray(opened.fieldLength, from))
  const received = tailOf(source, from)
  const same = equalBytes(await receivedHash(received), opened.bound.hash)
  if (!same || !opened.boundToTrace(trace)) return { kind: 'bad', problem: 'other-bytes' }
  return { kind: 'told', facts: opened.facts, trace, received }
}

/** A stranger's imitation, or several in a row. Further down in a header nobody would take it for ours. */
async function withoutLeadingFacts(source: MessageSource, head: Uint8Array): Promise<MessageSource> {
  let end = 0
  for (let length = factsFieldLength(head); length > 0; length = factsFieldLength(head.subarray(end))) end += length
  return end === 0 ? source : withoutRanges(source, [{ offset: 0, length: end }])
}
