/** What the fuzz of servers with a login shares: a play for each state of a session, and logins that never shut. */
import type { Authenticator } from '#mail/auth.ts'
import type { Random } from '../support/random.ts'
import { type Bench, hostileSession, reached, type State } from './hostile-session.ts'

/** Each state is first reached as its way says, and then disturbed. `before`: what has to be there before a session. */
export function sessionPlays(
  states: Readonly<Record<string, State>>,
  bench: Bench,
  input: (random: Random) => Buffer,
  before: () => Promise<void> = async () => undefined,
) {
  return Object.entries(states).map(([state, way]) => {
    let isReached = false
    return {
      state,
      async play(random: Random) {
        await before()
        const octets = input(random)
        if (isReached) return await hostileSession(bench, way, octets, random)
        isReached = true
        return await reached(bench, way)
      },
    }
  })
}

/** Wrong passwords are not counted, or the throttle would shut the states behind a login. */
export function unthrottled({ password: check, scram, scramReady }: Authenticator, password: string): Authenticator {
  return {
    scram,
    scramReady,
    async password(name, given, attempt) {
      return given === password ? await check(name, given, attempt) : { kind: 'refused', reason: 'wrong-password' }
    },
  }
}
