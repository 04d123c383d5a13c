/** SPF, DKIM, ARC and DMARC at the gateway, by what the configuration says now. */
import { createAuthenticityJudge } from '#mail/authenticity/judge.ts'
import { namesOf } from '#mail/authenticity/names.ts'
import { type AuthenticityCheck, createAuthenticityCheck } from '#mail/authenticity/policy.ts'
import { nameServerOf } from './name-server.ts'
import type { Surroundings } from './surroundings.ts'

export function authenticityCheck({ clock, config, live, resolver }: Surroundings): AuthenticityCheck {
  const settings = () => live.current.gateway.checks.authenticity
  const judge = createAuthenticityJudge({
    names: namesOf(nameServerOf(resolver)),
    clock,
    hostname: config.hostname,
    get withinMs() {
      return settings().within
    },
    get explain() {
      return settings().spfFail === 'reject'
    },
  })
  return createAuthenticityCheck(judge, settings)
}
