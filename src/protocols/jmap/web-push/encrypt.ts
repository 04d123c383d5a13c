/** A message that the push service cannot read: RFC 8291, in the one record of RFC 8188 that it asks for. */
import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'
import type { PushKeys } from '#mail/access/push-subscriptions.ts'

const curve = 'prime256v1'
/** A push service takes 4,096 octets at least (RFC 8030 §7.2), of which the header is 86, the delimiter 1 and the tag 16. */
export const maxPlaintextBytes = 3_993
const recordSize = 4_096

/** Undefined: these are no keys of a subscription. */
export function readKeys({ p256dh, auth }: PushKeys): { readonly point: Buffer; readonly secret: Buffer } | undefined {
  const [point, secret] = [Buffer.from(p256dh, 'base64url'), Buffer.from(auth, 'base64url')]
  if (point.length !== 65 || point[0] !== 4 || secret.length !== 16) return undefined
  try {
    // throws for what is not on the curve
    makeKey().computeSecret(point)
    return { point, secret }
  } catch {
    return undefined
  }
}

function makeKey(): ReturnType<typeof createECDH> {
  const key = createECDH(curve)
  key.generateKeys()
  return key
}

/** `made`: for the example of RFC 8291 §5 alone, which has its salt and its key. */
export function encryptPush(
  plaintext: Uint8Array,
  keys: PushKeys,
  made: { readonly privateKey?: Buffer; readonly salt?: Buffer } = {},
): Buffer {
  const read = readKeys(keys)
  if (!read || plaintext.length > maxPlaintextBytes) throw new RangeError('Keys or length of a push are wrong')
  const own = createECDH(curve)
  if (made.privateKey) own.setPrivateKey(made.privateKey)
  else own.generateKeys()
  const ownPoint = own.getPublicKey()
  const salt = made.salt ?? randomBytes(16)
  // §3.3, §3.4
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), read.point, ownPoint])
  const material = derive(own.computeSecret(read.point), read.secret, info, 32)
  const key = derive(material, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(material, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  // 2: the last record (RFC 8188 §2)
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.update(Uint8Array.of(2)), cipher.final()])
  return Buffer.concat([salt, sizes(ownPoint.length), ownPoint, sealed, cipher.getAuthTag()])
}

function derive(secret: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, bytes))
}

function sizes(keyBytes: number): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(recordSize)
  header[4] = keyBytes
  return header
}
