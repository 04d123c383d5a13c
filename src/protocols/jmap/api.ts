/** A request, read, run and answered. RFC 8620 §3 */
import { randomUUID } from 'node:crypto'
import { sendJson, sendProblem } from './answer.ts'
import { maxCallsInRequest, maxCreatedIds, maxSizeRequest, requestReadMs, requestRunMs } from './limits.ts'
import { BodyTooLarge, BodyTooSlow, followed, PeerLeft, readJsonBody, wholeBody } from './receive.ts'
import { runRequest } from './run.ts'
import { stateOf } from './session-object.ts'
import type { Asked } from './site.ts'
import type { Json } from './syntax/json.ts'
import { limitReached, notJson, plainProblem, unknownCapability } from './syntax/problem.ts'
import { isProblem, readRequest } from './syntax/request.ts'
import type { ProblemDetails, Request, Response } from './wire.ts'

export async function serveApi(asked: Asked): Promise<void> {
  const { visit, login, requests } = asked
  const { response } = visit
  using underWay = requests.begin(login.account)
  if (!underWay)
    return sendProblem(
      response,
      limitReached('maxConcurrentRequests', 'Too many requests of this account are under way'),
    )
  const request = await receive(asked)
  if (request === undefined) return
  if (isProblem(request)) return sendProblem(response, request)
  await carryOut(request, asked, visit.gone, async answer => {
    await sendJson(response, answer)
    return response.writableFinished
  })
}

/** `tell` sends what came out, and says whether the peer has it. */
export async function carryOut(
  request: Request,
  { visit, login, options, counts, letters }: Asked,
  gone: AbortSignal,
  tell: (answer: Response) => Promise<boolean>,
): Promise<void> {
  using time = followed([gone, login.ended], requestRunMs)
  const context = {
    login,
    accounts: options.accounts,
    created: new Map(Object.entries(request.createdIds ?? {})),
    using: new Set(request.using),
    counts,
    letters,
    pushSubscriptions: options.access.pushSubscriptions,
    uploads: options.uploads,
    maxSizeUpload: options.maxSizeUpload,
    sending: options.sending,
    tracing: options.tracing,
    from: { session: randomUUID(), clientAddress: visit.clientAddress },
    answered: [] as ((outcome: 'confirmed' | 'gone') => void)[],
    signal: time.signal,
    log: options.log,
  }
  let told = false
  try {
    told = await tell(await runRequest(request, context, stateOf(login, options)))
  } finally {
    for (const settle of context.answered) settle(told ? 'confirmed' : 'gone')
  }
}

/** Undefined: there is nobody left to tell. */
async function receive({ visit: { request }, options }: Asked): Promise<Request | ProblemDetails | undefined> {
  const type = /^[^;]*/
    .exec(request.headers['content-type'] ?? '')?.[0]
    .trim()
    .toLowerCase()
  if (type !== 'application/json') return notJson('The content type of a request is application/json')
  try {
    const json = await readJsonBody(await wholeBody(request, maxSizeRequest, requestReadMs))
    if (isProblem(json)) return json
    return readEnvelope(json.value, options.capabilities)
  } catch (error) {
    if (error instanceof BodyTooLarge)
      return limitReached('maxSizeRequest', `A request has at most ${maxSizeRequest} octets`, 413)
    if (error instanceof BodyTooSlow) return plainProblem(408, 'Request Timeout', 'The request comes too slowly')
    if (error instanceof PeerLeft || request.destroyed) return undefined
    throw error
  }
}

export function readEnvelope(value: Json, capabilities: ReadonlySet<string>): Request | ProblemDetails {
  const envelope = readRequest(value, maxCreatedIds)
  return isProblem(envelope) ? envelope : (faultOf(envelope, capabilities) ?? envelope)
}

function faultOf(request: Request, capabilities: ReadonlySet<string>): ProblemDetails | undefined {
  const unknown = request.using.find(name => !capabilities.has(name))
  if (unknown !== undefined) return unknownCapability(unknown)
  if (request.methodCalls.length <= maxCallsInRequest) return undefined
  return limitReached('maxCallsInRequest', `A request has at most ${maxCallsInRequest} method calls`)
}
