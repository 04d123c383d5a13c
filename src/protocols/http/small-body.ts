/** Bodies of a few fields: JSON objects of a few kibibytes. */
import type { IncomingMessage } from 'node:http'
import { BodyTooLarge, BodyTooSlow, PeerLeft, readJsonBody, wholeBody } from '../jmap/receive.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import type { ProblemDetails } from '../jmap/wire.ts'

const maxBytes = 16 * 1024
const totalMs = 15_000

/** JSON alone: what a form of another page can send is not taken. Fields that are no strings are left out. */
export async function readFields(request: IncomingMessage): Promise<ReadonlyMap<string, string> | ProblemDetails> {
  const value = await readObject(request)
  if ('problem' in value) return value.problem
  const fields = new Map<string, string>()
  for (const [name, field] of Object.entries(value.object)) if (typeof field === 'string') fields.set(name, field)
  return fields
}

type ReadObject = { readonly object: Readonly<Record<string, unknown>> } | { readonly problem: ProblemDetails }

export async function readObject(request: IncomingMessage): Promise<ReadObject> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1)
  if (type.trim().toLowerCase() !== 'application/json')
    return { problem: plainProblem(415, 'Unsupported Media Type', 'This path takes application/json') }
  try {
    const read = await readJsonBody(await wholeBody(request, maxBytes, totalMs))
    if (!('value' in read)) return { problem: read }
    const { value } = read
    if (isObject(value)) return { object: value }
    return { problem: plainProblem(400, 'Bad Request', 'This path takes an object') }
  } catch (error) {
    if (error instanceof BodyTooLarge) return { problem: plainProblem(413, 'Content Too Large', 'This is too long') }
    if (error instanceof BodyTooSlow) return { problem: plainProblem(408, 'Request Timeout', 'This came too slowly') }
    if (error instanceof PeerLeft) return { problem: plainProblem(400, 'Bad Request', 'This broke off') }
    throw error
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
