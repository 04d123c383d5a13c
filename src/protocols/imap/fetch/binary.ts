/** BINARY: the content of parts without their Content-Transfer-Encoding. RFC 9051 §6.4.5, RFC 3516 §4.2, §4.3 */
import { transferDecoder } from '#formats/message/transfer-stream.ts'
import { concatBytes } from '#base/bytes.ts'
import { decodedInMemoryBytes } from '../limits.ts'
import { messageBytes } from '#mail/message-bytes.ts'
import type { Output } from '../peer.ts'
import type { FetchPlan, PlannedItem } from './plan.ts'
import type { EncodedPart, SectionedMessage } from './sections.ts'

export type BinaryItem = Extract<PlannedItem, { readonly from: 'binary' }>

/** What is asked for of one part, measured: a literal's size and kind stand before its octets. */
type Decoded = {
  readonly sizeBytes: number
  /** The octets asked for, by place in the decoded content */
  readonly start: number
  readonly end: number
  /** A NUL is among them: only a literal8 may hold it */
  readonly hasNul: boolean
  /** Kept when it is small, else decoded once more */
  readonly bytes: Uint8Array | undefined
  readonly part: EncodedPart
}

/** By item; undefined for a part that does not exist. */
export type DecodedParts = ReadonlyMap<BinaryItem, Decoded | undefined>

/** Undefined when the encoding of one of them is not known: nothing of that message can be answered then (RFC 3516 §4.3). */
export async function decodeParts(plan: FetchPlan, message: SectionedMessage): Promise<DecodedParts | undefined> {
  const decoded = new Map<BinaryItem, Decoded | undefined>()
  let budget = decodedInMemoryBytes
  for (const item of plan.items) {
    if (item.from !== 'binary') continue
    const part = await message.encodedPart(item.part)
    if (part && !transferDecoder(part.encoding)) return undefined
    const measured = part && (await measure(item, part, message, budget))
    budget -= measured?.bytes?.length ?? 0
    decoded.set(item, measured)
  }
  return decoded
}

async function measure(
  { partial, sizeOnly }: BinaryItem,
  part: EncodedPart,
  message: SectionedMessage,
  budget: number,
): Promise<Decoded> {
  const from = partial?.offset ?? 0
  const to = from + (partial?.count ?? Infinity)
  const keeps = !sizeOnly && part.range.length <= budget
  const kept: Uint8Array[] = []
  let sizeBytes = 0
  let hasNul = false
  for await (const chunk of decodedChunks(part, message)) {
    const wanted = chunk.subarray(Math.max(0, from - sizeBytes), Math.max(0, to - sizeBytes))
    hasNul ||= wanted.includes(0)
    if (keeps && wanted.length > 0) kept.push(wanted)
    sizeBytes += chunk.length
  }
  const start = Math.min(from, sizeBytes)
  const end = Math.min(to, sizeBytes)
  return { sizeBytes, start, end, hasNul, bytes: keeps ? concatBytes(kept) : undefined, part }
}

async function* decodedChunks({ range, encoding }: EncodedPart, message: SectionedMessage): AsyncGenerator<Uint8Array> {
  const decoder = transferDecoder(encoding)
  if (!decoder) throw new Error('Parts of unknown encoding are not decoded')
  for await (const chunk of messageBytes(message.source, range.offset, range.offset + range.length))
    yield decoder.push(chunk)
  yield decoder.end()
}

/** `BINARY[1] ~{3}` and the octets; a plain literal when no NUL is among them. A part that does not exist is NIL, of size 0. */
export async function writeBinary(
  item: BinaryItem,
  decoded: Decoded | undefined,
  message: SectionedMessage,
  output: Output,
): Promise<void> {
  if (item.sizeOnly) return output.write(`${item.label} ${decoded?.sizeBytes ?? 0}`)
  if (!decoded) return output.write(`${item.label} NIL`)
  const { start, end, hasNul, bytes, part } = decoded
  output.write(`${item.label} ${hasNul ? '~' : ''}{${end - start}}\r\n`)
  if (bytes) return output.write(bytes)
  let at = 0
  for await (const chunk of decodedChunks(part, message)) {
    output.write(chunk.subarray(Math.max(0, start - at), Math.max(0, end - at)))
    at += chunk.length
    if (output.isFull) await output.room()
    if (at >= end) return
  }
}
