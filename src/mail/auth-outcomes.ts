/** How a login ends: counted by the throttle, written down as an event, answered. Nobody learns from the answer what failed. */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { AuthResult, Login, LoginAttempt } from './auth.ts'
import type { Credential } from './auth-credentials.ts'
import type { LoginSessions } from './auth-sessions.ts'
import type { LoginThrottle } from './auth-throttle.ts'
import type { Events } from './events.ts'

export type Refusal = Extract<AuthResult, { kind: 'refused' }>['reason']

export type LoginOutcomesOptions = {
  readonly throttle: LoginThrottle
  readonly sessions: LoginSessions
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
}

export class LoginOutcomes {
  readonly #options: LoginOutcomesOptions

  constructor(options: LoginOutcomesOptions) {
    this.#options = options
  }

  async succeeded(credential: Credential, key: string, attempt: LoginAttempt): Promise<AuthResult> {
    const login = await this.#options.sessions.begin(credential)
    return login ? this.arrived(login, key, attempt) : this.refused('wrong-password', key, attempt, undefined)
  }

  arrived(login: Login, key: string, attempt: LoginAttempt): AuthResult {
    const { throttle, events, clock } = this.#options
    throttle.succeeded(attempt.clientAddress, key)
    events.record({
      at: clock.now(),
      kind: 'login',
      session: attempt.session,
      client: attempt.clientAddress,
      to: login.address,
      detail: { protocol: attempt.protocol, mechanism: attempt.mechanism },
    })
    return { kind: 'ok', login }
  }

  refused(reason: Refusal, key: string, attempt: LoginAttempt, mark: string | undefined): AuthResult {
    this.#options.throttle.failed(attempt.clientAddress, key, mark)
    this.#recordRefusal(reason, key, attempt)
    return { kind: 'refused', reason }
  }

  throttled(retryAfterMs: number, key: string, attempt: LoginAttempt): AuthResult & { kind: 'throttled' } {
    this.#recordRefusal('throttled', key, attempt)
    return { kind: 'throttled', retryAfterMs }
  }

  unavailable(error: unknown, { session, protocol }: LoginAttempt): AuthResult & { kind: 'unavailable' } {
    const reason = error instanceof Error ? error.message : String(error)
    this.#options.log.warn('A login could not be checked', { session, protocol, reason })
    return { kind: 'unavailable', reason }
  }

  #recordRefusal(reason: string, key: string, attempt: LoginAttempt): void {
    const { events, clock } = this.#options
    events.record({
      at: clock.now(),
      kind: 'login-refused',
      session: attempt.session,
      client: attempt.clientAddress,
      to: key,
      detail: { protocol: attempt.protocol, mechanism: attempt.mechanism, reason },
    })
  }
}
