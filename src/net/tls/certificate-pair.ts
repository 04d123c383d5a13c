/** A certificate with its chain and key, checked before anyone is served with it. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { expired, keyMismatch, missingIssuer, notYet, type TlsProblem, unusable, wrongOrder } from './problem.ts'

export type PairFiles = { readonly cert: string; readonly key: string }

export type CertificatePair = {
  readonly files: PairFiles
  /** PEM, chain included */
  readonly certPem: string
  readonly keyPem: string
  readonly keyType: 'ecdsa' | 'rsa' | 'ed25519'
  /** DNS names (wildcards as `*.`) and IP addresses, lower case */
  readonly names: readonly string[]
  /** Milliseconds since 1970 */
  readonly notBefore: number
  readonly notAfter: number
  readonly issuer: string
  /** SHA-256, hex, lower case */
  readonly fingerprint: string
  /** Does not keep the pair from being used */
  readonly warnings: readonly TlsProblem[]
}

const pemPattern = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g
const maxChain = 10

/** Checks what two PEM texts hold. An expired or not yet valid one is a problem, and so is a key of another certificate. */
export function checkPair(
  files: PairFiles,
  certPem: string,
  keyPem: string,
  now: number,
): CertificatePair | TlsProblem {
  const chain = readChain(files.cert, certPem)
  if (!Array.isArray(chain)) return chain as TlsProblem
  const key = readKey(files.key, keyPem)
  if ('code' in key) return key
  const [leaf] = chain as readonly X509Certificate[]
  if (!leaf) return unusable(files.cert, 'no certificate in it')
  if (!leaf.checkPrivateKey(key.key)) return keyMismatch(files.cert, files.key)
  const order = chainOrder(files.cert, chain as readonly X509Certificate[])
  if (order) return order
  const pair = describe(files, certPem, keyPem, leaf, key.type, chain as readonly X509Certificate[])
  return validity(pair, now) ?? pair
}

/** Why this pair should not be served now. */
export function validity(pair: CertificatePair, now: number): TlsProblem | undefined {
  if (now > pair.notAfter) return expired(pair.files.cert, day(pair.notAfter))
  if (now < pair.notBefore) return notYet(pair.files.cert, day(pair.notBefore))
  return undefined
}

export function isPair(value: CertificatePair | TlsProblem): value is CertificatePair {
  return 'certPem' in value
}

/** RFC 6125 §6.4: an exact name, or a wildcard for exactly one label. */
export function covers(names: readonly string[], asked: string): boolean {
  const name = asked.toLowerCase().replace(/\.$/, '')
  const dot = name.indexOf('.')
  return names.includes(name) || (dot > 0 && names.includes(`*${name.slice(dot)}`))
}

function readChain(file: string, pem: string): X509Certificate[] | TlsProblem {
  const blocks = pem.match(pemPattern) ?? []
  if (blocks.length === 0) return unusable(file, 'no PEM certificate in it')
  if (blocks.length > maxChain) return unusable(file, `more than ${maxChain} certificates in it`)
  try {
    return blocks.map(block => new X509Certificate(block))
  } catch (error) {
    return unusable(file, messageOf(error))
  }
}

function readKey(file: string, pem: string): { key: KeyObject; type: CertificatePair['keyType'] } | TlsProblem {
  try {
    const key = createPrivateKey(pem)
    const type = key.asymmetricKeyType
    if (type === 'ec') return { key, type: 'ecdsa' }
    if (type === 'rsa' || type === 'ed25519') return { key, type }
    return unusable(file, `a key of type ${type}`)
  } catch (error) {
    return unusable(file, messageOf(error))
  }
}

function chainOrder(file: string, chain: readonly X509Certificate[]): TlsProblem | undefined {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1]
    if (issuer && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)))
      return wrongOrder(file, index + 1)
  }
  return undefined
}

function describe(
  files: PairFiles,
  certPem: string,
  keyPem: string,
  leaf: X509Certificate,
  keyType: CertificatePair['keyType'],
  chain: readonly X509Certificate[],
): CertificatePair {
  const last = chain.at(-1) ?? leaf
  const open = !last.checkIssued(last) && !knownRoots().has(last.issuer)
  return {
    files,
    certPem,
    keyPem,
    keyType,
    names: namesOf(leaf),
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
    issuer: commonName(leaf.issuer),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    warnings: open ? [missingIssuer(files.cert, commonName(last.issuer))] : [],
  }
}

/** DNS names and addresses of a certificate; the common name only where there are none. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  const alternative = certificate.subjectAltName ?? ''
  const names = [...alternative.matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(match => (match[1] ?? '').toLowerCase())
  if (names.length > 0) return names
  const name = commonName(certificate.subject)
  return name === '' ? [] : [name.toLowerCase()]
}

function commonName(distinguished: string): string {
  return /^CN=(.*)$/m.exec(distinguished)?.[1] ?? distinguished.replaceAll('\n', ', ')
}

let roots: ReadonlySet<string> | undefined
function knownRoots(): ReadonlySet<string> {
  roots ??= new Set(rootCertificates.map(pem => new X509Certificate(pem).subject))
  return roots
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
