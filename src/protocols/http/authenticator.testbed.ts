/** A device with passkeys (WebAuthn level 2, attestation `none`), as a browser would speak to it: keys on P-256, finger always right. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest()

export type Device = {
  create(options: { readonly challenge: string; readonly rp: { readonly id?: string } }, origin: string): object
  get(
    options: { readonly challenge: string; readonly rpId?: string },
    origin: string,
    change?: { readonly flags?: number; readonly counter?: number },
  ): object
}

const userPresent = 0x01
const userVerified = 0x04
const attested = 0x40

export function createDevice(): Device {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let counter = 0
  const clientData = (type: string, challenge: string, origin: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  const head = (rpId: string, flags: number, count: number) => {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(count)
    return Buffer.concat([sha256(rpId), Uint8Array.of(flags), number])
  }
  const common = { id: base64url(id), rawId: base64url(id), type: 'public-key', clientExtensionResults: {} }
  return {
    create({ challenge, rp }, origin) {
      const length = Uint8Array.of(id.length >> 8, id.length & 255)
      const data = Buffer.concat([
        head(rp.id ?? '', userPresent | userVerified | attested, counter),
        Buffer.alloc(16),
        length,
        id,
        coseKey(publicKey),
      ])
      const attestationObject = Buffer.concat([
        Uint8Array.of(0xa3),
        text('fmt'),
        text('none'),
        text('attStmt'),
        Uint8Array.of(0xa0),
        text('authData'),
        bytes(data),
      ])
      const clientDataJSON = base64url(clientData('webauthn.create', challenge, origin))
      return { ...common, response: { clientDataJSON, attestationObject: base64url(attestationObject) } }
    },
    get({ challenge, rpId }, origin, change = {}) {
      counter++
      const data = head(rpId ?? '', change.flags ?? userPresent | userVerified, change.counter ?? counter)
      const client = clientData('webauthn.get', challenge, origin)
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey)
      const response = {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(signature),
      }
      return { ...common, response }
    },
  }
}

/** CBOR (RFC 8949) as far as it is needed */
function text(value: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x60 + value.length), Buffer.from(value)])
}

function bytes(value: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x59, value.length >> 8, value.length & 255), value])
}

/** RFC 9053 §7.1.1: EC2, ES256, P-256 */
function coseKey(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const coordinate = (label: number, value: string) =>
    Buffer.concat([Uint8Array.of(label, 0x58, 32), Buffer.from(value, 'base64url')])
  const kind = Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01)
  return Buffer.concat([kind, coordinate(0x21, x), coordinate(0x22, y)])
}
