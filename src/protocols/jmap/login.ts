/** Who asks: Basic (RFC 7617), or the cookie of a session where a request says nothing of its own. */
import type { Access } from '#mail/access/access.ts'
import type { Authenticator, AuthResult } from '#mail/auth.ts'
import type { ProofLogins } from '#mail/auth-proofs.ts'
import { shownCookie } from '../http/cookie.ts'
import { loginBySession } from '../http/session-site.ts'
import type { HttpVisit } from '../http/site.ts'

export type Credential =
  | { readonly scheme: 'basic'; readonly name: string; readonly password: string }
  | { readonly scheme: 'session'; readonly token: string }

/** Undefined: there is none, or none that we know. */
export function credentialOf(visit: HttpVisit): Credential | undefined {
  const { authorization } = visit.request.headers
  if (authorization === undefined) {
    const token = shownCookie(visit)
    return token === undefined ? undefined : { scheme: 'session', token }
  }
  const [, scheme = '', token = ''] = /^([A-Za-z]+) +([A-Za-z0-9+/=._~-]+) *$/.exec(authorization) ?? []
  return scheme.toLowerCase() === 'basic' ? basic(token) : undefined
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
    case 'session':
      return loginBySession(credential.token, from, logins)
    default:
      return credential satisfies never
  }
}
