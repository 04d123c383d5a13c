/** One HTTP request to our own server, with a deadline; what goes wrong becomes a Fault. */
import type { ProblemDetails } from '#protocols/jmap/wire.ts'
import { Fault } from './fault.ts'

/** Longer than the server takes for all calls of a request (jmap/limits.ts) */
export const answerMs = 70_000

export type Asking = {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly json?: unknown
  readonly body?: Blob
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** The answer, which is a good one. */
export async function ask(
  path: string,
  { method = 'GET', json, body, headers, signal }: Asking = {},
): Promise<Response> {
  const limit = AbortSignal.timeout(answerMs)
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(body && { body }),
  }).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new Fault('unreachable', { cause })
  })
  if (!response.ok) throw await faultOf(response)
  return response
}

async function faultOf(response: Response): Promise<Fault> {
  const problem = await response.json().then(asProblem, () => undefined)
  const seconds = Number(response.headers.get('retry-after') ?? 'none')
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined
  const about = {
    problem: problem ?? { type: 'about:blank', status: response.status, detail: '' },
    retryAfterMs,
  } as const
  if (response.status === 401) return new Fault('signed-out', about)
  return new Fault([502, 503, 504].includes(response.status) ? 'unreachable' : 'refused', about)
}

function asProblem(value: unknown): ProblemDetails | undefined {
  return typeof value === 'object' && value !== null && 'status' in value && 'detail' in value
    ? (value as ProblemDetails)
    : undefined
}
