/** Who is there: the border between protocols/sasl (and every server that logs people in) and the directory. */
import type { AccountId } from './ids.ts'

export type Login = {
  readonly account: AccountId
  /** The user's main address, canonical */
  readonly address: string
  /** Aborted when the user is disabled or gets a new password: end the session. */
  readonly ended: AbortSignal
  /** Which session, app password or token it is by (mail/access); undefined: by the password itself */
  readonly by?: string
  /** By a token that opens the account for reading alone. JMAP only: nothing else takes tokens */
  readonly readOnly?: boolean
}

/** How the credential came, for throttling and events. */
export type LoginAttempt = {
  /** The true client's address */
  readonly clientAddress: string
  /** `web`: somebody signs in to a browser's session; all others are programs */
  readonly protocol: 'imap' | 'pop3' | 'submission' | 'lmtp' | 'http' | 'web' | 'managesieve'
  readonly mechanism: string
  readonly session: string
}

export type AuthResult =
  | { readonly kind: 'ok'; readonly login: Login }
  /** Name or password wrong, or the account disabled: the peer is told the same for each. `app-password-needed`: right, and not for programs */
  | {
      readonly kind: 'refused'
      readonly reason: 'unknown-user' | 'wrong-password' | 'disabled' | 'app-password-needed'
    }
  /** Ask again after so long: too many failures from this address or for this name */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  /** The back end cannot be asked: never "wrong password". `[UNAVAILABLE]`, 454 */
  | { readonly kind: 'unavailable'; readonly reason: string }

/** SHA-1 only where a setting asks for it */
export type ScramHash = 'sha-256' | 'sha-1'

/** RFC 5803: what a server keeps for SCRAM. */
export type ScramVerifier = {
  readonly hash: ScramHash
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

export type Authenticator = {
  /** `name` is the full address or, where one domain makes it unambiguous, the local part. */
  password(name: string, password: string, attempt: LoginAttempt): Promise<AuthResult>
  /**
   * The verifier for a name; for unknown names a stable made-up one, so that names cannot be probed (RFC 5802 §5.1).
   * `finish(true)` after the proof was right gives the login, `finish(false)` counts the failure.
   */
  scram(
    name: string,
    attempt: LoginAttempt,
    hash: ScramHash,
  ): Promise<ScramExchange | Exclude<AuthResult, { kind: 'ok' }>>
  /** Every enabled account has a verifier of this kind, so SCRAM may be advertised with it. */
  scramReady(hash: ScramHash): boolean
}

export type ScramExchange = {
  readonly kind: 'scram'
  readonly verifier: ScramVerifier
  /** Further ones of the same account, under the same salt and count: any may be proved */
  readonly others?: readonly ScramVerifier[]
  /** `by`: which was proved; `verifier` when absent */
  finish(proved: boolean, by?: ScramVerifier): Promise<AuthResult>
}
