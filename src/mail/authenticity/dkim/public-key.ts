/** A key record. RFC 6376 §3.6.1, RFC 8301 (sizes), RFC 8463 §4 (Ed25519) */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { maxKeyRecordCharacters, maxRsaBits, maxRsaExponent, minRsaBits } from '../limits.ts'
import { base64Value, listValue, parseTagList, type TagList, withoutBlanks } from '../tag-list.ts'

export type PublicKey = {
  readonly kind: 'rsa' | 'ed25519'
  readonly key: KeyObject
  /** RSA: bits of the modulus */
  readonly bits: number | undefined
  /** h=; undefined: all */
  readonly hashes: readonly string[] | undefined
  /** t=y */
  readonly testing: boolean
  /** t=s: the domain of i= must be d= itself */
  readonly strictIdentity: boolean
}

export type KeyProblem = { readonly problem: string; readonly result: 'permerror' | 'policy' }

/** For tests of vectors with keys that RFC 8301 no longer allows. */
export type KeyPolicy = { readonly minRsaBits?: number }

const known = new Map<string, PublicKey | KeyProblem>()
const maxKnown = 500

export function parsePublicKey(record: string, policy: KeyPolicy = {}): PublicKey | KeyProblem {
  const cacheKey = `${policy.minRsaBits ?? ''} ${record}`
  const found = known.get(cacheKey)
  if (found) return found
  const key = readRecord(record, policy.minRsaBits ?? minRsaBits)
  if (known.size >= maxKnown) known.clear()
  if (record.length <= maxKeyRecordCharacters) known.set(cacheKey, key)
  return key
}

function readRecord(record: string, least: number): PublicKey | KeyProblem {
  if (record.length > maxKeyRecordCharacters) return permanent('key record is too long')
  const tags = parseTagList(record)
  if (!tags) return permanent('key record is no tag list')
  const [first] = tags.keys()
  if (tags.has('v') && (first !== 'v' || tags.get('v') !== 'DKIM1')) return permanent('key record of another version')
  const services = tags.has('s') ? listValue(tags.get('s') ?? '') : ['*']
  if (!services.includes('*') && !services.includes('email')) return permanent('key is not for email')
  const encoded = tags.get('p')
  if (encoded === undefined) return permanent('key record without a key')
  if (withoutBlanks(encoded) === '') return permanent('key is revoked')
  const bytes = base64Value(encoded)
  const kind = tags.get('k')?.toLowerCase() ?? 'rsa'
  if (!bytes) return permanent('key is not base64')
  if (kind !== 'rsa' && kind !== 'ed25519') return permanent('key of an unknown kind')
  const key = kind === 'rsa' ? rsaKey(bytes) : ed25519Key(bytes)
  if (!key) return permanent('key cannot be read')
  return sizeProblem(key, least) ?? { kind, key, ...flagsOf(tags), bits: key.asymmetricKeyDetails?.modulusLength }
}

function flagsOf(tags: TagList): Pick<PublicKey, 'hashes' | 'testing' | 'strictIdentity'> {
  const flags = listValue(tags.get('t') ?? '')
  const hashes = tags.get('h')
  return {
    hashes: hashes === undefined ? undefined : listValue(hashes).map(name => name.toLowerCase()),
    testing: flags.includes('y'),
    strictIdentity: flags.includes('s'),
  }
}

function sizeProblem({ asymmetricKeyDetails }: KeyObject, least: number): KeyProblem | undefined {
  const { modulusLength: bits, publicExponent } = asymmetricKeyDetails ?? {}
  if (bits === undefined) return undefined
  if (bits < least) return { problem: `key of ${bits} bits is too short`, result: 'policy' }
  if (bits > maxRsaBits) return { problem: `key of ${bits} bits is too long`, result: 'policy' }
  if (publicExponent === undefined || publicExponent > maxRsaExponent)
    return { problem: 'key with an oversized exponent', result: 'policy' }
  return undefined
}

/** SubjectPublicKeyInfo, or RSAPublicKey as RFC 6376 §3.6.1 has it to the letter (erratum 3017) */
function rsaKey(bytes: Uint8Array): KeyObject | undefined {
  for (const type of ['spki', 'pkcs1'] as const)
    try {
      const key = createPublicKey({ key: Buffer.from(bytes), format: 'der', type })
      if (key.asymmetricKeyType === 'rsa') return key
    } catch {
      // not of this form
    }
  return undefined
}

const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

/** RFC 8463 §4.2: the 32 octets themselves */
function ed25519Key(bytes: Uint8Array): KeyObject | undefined {
  if (bytes.length !== 32) return undefined
  return createPublicKey({ key: Buffer.concat([ed25519Prefix, bytes]), format: 'der', type: 'spki' })
}

function permanent(problem: string): KeyProblem {
  return { problem, result: 'permerror' }
}
