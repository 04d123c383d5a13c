/** Who we are, said to push services: RFC 8292, told to clients by RFC 9749. */
import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto'

/** 24 hours at most (RFC 8292 §2) */
const lifetimeSeconds = 12 * 60 * 60

export type Vapid = {
  /** The point, base64url: the `applicationServerKey` of the Push API */
  readonly publicKey: string
  /** The Authorization field for a request to `url` at `now`, milliseconds since 1970 */
  authorization(url: URL, now: number): string
}

/**
 * `secret`: 32 octets that stay the same over restarts, `dataFolder.deriveKey('vapid')`. A browser keeps to the key with which it subscribed.
 * `contact`: mailto: or https:, whom a push service asks when we misbehave.
 */
export function createVapid(secret: Uint8Array, contact: string): Vapid {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(secret)
  const point = ecdh.getPublicKey()
  const publicKey = point.toString('base64url')
  const key = privateKey(secret, point)
  return {
    publicKey,
    authorization: (url, now) => `vapid t=${token(key, { url, now, contact })}, k=${publicKey}`,
  }
}

function privateKey(secret: Uint8Array, point: Buffer): KeyObject {
  const [d, x, y] = [Buffer.from(secret), point.subarray(1, 33), point.subarray(33)]
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: d.toString('base64url'),
    x: x.toString('base64url'),
    y: y.toString('base64url'),
  }
  return createPrivateKey({ key: jwk, format: 'jwk' })
}

type Claims = { readonly url: URL; readonly now: number; readonly contact: string }

/** A JWT (RFC 7519) by ES256 */
function token(key: KeyObject, { url, now, contact }: Claims): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(now / 1000) + lifetimeSeconds
  const signed = `${part({ typ: 'JWT', alg: 'ES256' })}.${part({ aud: url.origin, exp, sub: contact })}`
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
