/** Who asks. Basic (RFC 7617) over TLS; sessions and tokens of the webmail become further schemes of `credentialOf`. */
import type { Authenticator, AuthResult } from '#mail/auth.ts'

export type Credential = { readonly scheme: 'basic'; readonly name: string; readonly password: string }

/** Undefined: there is none, or none that we know. */
export function credentialOf(authorization: string | undefined): Credential | undefined {
  const [, scheme = '', token = ''] = /^([A-Za-z]+) +([A-Za-z0-9+/=._~-]+) *$/.exec(authorization ?? '') ?? []
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
  authenticator: Authenticator,
  credential: Credential,
  from: { readonly clientAddress: string; readonly session: string },
): Promise<AuthResult> {
  const attempt = { ...from, protocol: 'http' as const, mechanism: 'BASIC' }
  return await authenticator.password(credential.name, credential.password, attempt)
}
