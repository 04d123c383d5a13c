/**
 * Logins. Order of things: who is meant, may they try now (throttle), is it right (cache, else hash), are they still allowed
 * (read again after the hash). Whoever cannot be asked makes it 'unavailable', never 'refused'.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { Authenticator, AuthResult, LoginAttempt, ScramVerifier } from './auth.ts'
import { LoginCache } from './auth-cache.ts'
import type { Credential, Credentials } from './auth-credentials.ts'
import { LoginSessions } from './auth-sessions.ts'
import { LoginThrottle } from './auth-throttle.ts'
import { maxPasswordBytes, scramIterations, scramSaltBytes } from './directory/limits.ts'
import type { Events } from './events.ts'
import { wantsUpgrade } from './passwords/passwords.ts'
import type { Passwords } from './passwords/passwords.ts'
import { makeScramVerifier } from './passwords/scram-verifier.ts'

export type AuthenticatorOptions = {
  readonly directory: Credentials
  readonly passwords: Passwords
  readonly clock: Clock
  readonly log: Log
  readonly events: Events
  /** 32 octets that stay the same over restarts: made-up SCRAM salts must not change. `dataFolder.deriveKey('scram')` */
  readonly scramKey: Uint8Array
  /** Client addresses that stand for everybody: loopback unless told, and our gateway. Not counted as addresses. */
  readonly isSharedAddress?: (address: string) => boolean
}

export type OpenAuthenticator = Authenticator &
  Disposable & {
    /** Hashes that are being improved behind answered logins are done. */
    settled(): Promise<void>
  }

type Refusal = Extract<AuthResult, { kind: 'refused' }>['reason']
/** Different passwords for one pair of address and name that may be looked at together: guesses do not run ahead of their count. */
const maxAtOnce = 3
/** Longer names count under their beginning. */
const maxNameCharacters = 320

