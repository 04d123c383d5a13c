/**
 * Logins by what nobody can guess: the token of a session or a program, a ticket. What is right is taken at once, however many were wrong
 * before; what is wrong counts on its network alone, so that a stranger's guesses hold up nobody else.
 */
import { networkOf } from '#base/network-of.ts'
import type { AuthResult, Login, LoginAttempt } from './auth.ts'
import type { LoginOutcomes } from './auth-outcomes.ts'
import type { LoginThrottle } from './auth-throttle.ts'

export type ProofLogins = {
  /** `mark` stands for what was shown, so that its repetition is known; `find` says whose it is. */
  proved(
    mark: string,
    attempt: LoginAttempt,
    find: () => Promise<Login | undefined> | Login | undefined,
  ): Promise<AuthResult>
}

export function proofLogins(throttle: LoginThrottle, outcomes: LoginOutcomes): ProofLogins {
  return {
    async proved(mark, attempt, find) {
      try {
        const login = await find()
        if (login) return { kind: 'ok', login }
      } catch (error) {
        return outcomes.unavailable(error, attempt)
      }
      const key = `(${attempt.mechanism} from ${networkOf(attempt.clientAddress)})`
      const waitMs = throttle.waitMs(attempt.clientAddress, key)
      return waitMs > 0
        ? outcomes.throttled(waitMs, key, attempt)
        : outcomes.refused('wrong-password', key, attempt, mark)
    },
  }
}
