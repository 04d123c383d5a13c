/**
 * Logins. Order of things: who is meant, may they try now (throttle), is it right (cache, else hash), are they still allowed
 * (read again after the hash). Whoever cannot be asked makes it 'unavailable', never 'refused'.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { AppPasswordCheck } from './access/app-passwords.ts'
import type { Authenticator, AuthResult, LoginAttempt, ScramHash, ScramVerifier } from './auth.ts'
import { LoginCache } from './auth-cache.ts'
import { PasswordChecks } from './auth-checks.ts'
import type { Credential, Credentials } from './auth-credentials.ts'
import { CredentialImprovements } from './auth-improvements.ts'
import { LoginOutcomes, type Refusal } from './auth-outcomes.ts'
import { type ProofLogins, proofLogins } from './auth-proofs.ts'
import { LoginSessions } from './auth-sessions.ts'
import { LoginThrottle } from './auth-throttle.ts'
import { scramIterations, scramSaltBytes } from './directory/limits.ts'
import type { Events } from './events.ts'
import { scramDigests } from './passwords/scram-verifier.ts'
import type { Passwords } from './passwords/passwords.ts'

export type AuthenticatorOptions = {
  readonly directory: Credentials
  readonly passwords: Passwords
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
  /** 32 octets that stay the same over restarts: made-up SCRAM salts must not change. `dataFolder.deriveKey('scram')` */
  readonly scramKey: Uint8Array
  /** What programs may show instead of the password; nothing when absent */
  readonly appPasswords?: AppPasswordCheck
  /** Client addresses that stand for everybody: loopback unless told, and our gateway. Not counted as addresses. */
  readonly isSharedAddress?: (address: string) => boolean
}

export type OpenAuthenticator = Authenticator &
  ProofLogins &
  Disposable & {
    /** Hashes that are being improved behind answered logins are done. */
    settled(): Promise<void>
  }

/** Longer names count under their beginning. */
const maxNameCharacters = 320

export function createAuthenticator(options: AuthenticatorOptions): OpenAuthenticator {
  const { directory, passwords, log } = options
  const throttle = new LoginThrottle(options.clock, options.isSharedAddress)
  const sessions = new LoginSessions(directory)
  const outcomes = new LoginOutcomes({ ...options, throttle, sessions })
  const parts: Parts = {
    directory,
    throttle,
    cache: new LoginCache(options.clock),
    checks: new PasswordChecks(passwords),
    improvements: new CredentialImprovements(directory, passwords, log),
    outcomes,
    scramKey: options.scramKey,
    appPasswords: options.appPasswords,
  }
  return {
    password: (name, password, attempt) =>
      checkPassword(parts, name, password, attempt).catch((error: unknown) =>
        parts.outcomes.unavailable(error, attempt),
      ),
    scram: (name, attempt, hash) =>
      beginScram(parts, name, attempt, hash).catch((error: unknown) => parts.outcomes.unavailable(error, attempt)),
    ...proofLogins(throttle, outcomes),
    scramReady: hash => directory.scramReady(hash),
    settled: () => parts.improvements.settled(),
    [Symbol.dispose]: () => sessions[Symbol.dispose](),
  }
}

type Parts = {
  readonly directory: Credentials
  readonly throttle: LoginThrottle
  readonly cache: LoginCache
  readonly checks: PasswordChecks
  readonly improvements: CredentialImprovements
  readonly outcomes: LoginOutcomes
  readonly scramKey: Uint8Array
  readonly appPasswords: AppPasswordCheck | undefined
}

