/** What a method is: arguments in, responses out. Errors that a client can be told are values; whatever is thrown is our fault. */
import type { Log } from '#base/log.ts'
import type { PushSubscriptions } from '#mail/access/push-subscriptions.ts'
import type { Account, Accounts } from '#mail/account.ts'
import type { Login } from '#mail/auth.ts'
import { readAccountId } from '#mail/object-ids.ts'
import type { Tracing } from '#mail/trace/tracing.ts'
import type { Uploads } from '#mail/uploads.ts'
import type { Letters } from './letters/letters.ts'
import type { RememberedCounts } from './mailbox/counts.ts'
import type { Sending } from './sending.ts'
import type { Id, JsonObject, MethodError } from './wire.ts'

export type MethodContext = {
  readonly login: Login
  readonly accounts: Accounts
  /** Creation id → id, of this request and what it brought. RFC 8620 §3.3 */
  readonly created: Map<string, Id>
  readonly using: ReadonlySet<string>
  readonly counts: RememberedCounts
  readonly letters: Letters
  readonly pushSubscriptions: PushSubscriptions
  readonly uploads: Uploads
  /** Octets: of one upload, and of all that an email carries */
  readonly maxSizeUpload: number
  readonly sending: Sending
  readonly tracing: Tracing
  /** Whose request this is, for the trace of what is sent */
  readonly from: { readonly session: string; readonly clientAddress: string }
  /** Called when the answer is out (`confirmed`), or was lost on the way (`gone`): the client may ask again */
  readonly answered: ((outcome: 'confirmed' | 'gone') => void)[]
  /** The peer has left or the time is over: reading may stop, a change that was begun goes on */
  readonly signal: AbortSignal
  readonly log: Log
}

export type MethodResponse = { readonly name: string; readonly arguments: object }
/** Several: the further ones are those of implicit calls (RFC 8621 §7.5) */
export type MethodResult = object | readonly MethodResponse[]

export type Method = {
  readonly capability: string
  /** Resolves with the arguments of the response of the same name, with several responses, or throws MethodFault or ArgumentFault. */
  run(given: JsonObject, context: MethodContext): Promise<MethodResult>
}

/** An error as RFC 8620 §3.6.2 has them; thrown, since it ends the method wherever it is found. */
export class MethodFault extends Error {
  readonly reply: MethodError
  constructor(type: MethodError['type'], description?: string) {
    super(description ?? type)
    this.reply = description === undefined ? { type } : { type, description }
  }
}

/** The account that `accountId` names: one's own, there are no others yet. */
export async function accountOf(accountId: Id, { login, accounts }: MethodContext): Promise<Account> {
  if (readAccountId(accountId) !== login.account) throw new MethodFault('accountNotFound')
  return await accounts.account(login.account)
}

/** The id itself, or what was created under it (`#k1`) in this request; undefined when nothing was. RFC 8620 §5.3 */
export function resolvedId(reference: string, { created }: Pick<MethodContext, 'created'>): Id | undefined {
  return reference.startsWith('#') ? created.get(reference.slice(1)) : reference
}
