/** What opens an account besides its password. */
import type { Clock } from '#base/clock.ts'
import type { Login } from '../auth.ts'
import type { AccessRows } from '../directory/access-rows.ts'
import { AppPasswords } from './app-passwords.ts'
import { LivingAccess } from './living.ts'
import { Passkeys } from './passkeys.ts'
import { SecondFactor } from './second-factor.ts'
import { PushSubscriptions } from './push-subscriptions.ts'
import { Tickets } from './tickets.ts'
import { Tokens } from './tokens.ts'
import { WebSessions } from './web-sessions.ts'

export type Access = {
  readonly sessions: WebSessions
  readonly tickets: Tickets
  readonly appPasswords: AppPasswords
  readonly tokens: Tokens
  readonly secondFactor: SecondFactor
  readonly passkeys: Passkeys
  readonly pushSubscriptions: PushSubscriptions
  /** Undefined: no such ticket, or its user may not come in. It is good for nothing afterwards. */
  loginByTicket(ticket: string): Login | undefined
}

export type AccessOptions = {
  readonly rows: AccessRows
  readonly clock: Clock
  /** 32 octets that stay the same over restarts: `dataFolder.deriveKey('access')` */
  readonly key: Uint8Array
}

export function createAccess({ rows, clock, key }: AccessOptions): Access & Disposable {
  const living = new LivingAccess(rows)
  const parts = { rows, clock, key, living }
  const sessions = new WebSessions(parts)
  const tickets = new Tickets(clock, key)
  return {
    sessions,
    tickets,
    appPasswords: new AppPasswords(parts),
    tokens: new Tokens(parts),
    secondFactor: new SecondFactor(parts),
    passkeys: new Passkeys(parts),
    pushSubscriptions: new PushSubscriptions(parts),
    loginByTicket(ticket) {
      const account = tickets.redeem(ticket)
      const owner = account && rows.owner(account)
      if (!owner?.enabled) return undefined
      // for the moment in which a session begins, which looks for itself whether its user still may
      return { account: owner.account, address: owner.address, ended: new AbortController().signal }
    },
    [Symbol.dispose]() {
      sessions[Symbol.dispose]()
      living[Symbol.dispose]()
    },
  }
}
