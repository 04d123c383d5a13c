import { randomBytes } from 'node:crypto'
import type { AccountId } from '../ids.ts'

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** 80 random bits as 16 lower-case base32 characters (RFC 4648 §6): names a folder, tells nothing, is never reused. */
export function randomAccountId(): AccountId {
  let id = ''
  // 16 octets, of which 5 bits each are used: as random as it gets without carrying bits over
  for (const octet of randomBytes(16)) id += base32[octet & 31]
  return id as AccountId
}