export function createAuthenticator(options: AuthenticatorOptions): OpenAuthenticator {
  const { directory, passwords, clock, log, events } = options
  const cache = new LoginCache(clock)
  const throttle = new LoginThrottle(clock, options.isSharedAddress)
  const sessions = new LoginSessions(directory)
  const checking = new Map<string, Map<string, Promise<boolean>>>()
  /** Improvements under way, by account: parallel logins need one */
  const improving = new Map<string, Promise<void>>()

  return {
    async password(name, password, attempt) {
      try {
        return await checkPassword(name, password, attempt)
      } catch (error) {
        return unavailable(error, attempt)
      }
    },
    async scram(name, attempt) {
      try {
        return await beginScram(name, attempt)
      } catch (error) {
        return unavailable(error, attempt)
      }
    },
    scramReady: () => directory.scramReady(),
    async settled() {
      await Promise.all(improving.values())
    },
    [Symbol.dispose]: () => sessions[Symbol.dispose](),
  }

  async function checkPassword(name: string, password: string, attempt: LoginAttempt): Promise<AuthResult> {
    const credential = await directory.credential(name)
    const key = countedName(name, credential)
    const waitMs = throttle.waitMs(attempt.clientAddress, key)
    if (waitMs > 0) return throttled(waitMs, key, attempt)
    const mark = cache.mark(credential ?? { account: key as Credential['account'], version: 0 }, password)
    if (!credential?.enabled || !cache.has(mark)) {
      const right = await checkOnce(`${attempt.clientAddress} ${key}`, mark, () => isRight(credential, password))
      if (right === undefined) return throttled(1_000, key, attempt)
      if (!right) return refused(reasonFor(credential), key, attempt, mark)
      cache.add(mark)
      if (credential) improveLater(credential, password)
    }
    return credential ? succeeded(credential, key, attempt) : refused('unknown-user', key, attempt, mark)
  }

  /** The same question that is being answered already is answered once; undefined when too many others are. */
  async function checkOnce(pair: string, mark: string, check: () => Promise<boolean>): Promise<boolean | undefined> {
    const underWay = checking.get(pair) ?? new Map<string, Promise<boolean>>()
    const same = underWay.get(mark)
    if (same) return same
    if (underWay.size >= maxAtOnce) return undefined
    checking.set(pair, underWay)
    const answer = check().finally(() => {
      underWay.delete(mark)
      if (underWay.size === 0) checking.delete(pair)
    })
    underWay.set(mark, answer)
    return answer
  }

  /** Takes about as long for a name that does not exist or may not log in. */
  async function isRight(credential: Credential | undefined, password: string): Promise<boolean> {
    if (Buffer.byteLength(password) > maxPasswordBytes || password.includes('\0')) return false
    if (!credential?.enabled || credential.hash === undefined) return passwords.verifyNothing(password)
    return passwords.verify(password, credential.hash)
  }

  async function beginScram(name: string, attempt: LoginAttempt) {
    const credential = await directory.credential(name)
    const key = countedName(name, credential)
    const waitMs = throttle.waitMs(attempt.clientAddress, key)
    if (waitMs > 0) return throttled(waitMs, key, attempt)
    const known = credential?.enabled ? credential.scram.find(one => one.hash === 'sha-256') : undefined
    let finished = false
    return {
      kind: 'scram' as const,
      verifier: known ?? madeUpVerifier(options.scramKey, key),
      async finish(proved: boolean): Promise<AuthResult> {
        if (finished) throw new Error('A SCRAM exchange finishes once')
        finished = true
        try {
          if (!proved || !known || !credential) return refused(reasonFor(credential), key, attempt, undefined)
          return await succeeded(credential, key, attempt)
        } catch (error) {
          return unavailable(error, attempt)
        }
      },
    }
  }

  async function succeeded(credential: Credential, key: string, attempt: LoginAttempt): Promise<AuthResult> {
    const login = await sessions.begin(credential)
    if (!login) return refused('wrong-password', key, attempt, undefined)
    throttle.succeeded(attempt.clientAddress, key)
    events.record({
      at: clock.now(),
      kind: 'login',
      session: attempt.session,
      client: attempt.clientAddress,
      to: credential.address,
      detail: { protocol: attempt.protocol, mechanism: attempt.mechanism },
    })
    return { kind: 'ok', login }
  }

  function refused(reason: Refusal, key: string, attempt: LoginAttempt, mark: string | undefined): AuthResult {
    throttle.failed(attempt.clientAddress, key, mark)
    recordRefusal(reason, key, attempt)
    return { kind: 'refused', reason }
  }

  function throttled(retryAfterMs: number, key: string, attempt: LoginAttempt): AuthResult & { kind: 'throttled' } {
    recordRefusal('throttled', key, attempt)
    return { kind: 'throttled', retryAfterMs }
  }

  function unavailable(error: unknown, attempt: LoginAttempt): AuthResult & { kind: 'unavailable' } {
    const reason = error instanceof Error ? error.message : String(error)
    log.warn('A login could not be checked', { session: attempt.session, protocol: attempt.protocol, reason })
    return { kind: 'unavailable', reason }
  }

  function recordRefusal(reason: string, key: string, attempt: LoginAttempt): void {
    events.record({
      at: clock.now(),
      kind: 'login-refused',
      session: attempt.session,
      client: attempt.clientAddress,
      to: key,
      detail: { protocol: attempt.protocol, mechanism: attempt.mechanism, reason },
    })
  }

  /** A foreign hash becomes ours, and a missing SCRAM verifier is made: after the answer, and again next time if there is no room now. */
  function improveLater(credential: Credential, password: string): void {
    const rehash = credential.hash !== undefined && wantsUpgrade(credential.hash)
    const rescram = !credential.scram.some(one => one.hash === 'sha-256')
    if ((!rehash && !rescram) || improving.has(credential.account)) return
    const work = improve(credential, password, rehash, rescram)
      .catch(error =>
        log.info('A stored password was not improved', { account: credential.account, reason: `${error}` }),
      )
      .finally(() => improving.delete(credential.account))
    improving.set(credential.account, work)
  }

  async function improve(credential: Credential, password: string, rehash: boolean, rescram: boolean): Promise<void> {
    const hash = rehash ? await passwords.hash(password) : undefined
    const verifier = rescram
      ? await makeScramVerifier(password, credential.scramSalt, credential.scramIterations)
      : undefined
    await directory.upgradeCredential(credential.account, credential.version, {
      ...(hash === undefined ? {} : { hash }),
      ...(verifier === undefined ? {} : { scram: [...credential.scram, verifier] }),
    })
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
function madeUpVerifier(key: Uint8Array, name: string): ScramVerifier {
  const derived = (what: string) => createHmac('sha256', key).update(`${what}\0${name}`).digest()
  return {
    hash: 'sha-256',
    salt: derived('salt').subarray(0, scramSaltBytes),
    iterations: scramIterations,
    storedKey: derived('stored'),
    serverKey: derived('server'),
  }
}
