/** All body hashes that the signatures of one message need, in one reading of it. RFC 6376 §3.7 */
import { createHash, type Hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { eachChunk, type MessageSource } from '#formats/message-source.ts'
import type { Form } from './canonical.ts'
import { canonicalBody } from './canonical-body.ts'

export type BodyHashWanted = {
  readonly form: Form
  readonly hash: 'sha256' | 'sha1'
  /** l=: octets of the canonical body; all of it when undefined */
  readonly length: number | undefined
}

export type BodyHash = {
  readonly digest: Uint8Array
  /** Octets of the whole canonical body, which may be more than were hashed */
  readonly bodyLength: number
}

/** Hashed without a pause: eight signatures that differ in l= hash each octet eight times, and others wait meanwhile */
const sliceBytes = 128 * 1024

type Running = { readonly wanted: BodyHashWanted; readonly hash: Hash; left: number }

/** One answer for each that is wanted; equal ones are computed once. `headerLength` octets before the body are skipped. */
export async function bodyHashes(
  source: MessageSource,
  headerLength: number,
  wanted: readonly BodyHashWanted[],
): Promise<BodyHash[]> {
  const running = new Map<string, Running>()
  for (const one of wanted)
    if (!running.has(keyOf(one)))
      running.set(keyOf(one), { wanted: one, hash: createHash(one.hash), left: one.length ?? Infinity })
  const lengths = running.size > 0 ? await readThrough(source, headerLength, [...running.values()]) : undefined
  const digests = new Map([...running].map(([key, { hash }]) => [key, hash.digest()]))
  return wanted.map(one => ({
    digest: digests.get(keyOf(one)) ?? new Uint8Array(),
    bodyLength: lengths?.[one.form] ?? 0,
  }))
}

async function readThrough(
  source: MessageSource,
  headerLength: number,
  running: readonly Running[],
): Promise<Record<Form, number>> {
  const lengths: Record<Form, number> = { simple: 0, relaxed: 0 }
  const bodies = (['simple', 'relaxed'] as const).flatMap(form => {
    const own = running.filter(({ wanted }) => wanted.form === form)
    if (own.length === 0) return []
    return canonicalBody(form, chunk => {
      lengths[form] += chunk.length
      for (const one of own) feed(one, chunk)
    })
  })
  let skip = headerLength
  await eachChunk(source, async chunk => {
    const body = chunk.subarray(Math.min(skip, chunk.length))
    skip -= chunk.length - body.length
    for (let at = 0; at < body.length; at += sliceBytes) {
      if (at > 0) await setImmediate()
      for (const one of bodies) one.update(body.subarray(at, at + sliceBytes))
    }
  })
  for (const one of bodies) one.end()
  return lengths
}

function feed(running: Running, chunk: Uint8Array): void {
  if (running.left <= 0) return
  running.hash.update(chunk.length > running.left ? chunk.subarray(0, running.left) : chunk)
  running.left -= chunk.length
}

function keyOf({ form, hash, length }: BodyHashWanted): string {
  return `${form} ${hash} ${length ?? ''}`
}
