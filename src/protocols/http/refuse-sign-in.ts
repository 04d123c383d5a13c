/** What somebody is told who may not come in. Whether the name or the password was wrong is nobody's business. */
import type { ServerResponse } from 'node:http'
import type { AuthResult } from '#mail/auth.ts'
import { sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'

/** Undefined: nothing was shown. A browser that was told of Basic would ask by a window of its own. */
export async function refuseSignIn(
  response: ServerResponse,
  result: Exclude<AuthResult, { kind: 'ok' }> | undefined,
  { challenge = 'Bearer realm="Hikyaku"', who = 'Nobody is signed in' } = {},
): Promise<void> {
  switch (result?.kind) {
    case 'throttled': {
      const seconds = String(Math.max(1, Math.ceil(result.retryAfterMs / 1000)))
      return sendProblem(response, plainProblem(429, 'Too Many Requests', 'Too many failures: try again later'), {
        'retry-after': seconds,
      })
    }
    case 'unavailable':
      return sendProblem(response, plainProblem(503, 'Service Unavailable', 'Logins cannot be checked now'), {
        'retry-after': '30',
      })
    case 'refused':
    case undefined: {
      const detail = result ? refusals[result.reason] : who
      return sendProblem(response, plainProblem(401, 'Unauthorized', detail), { 'www-authenticate': challenge })
    }
    default:
      return result satisfies never
  }
}

const wrong = 'The name or the password is wrong'
const refusals = {
  'unknown-user': wrong,
  'wrong-password': wrong,
  disabled: wrong,
  'app-password-needed': 'This account has a second factor: programs need an app password',
} as const
