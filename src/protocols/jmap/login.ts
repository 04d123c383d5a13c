/** Who asks: Basic (RFC 7617), a token (Bearer, RFC 6750), or the cookie of a session where a request says nothing of its own. */
import type { Access } from '#mail/access/access.ts'
import type { Authenticator, AuthResult } from '#mail/auth.ts'
import type { ProofLogins } from '#mail/auth-proofs.ts'
import { shownCookie } from '../http/cookie.ts'
import { loginBySession } from '../http/signed-in.ts'
import type { HttpVisit } from '../http/site.ts'

export type Credential =
  | { readonly scheme: 'basic'; readonly name: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'session'; readonly token: string }

/** Undefined: there is none, or none that we know. */
export function credentialOf(visit: HttpVisit): Credential | undefined {
  const { authorization } = visit.request.headers
  if (authorization === undefined) {
    const token = shownCookie(visit)
    return token === undefined ? undefined : { scheme: 'session', token }
  }
  const [, scheme = '', token = ''] = /^([A-Za-z]+) +([A-Za-z0-9+/=._~-]+) *$/.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    case 'basic':
      return basic(token)
    case 'bearer':
      return { scheme: 'bearer', token }
    default:
      return undefined
  }
}

function basic(token: string): Credential | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(token)) return undefined
  let pair: string
  try {
    pair = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(token, 'base64'))
  } catch {
    return undefined
  }
  const colon = pair.indexOf(':')
  if (colon <= 0 || colon === pair.length - 1) return undefined
  return { scheme: 'basic', name: pair.slice(0, colon), password: pair.slice(colon + 1) }
}

export async function checkCredential(
  logins: { readonly authenticator: Authenticator & ProofLogins; readonly access: Access },
  credential: Credential,
  from: { readonly clientAddress: string; readonly session: string },
): Promise<AuthResult> {
  switch (credential.scheme) {
    case 'basic': {
      const attempt = { ...from, protocol: 'http' as const, mechanism: 'BASIC' }
      return logins.authenticator.password(credential.name, credential.password, attempt)
    }
    case 'bearer': {
      const attempt = { ...from, protocol: 'http' as const, mechanism: 'BEARER' }
      return logins.authenticator.proved(credential.token, attempt, () => logins.access.tokens.login(credential.token))
    }
    case 'session':
      return loginBySession(credential.token, from, logins)
    default:
      return credential satisfies never
  }
}
