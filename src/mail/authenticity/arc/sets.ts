/** The fields of an ARC chain, put in order by their instance. RFC 8617 §4, §5.2 steps 1 to 3 */
import type { HeaderField } from '#formats/message/header.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import { parseSignature, instanceOf, type Signature } from '../dkim/signature.ts'
import { maxArcBytes, maxArcInstances } from '../limits.ts'
import type { SignedHeader } from '../dkim/signed-header.ts'
import { base64Value, parseTagList } from '../tag-list.ts'

export type ArcSet = {
  readonly instance: number
  readonly results: HeaderField
  readonly messageSignature: { readonly field: HeaderField; readonly signature: Signature }
  readonly seal: Seal
}

/** ARC-Seal, §4.1.3 */
export type Seal = {
  readonly field: HeaderField
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256'
  readonly chain: 'none' | 'pass' | 'fail'
  readonly domain: string
  readonly selector: string
  readonly signature: Uint8Array
}

export type ArcSets =
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly problem: string }
  /** The oldest first */
  | { readonly kind: 'sets'; readonly sets: readonly ArcSet[] }

class Problem extends Error {}

const names = ['arc-authentication-results', 'arc-message-signature', 'arc-seal'] as const

export function arcSets(message: SignedHeader): ArcSets {
  const [results = [], signatures = [], seals = []] = names.map(name => message.byName.get(name) ?? [])
  const all = [...results, ...signatures, ...seals]
  if (all.length === 0) return { kind: 'none' }
  try {
    return { kind: 'sets', sets: orderedSets(message, results, signatures, seals) }
  } catch (error) {
    if (error instanceof Problem) return { kind: 'broken', problem: error.message }
    throw error
  }
}

function orderedSets(
  message: SignedHeader,
  results: readonly HeaderField[],
  signatures: readonly HeaderField[],
  seals: readonly HeaderField[],
): ArcSet[] {
  if (Math.max(results.length, signatures.length, seals.length) > maxArcInstances)
    throw new Problem('too many instances')
  const octets = [...results, ...signatures, ...seals].reduce((sum, field) => sum + field.end - field.start, 0)
  if (octets > maxArcBytes) throw new Problem('the chain is too long')
  const value = (field: HeaderField) => message.text.slice(field.valueStart, field.valueEnd)
  const resultsOf = byInstance(results, field => resultsInstance(value(field)))
  const signatureOf = byInstance(signatures, field => tagsInstance(value(field)))
  const sealOf = byInstance(seals, field => tagsInstance(value(field)))
  const count = Math.max(resultsOf.size, signatureOf.size, sealOf.size)
  return Array.from({ length: count }, (_, index) => {
    const instance = index + 1
    const found = { results: resultsOf.get(instance), signature: signatureOf.get(instance), seal: sealOf.get(instance) }
    if (!found.results || !found.signature || !found.seal) throw new Problem(`instance ${instance} is not complete`)
    const signature = parseSignature(value(found.signature), 'arc')
    if ('problem' in signature) throw new Problem(`instance ${instance}: ${signature.problem}`)
    const seal = readSeal(found.seal, value(found.seal), instance)
    return { instance, results: found.results, messageSignature: { field: found.signature, signature }, seal }
  })
}

function byInstance(
  fields: readonly HeaderField[],
  instanceIn: (field: HeaderField) => number | undefined,
): Map<number, HeaderField> {
  const found = new Map<number, HeaderField>()
  for (const field of fields) {
    const instance = instanceIn(field)
    if (instance === undefined) throw new Problem(`${field.name} without an instance`)
    if (found.has(instance)) throw new Problem(`two ${field.name} of instance ${instance}`)
    found.set(instance, field)
  }
  return found
}

/** §4.1.1: i= is the first, whatever follows is as in Authentication-Results. */
function resultsInstance(value: string): number | undefined {
  const [, digits] = /^[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*([0-9]{1,2})[ \t\r\n]*;/.exec(value) ?? []
  return digits === undefined ? undefined : instanceOf(new Map([['i', digits]]))
}

function tagsInstance(value: string): number | undefined {
  const tags = parseTagList(value)
  return tags && instanceOf(tags)
}

function readSeal(field: HeaderField, value: string, instance: number): Seal {
  const wrong = (what: string) => new Problem(`ARC-Seal of instance ${instance}: ${what}`)
  const tags = parseTagList(value)
  if (!tags) throw wrong('no tag list')
  const algorithm = tags.get('a')
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') throw wrong('unknown algorithm')
  const chain = tags.get('cv')?.toLowerCase()
  if (chain !== 'none' && chain !== 'pass' && chain !== 'fail') throw wrong('unknown cv=')
  // §4.1.3: these make it invalid
  if (tags.has('h') || tags.has('bh')) throw wrong('signs other fields')
  const domain = canonicalDomain(tags.get('d') ?? '')
  const selector = canonicalDomain(tags.get('s') ?? '')
  const signature = base64Value(tags.get('b') ?? '')
  if (domain === undefined || selector === undefined || !signature) throw wrong('d=, s= or b= is missing')
  if (tags.has('t') && !/^[0-9]{1,20}$/.test(tags.get('t') ?? '')) throw wrong('t= is no number')
  return { field, algorithm, chain, domain, selector, signature }
}