async function checkPassword(parts: Parts, name: string, password: string, attempt: LoginAttempt): Promise<AuthResult> {
  const { cache, outcomes } = parts
  const credential = await parts.directory.credential(name)
  const key = countedName(name, credential)
  const waitMs = parts.throttle.waitMs(attempt.clientAddress, key)
  if (waitMs > 0) return outcomes.throttled(waitMs, key, attempt)
  const byProgram = credential && attempt.protocol !== 'web'
  const app = byProgram ? parts.appPasswords?.login(credential.account, password) : undefined
  if (app) return outcomes.arrived(app, key, attempt)
  const mark = cache.mark(credential ?? { account: key as Credential['account'], version: 0 }, password)
  if (!credential?.enabled || !cache.has(mark)) {
    const right = await parts.checks.isRight(`${attempt.clientAddress} ${key}`, mark, credential, password)
    if (right === undefined) return outcomes.throttled(1_000, key, attempt)
    if (!right) return outcomes.refused(reasonFor(credential), key, attempt, mark)
    cache.add(mark)
    if (credential) parts.improvements.begin(credential, password)
  }
  if (!credential) return outcomes.refused('unknown-user', key, attempt, mark)
  if (byProgram && parts.appPasswords?.needed(credential.account))
    return outcomes.refused('app-password-needed', key, attempt, mark)
  return outcomes.succeeded(credential, key, attempt)
}

async function beginScram(
  { directory, throttle, outcomes, scramKey, appPasswords }: Parts,
  name: string,
  attempt: LoginAttempt,
  hash: ScramHash,
) {
  const credential = await directory.credential(name)
  const key = countedName(name, credential)
  const waitMs = throttle.waitMs(attempt.clientAddress, key)
  if (waitMs > 0) return outcomes.throttled(waitMs, key, attempt)
  const enabled = credential?.enabled === true ? credential : undefined
  const known = enabled?.scram.find(one => one.hash === hash)
  const apps = enabled ? (appPasswords?.verifiers(enabled.account, hash) ?? []) : []
  const [verifier, ...others] = [...(known ? [known] : []), ...apps.map(app => app.verifier)]
  let finished = false
  const finish = async (proved: boolean, by?: ScramVerifier) => {
    if (!proved || !credential || !verifier) return outcomes.refused(reasonFor(credential), key, attempt, undefined)
    const app = apps.find(one => one.verifier === (by ?? verifier))
    if (!app && appPasswords?.needed(credential.account))
      return outcomes.refused('app-password-needed', key, attempt, undefined)
    if (!app) return await outcomes.succeeded(credential, key, attempt)
    const login = app.login()
    return login ? outcomes.arrived(login, key, attempt) : outcomes.refused('wrong-password', key, attempt, undefined)
  }
  return {
    kind: 'scram' as const,
    verifier: verifier ?? madeUpVerifier(hash, scramKey, key),
    others,
    async finish(proved: boolean, by?: ScramVerifier): Promise<AuthResult> {
      if (finished) throw new Error('A SCRAM exchange finishes once')
      finished = true
      try {
        return await finish(proved, by)
      } catch (error) {
        return outcomes.unavailable(error, attempt)
      }
    },
  }
}

/** One name has one count, however it is spelled; names that nobody has are counted too. */
function countedName(name: string, credential: Credential | undefined): string {
  return credential?.address ?? name.normalize('NFKC').toLowerCase().slice(0, maxNameCharacters)
}

function reasonFor(credential: Credential | undefined): Refusal {
  if (!credential) return 'unknown-user'
  return credential.enabled ? 'wrong-password' : 'disabled'
}

/** The same for a name each time it is asked, and nothing that anybody could prove. RFC 5802 §5.1 */
function madeUpVerifier(hash: ScramHash, key: Uint8Array, name: string): ScramVerifier {
  const derived = (what: string) => createHmac('sha256', key).update(`${what}\0${name}`).digest()
  return {
    hash,
    // one salt for all verifiers of an account, as for those who are there
    salt: derived('salt').subarray(0, scramSaltBytes),
    iterations: scramIterations,
    storedKey: derived('stored').subarray(0, scramDigests[hash].bytes),
    serverKey: derived('server').subarray(0, scramDigests[hash].bytes),
  }
}
