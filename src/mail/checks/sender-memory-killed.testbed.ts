import { sha256 } from '#base/hmac.ts'

/** The key of one sender. */
export function killedKey(number: string): Uint8Array {
  return new Uint8Array(sha256(number).subarray(0, 16))
}
