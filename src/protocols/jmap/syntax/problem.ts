/** Errors of a whole request: RFC 7807 bodies with the types of RFC 8620 §3.6.1. */
import type { CoreCapability, ProblemDetails } from '../wire.ts'

const prefix = 'urn:ietf:params:jmap:error:'

export function notJson(detail: string): ProblemDetails {
  return { type: `${prefix}notJSON`, status: 400, detail }
}

export function notRequest(detail: string): ProblemDetails {
  return { type: `${prefix}notRequest`, status: 400, detail }
}

export function unknownCapability(name: string): ProblemDetails {
  return {
    type: `${prefix}unknownCapability`,
    status: 400,
    detail: `The capability ${JSON.stringify(name.slice(0, 200))} is not known here`,
  }
}

export function limitReached(limit: keyof CoreCapability, detail: string, status = 400): ProblemDetails {
  return { type: `${prefix}limit`, status, limit, detail }
}

/** Nothing that JMAP has a word for */
export function plainProblem(status: number, title: string, detail: string): ProblemDetails {
  return { type: 'about:blank', status, title, detail }
}
