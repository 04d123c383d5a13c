/** The calls of a request, one after the other. RFC 8620 §3.4, §3.6.2, §3.7 */
import { maxCreatedIds, maxReferencedValues } from './limits.ts'
import { type MethodContext, MethodFault, type MethodResponse, type MethodResult } from './method.ts'
import { methods } from './methods.ts'
import { ArgumentFault } from './syntax/arguments.ts'
import { resolveReferences } from './syntax/references.ts'
import type { Invocation, JsonObject, MethodError, Request, Response } from './wire.ts'

export async function runRequest(request: Request, context: MethodContext, sessionState: string): Promise<Response> {
  const responses: Invocation[] = []
  for (const call of request.methodCalls) {
    const [, , callId] = call
    for (const { name, arguments: answer } of await runCall(call, responses, context))
      responses.push([name, answer as JsonObject, callId])
  }
  const createdIds = request.createdIds && Object.fromEntries(context.created)
  return { methodResponses: responses, ...(createdIds && { createdIds }), sessionState }
}

async function runCall(
  [name, given]: Invocation,
  earlier: readonly Invocation[],
  context: MethodContext,
): Promise<readonly MethodResponse[]> {
  const method = methods.get(name)
  if (!method || !context.using.has(method.capability)) return [failed({ type: 'unknownMethod' })]
  if (context.signal.aborted)
    return [failed({ type: 'serverUnavailable', description: 'The time of this request is over' })]
  if (context.login.readOnly && writes(name)) return [failed({ type: 'accountReadOnly' })]
  const resolved = resolveReferences(given, earlier, maxReferencedValues)
  if ('type' in resolved) return [failed(resolved)]
  try {
    const result = await method.run(resolved.given, context)
    if (context.created.size > maxCreatedIds) throw new Error('A request created more than it may')
    return isSeveral(result) ? result : [{ name, arguments: result }]
  } catch (error) {
    return [failed(errorOf(error, name, context))]
  }
}

/** All that changes an account or keeps octets for it; the others only read. */
function writes(name: string): boolean {
  return /\/(?:set|import|copy|upload)$/.test(name)
}

function isSeveral(result: MethodResult): result is readonly MethodResponse[] {
  return Array.isArray(result)
}

function failed(error: MethodError): MethodResponse {
  return { name: 'error', arguments: error }
}

/** What we cannot explain is not told either: it may hold anything. */
function errorOf(error: unknown, name: string, { log, signal }: MethodContext): MethodError {
  if (error instanceof MethodFault) return error.reply
  if (error instanceof ArgumentFault) return { type: 'invalidArguments', description: error.message }
  if (signal.aborted) return { type: 'serverUnavailable', description: 'The time of this request is over' }
  log.error('A JMAP method failed', { method: name, error: String(error) })
  return { type: 'serverFail', description: 'The server failed; its log says why' }
}
