/** What can come between us and an answer. */
import type { MethodError, ProblemDetails } from '#protocols/jmap/wire.ts'

export type FaultKind =
  /** Nobody answers: no network, or the server is away */
  | 'unreachable'
  /** The session has ended */
  | 'signed-out'
  /** The server says no, or something is wrong there */
  | 'refused'

export class Fault extends Error {
  readonly kind: FaultKind
  readonly problem: ProblemDetails | undefined
  /** Milliseconds to wait, as the server said */
  readonly retryAfterMs: number | undefined

  constructor(
    kind: FaultKind,
    about: { problem?: ProblemDetails | undefined; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(about.problem?.detail ?? kind, { cause: about.cause })
    this.kind = kind
    this.problem = about.problem
    this.retryAfterMs = about.retryAfterMs
  }
}

/** A method's own error. RFC 8620 §3.6.2 */
export class MethodFault extends Error {
  readonly type: MethodError['type']

  constructor({ type, description }: MethodError) {
    super(description ?? type)
    this.type = type
  }
}
