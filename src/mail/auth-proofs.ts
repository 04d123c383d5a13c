/** Logins and further proofs beside names and passwords, under the same throttle. */
import { randomBytes } from 'node:crypto'
import { hmacSha256 } from '#base/hmac.ts'
import { networkOf } from '#base/network-of.ts'
import type { AuthResult, Login, LoginAttempt } from './auth.ts'
import type { LoginOutcomes } from './auth-outcomes.ts'
import type { LoginThrottle } from './auth-throttle.ts'

const mac = hmacSha256(randomBytes(32))

export type ProofLogins = {
  /**
   * By what nobody can guess: the token of a session or a program, a ticket, a signature. What is right is taken at once, however many were
   * wrong before; what is wrong counts on its network alone, so that a stranger's guesses hold up nobody else. `shown`: so that its repetition
   * is known; `find` says whose it is.
   */
  proved(
    shown: string,
    attempt: LoginAttempt,
    find: () => Promise<Login | undefined> | Login | undefined,
  ): Promise<AuthResult>
  /** By what can be guessed (six digits), after the password: one at a time for each account, and none while its count makes it wait. */
  guarded(login: Login, attempt: LoginAttempt, isRight: () => Promise<boolean>): Promise<AuthResult>
}

export function proofLogins(throttle: LoginThrottle, outcomes: LoginOutcomes): ProofLogins {
  const underWay = new Set<string>()
  return {
    async proved(shown, attempt, find) {
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
        : outcomes.refused('wrong-password', key, attempt, markOf(shown))
    },
    async guarded(login, attempt, isRight) {
      const key = `${login.address} (${attempt.mechanism})`
      const waitMs = underWay.has(key) ? 1_000 : throttle.waitMs(attempt.clientAddress, key)
      if (waitMs > 0) return outcomes.throttled(waitMs, key, attempt)
      underWay.add(key)
      try {
        if (!(await isRight())) return outcomes.refused('wrong-password', key, attempt, undefined)
        throttle.succeeded(attempt.clientAddress, key)
        return { kind: 'ok', login }
      } catch (error) {
        return outcomes.unavailable(error, attempt)
      } finally {
        underWay.delete(key)
      }
    },
  }
}

/** What was shown may be long, and somebody's secret: neither is kept. */
function markOf(shown: string): string {
  return mac(shown).toString('base64')
}
