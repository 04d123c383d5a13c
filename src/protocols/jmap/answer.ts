/** Answers onto the wire. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { sayBeforeTheEnd } from '../http/last-words.ts'
import { answerMs } from './limits.ts'
import type { ProblemDetails } from './wire.ts'

/** On all that JMAP says: mail belongs to who asked, and a browser makes nothing of it but data. */
export const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

export async function sendJson(response: ServerResponse, value: object, status = 200): Promise<void> {
  const body = Buffer.from(JSON.stringify(value))
  const headers = { ...commonHeaders, 'content-type': 'application/json', 'cache-control': 'no-store' }
  response.writeHead(status, { ...headers, 'content-length': body.length })
  await finish(response, body)
}

/** RFC 7807. More of the request may come: it is thrown away, and the connection ends. */
export async function sendProblem(
  response: ServerResponse,
  problem: ProblemDetails,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const body = Buffer.from(JSON.stringify(problem))
  const { complete } = response.req
  response.writeHead(problem.status, {
    ...commonHeaders,
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'content-length': body.length,
    ...(!complete && { connection: 'close' }),
    ...headers,
  })
  if (complete) return finish(response, body)
  await sayBeforeTheEnd(response, body)
  await finish(response, '')
}

/** Octets as they come; a peer that takes nothing for a while is left. */
export async function sendOctets(
  response: ServerResponse,
  octets: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string | number>>,
): Promise<void> {
  response.writeHead(200, { ...commonHeaders, ...headers })
  if (response.req.method === 'HEAD') return finish(response, '')
  for await (const chunk of octets) {
    if (response.destroyed) return
    if (!response.write(chunk)) await drained(response)
  }
  await finish(response, '')
}

async function drained(response: ServerResponse): Promise<void> {
  const signal = AbortSignal.timeout(answerMs)
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })])
  } catch {
    response.destroy()
  }
}

/** Resolves when the answer is out, or the peer left, or has taken nothing for too long. */
export async function finish(response: ServerResponse, body: Uint8Array | string): Promise<void> {
  if (response.destroyed) return
  const closed = new Promise<void>(resolve => response.once('close', resolve))
  const timer = setTimeout(() => response.destroy(), answerMs)
  response.end(body)
  await closed
  clearTimeout(timer)
}
