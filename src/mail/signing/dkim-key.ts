/** A key that our mail is signed with, and the TXT record by which others verify it. RFC 6376 §3.6.1, RFC 8463 §4 */
import { createPublicKey, type KeyObject } from 'node:crypto'

export type DkimAlgorithm = 'rsa' | 'ed25519'

/**
 * `pending`: made, and not seen in DNS yet. `active`: signs. `replaced`: signs no more; its record stays, because mail that it signed
 * is still on its way or is looked at again.
 */
export type DkimKeyState = 'pending' | 'active' | 'replaced'

export type DkimKey = {
  /** A-labels, lower case */
  readonly domain: string
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  readonly state: DkimKeyState
  /** Milliseconds since 1970 */
  readonly createdAt: number
  readonly activeAt?: number
  readonly replacedAt?: number
  /** What DNS said when it was last asked: `seen`, `missing`, `other` (a record with another key), or why it could not be asked */
  readonly dns?: { readonly at: number; readonly found: 'seen' | 'missing' | 'other' | 'unknown' }
}

/** As administration shows it */
export type ShownDkimKey = DkimKey & {
  /** `selector._domainkey.example.org` */
  readonly name: string
  /** The record's text, one string */
  readonly record: string
  /** Milliseconds since 1970: from then on it may be retired; only when `replaced` */
  readonly retireAfter?: number
}

export function recordName({ domain, selector }: Pick<DkimKey, 'domain' | 'selector'>): string {
  return `${selector}._domainkey.${domain}`
}

export function recordText(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  // RFC 8463 §4.2: the bare 32 octets
  if (privateKey.asymmetricKeyType === 'ed25519')
    return `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString('base64')}`
  return `v=DKIM1; k=rsa; p=${spki.toString('base64')}`
}

/** Whether a TXT record publishes this key: its p= is ours, blanks aside. */
export function publishes(txt: string, record: string): boolean {
  return keyIn(txt) !== undefined && keyIn(txt) === keyIn(record)
}

function keyIn(record: string): string | undefined {
  const tag = record.split(';').find(part => /^\s*p\s*=/.test(part))
  return tag?.slice(tag.indexOf('=') + 1).replace(/\s/g, '')
}

/** For a zone file: strings of at most 255 octets. RFC 1035 §3.3.14 */
export function zoneLine(name: string, record: string): string {
  const strings = record.match(/.{1,250}/g) ?? []
  return `${name}. IN TXT (${strings.map(part => ` "${part}"`).join('')} )`
}
