/** A DKIM-Signature or ARC-Message-Signature field as a value. RFC 6376 §3.5, RFC 8617 §4.1.2 */
import { canonicalDomain } from '#formats/address/domain.ts'
import { maxArcInstances, maxSignatureFieldBytes, maxSignedNames } from '../limits.ts'
import { base64Value, listValue, parseTagList, type TagList, trimBlanks, withoutBlanks } from '../tag-list.ts'
import type { Form } from './canonical.ts'

export type Algorithm = 'rsa-sha256' | 'rsa-sha1' | 'ed25519-sha256'

export type Signature = {
  readonly algorithm: Algorithm
  /** d=, lower case, A-labels */
  readonly domain: string
  readonly selector: string
  readonly signature: Uint8Array
  readonly bodyHash: Uint8Array
  readonly headerForm: Form
  readonly bodyForm: Form
  /** h=, lower case */
  readonly names: readonly string[]
  /** l= */
  readonly bodyLength: number | undefined
  /** Domain of i= */
  readonly identityDomain: string
  /** t= and x=, seconds since 1970 */
  readonly signedAt: number | undefined
  readonly expiresAt: number | undefined
}

export type SignatureProblem = {
  readonly problem: string
  /** What could be read of it */
  readonly domain: string
  readonly selector: string
  readonly algorithm: string
}

export type SignatureKind = 'dkim' | 'arc'

/** `value`: all after the colon, one character per octet. */
export function parseSignature(value: string, kind: SignatureKind = 'dkim'): Signature | SignatureProblem {
  if (value.length > maxSignatureFieldBytes) return problemOf(undefined, 'signature field is too long')
  const tags = parseTagList(value)
  if (!tags) return problemOf(undefined, 'signature is no tag list')
  try {
    return readTags(tags, kind)
  } catch (error) {
    if (error instanceof Problem) return problemOf(tags, error.message)
    throw error
  }
}

class Problem extends Error {}

function problemOf(tags: TagList | undefined, problem: string): SignatureProblem {
  return {
    problem,
    domain: canonicalDomain(tags?.get('d') ?? '') ?? '',
    selector: canonicalDomain(tags?.get('s') ?? '') ?? '',
    algorithm: algorithmIn(tags) ?? '',
  }
}

/** i= of the fields of a chain, which DKIM has for something else. RFC 8617 §4.2.1 */
export function instanceOf(tags: TagList): number | undefined {
  const text = tags.get('i') ?? ''
  return /^[0-9]{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= maxArcInstances ? Number(text) : undefined
}

function readTags(tags: TagList, kind: SignatureKind): Signature {
  if (kind === 'dkim' && tags.get('v') !== '1') throw new Problem('signature without v=1')
  // RFC 8617 §4.1.2: there is no v=
  if (kind === 'arc' && tags.has('v')) throw new Problem('v= in an ARC-Message-Signature')
  const algorithm = algorithmIn(tags)
  if (!algorithm) throw new Problem('unknown algorithm')
  const domain = domainTag(tags, 'd')
  const [headerForm, bodyForm] = formsIn(tags)
  const signedAt = numberTag(tags, 't')
  const expiresAt = numberTag(tags, 'x')
  if (signedAt !== undefined && expiresAt !== undefined && expiresAt <= signedAt)
    throw new Problem('expires before it was made')
  if (tags.has('q') && !listValue(required(tags, 'q')).includes('dns/txt')) throw new Problem('unknown query method')
  return {
    algorithm,
    domain,
    selector: domainTag(tags, 's'),
    signature: base64Tag(tags, 'b'),
    bodyHash: base64Tag(tags, 'bh'),
    headerForm,
    bodyForm,
    names: signedNamesIn(tags, kind),
    bodyLength: numberTag(tags, 'l'),
    identityDomain: kind === 'arc' ? domain : identityDomain(tags, domain),
    signedAt,
    expiresAt,
  }
}

function required(tags: TagList, name: string): string {
  const value = tags.get(name)
  if (value === undefined || value === '') throw new Problem(`no ${name}=`)
  return value
}

function algorithmIn(tags: TagList | undefined): Algorithm | undefined {
  const name = tags?.get('a')?.toLowerCase()
  return name === 'rsa-sha256' || name === 'rsa-sha1' || name === 'ed25519-sha256' ? name : undefined
}

function domainTag(tags: TagList, name: string): string {
  const domain = canonicalDomain(required(tags, name))
  if (domain === undefined || domain.startsWith('[')) throw new Problem(`${name}= is no domain name`)
  return domain
}

function base64Tag(tags: TagList, name: string): Uint8Array {
  const value = base64Value(required(tags, name))
  if (!value) throw new Problem(`${name}= is not base64`)
  return value
}

/** §3.5: 1 to 76 digits for l=; nobody has a body of 10^15 octets. */
function numberTag(tags: TagList, name: string): number | undefined {
  const value = tags.get(name)
  if (value === undefined) return undefined
  if (!/^[0-9]{1,76}$/.test(value)) throw new Problem(`${name}= is no number`)
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER)
}

function formsIn(tags: TagList): readonly [Form, Form] {
  const value = tags.get('c')?.toLowerCase() ?? 'simple/simple'
  const [header = '', body = 'simple', ...more] = value.split('/').map(trimBlanks)
  if (!isForm(header) || !isForm(body) || more.length > 0) throw new Problem('unknown canonicalization')
  return [header, body]
}

function isForm(text: string): text is Form {
  return text === 'simple' || text === 'relaxed'
}

function signedNamesIn(tags: TagList, kind: SignatureKind): readonly string[] {
  const list = kind === 'arc' ? tags.get('h') : required(tags, 'h')
  if (list === undefined) throw new Problem('no h=')
  // Some signers leave an empty name at the end
  const names = listValue(list.toLowerCase()).filter(name => name !== '')
  if (names.length > maxSignedNames) throw new Problem('h= names too many fields')
  if (kind === 'dkim' && !names.includes('from')) throw new Problem('From is not signed')
  // RFC 8617 §4.1.2: a seal covers what comes after
  if (kind === 'arc' && names.includes('arc-seal')) throw new Problem('h= names ARC-Seal')
  return names
}

/** Of i=, which is an address with an optional local part; §3.5 wants d= or a name below it. */
function identityDomain(tags: TagList, domain: string): string {
  const identity = tags.get('i')
  if (identity === undefined) return domain
  const text = withoutBlanks(identity)
  const found = canonicalDomain(text.slice(text.lastIndexOf('@') + 1))
  if (!text.includes('@') || found === undefined) throw new Problem('i= is no identity')
  if (found !== domain && !found.endsWith(`.${domain}`)) throw new Problem('i= is not under d=')
  return found
}
