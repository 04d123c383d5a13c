/** Bodies of requests off the wire, within bounds and time. */
import { setImmediate as nextTick } from 'node:timers/promises'
import type { IncomingMessage } from 'node:http'
import { onAbort, offAbort } from '#base/deadline.ts'
import { jsonSliceCharacters, maxJsonDepth, maxJsonValues } from './limits.ts'
import { type Json, JsonFailure, JsonReader, jsonText } from './syntax/json.ts'
import { notJson, notRequest } from './syntax/problem.ts'
import type { ProblemDetails } from './wire.ts'

export class BodyTooLarge extends Error {}
export class BodyTooSlow extends Error {}
export class PeerLeft extends Error {}

/**
 * Chunks as they come. Throws BodyTooSlow when nothing comes for `silenceMs` or it is not over within `totalMs`; PeerLeft when the peer
 * breaks off in the middle.
 */
export async function* bodyOf(
  request: IncomingMessage,
  { silenceMs, totalMs }: { readonly silenceMs: number; readonly totalMs: number },
): AsyncGenerator<Uint8Array> {
  const chunks = request.iterator({ destroyOnReturn: false })
  const until = performance.now() + totalMs
  for (;;) {
    const leftMs = until - performance.now()
    const next = await within(chunks.next(), Math.min(silenceMs, leftMs))
    if (next.done) break
    yield next.value as Uint8Array
  }
  if (!request.complete) throw new PeerLeft('The peer left before the end of its request')
}

async function within<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BodyTooSlow('The request comes too slowly')), Math.max(0, ms))
  })
  work.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** All of it. Throws BodyTooLarge as soon as that is known. */
export async function wholeBody(request: IncomingMessage, maxBytes: number, totalMs: number): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLarge()
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const chunk of bodyOf(request, { silenceMs: totalMs, totalMs })) {
    length += chunk.length
    if (length > maxBytes) throw new BodyTooLarge()
    pieces.push(chunk)
  }
  return Buffer.concat(pieces, length)
}

/** In slices: others get their turn while a large one is read. */
export async function readJsonBody(bytes: Uint8Array): Promise<{ readonly value: Json } | ProblemDetails> {
  const text = jsonText(bytes)
  if (text === undefined) return notJson('The request is not UTF-8')
  const reader = new JsonReader(text, { depth: maxJsonDepth, values: maxJsonValues })
  try {
    while (!reader.step(jsonSliceCharacters)) await nextTick()
    return { value: reader.value }
  } catch (error) {
    if (!(error instanceof JsonFailure)) throw error
    const { fault, detail } = error.reason
    return fault === 'not-json' ? notJson(detail) : notRequest(detail)
  }
}

/** Aborts when any of them does. */
export function followed(signals: readonly AbortSignal[], ms: number): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  const end = () => controller.abort()
  const timer = setTimeout(end, ms)
  for (const signal of signals) {
    if (signal.aborted) end()
    else onAbort(signal, end)
  }
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      for (const signal of signals) offAbort(signal, end)
    },
  }
}
