/**
 * Verifying the signatures of a message. RFC 6376 §6.1, RFC 8301, RFC 8463. The mathematics runs in the pool, off the main thread: long
 * keys cost milliseconds, and strangers choose them.
 */
import { verify as verifyCallback } from 'node:crypto'
import { promisify } from 'node:util'
import { equalBytes } from '#base/bytes.ts'
import { sha256 } from '#base/hmac.ts'
import type { HeaderField } from '#formats/message/header.ts'
import type { AuthenticationResult, DkimFinding } from '../../verdicts.ts'
import { clockSkewSeconds, maxSignatures } from '../limits.ts'
import type { ReadMessage } from '../message.ts'
import { canBeAsked, type Names } from '../names.ts'
import { type BodyHash, bodyHashes, type BodyHashWanted } from './body-hash.ts'
import { type KeyPolicy, parsePublicKey, type PublicKey } from './public-key.ts'
import { parseSignature, type Signature } from './signature.ts'
import { signedOctets } from './signed-header.ts'

export type VerifyOptions = KeyPolicy & {
  readonly names: Names
  /** Milliseconds since 1970 */
  readonly now: number
}

/** A finding before it is told to anybody */
export type Checked = { readonly result: AuthenticationResult; readonly reason?: string }

/** A signature to verify, already bound to its field */
export type ToVerify = { readonly field: HeaderField; readonly signature: Signature }

/** One finding for each of the topmost signatures. */
export async function verifyDkim(message: ReadMessage, options: VerifyOptions): Promise<DkimFinding[]> {
  const fields = (message.byName.get('dkim-signature') ?? []).slice(0, maxSignatures)
  const parsed = fields.map(field => ({
    field,
    signature: parseSignature(message.text.slice(field.valueStart, field.valueEnd)),
  }))
  const sound = parsed.flatMap(({ field, signature }) => ('problem' in signature ? [] : [{ field, signature }]))
  const checked = await checkSignatures(message, sound, options)
  const results = new Map(sound.map(({ field }, index) => [field, checked[index]]))
  return parsed.map(({ field, signature }) => {
    const { domain, selector, algorithm } = signature
    if ('problem' in signature) return { result: 'permerror', domain, selector, algorithm, reason: signature.problem }
    return { ...(results.get(field) ?? { result: 'temperror' }), domain, selector, algorithm }
  })
}

/** The body is read once for all of them, while the keys are asked for. */
export async function checkSignatures(
  message: ReadMessage,
  signatures: readonly ToVerify[],
  options: VerifyOptions,
): Promise<Checked[]> {
  const wanted = signatures.map(({ signature }) => bodyHashWanted(signature))
  const keys = signatures.map(({ signature }) => publicKeyOf(signature, options))
  const bodies = await bodyHashes(message.source, message.headerBytes, wanted)
  return Promise.all(
    signatures.map(async (one, index) => judge(message, one, await keys[index], bodies[index], options.now)),
  )
}

function bodyHashWanted({ algorithm, bodyForm, bodyLength }: Signature): BodyHashWanted {
  return { form: bodyForm, hash: algorithm === 'rsa-sha1' ? 'sha1' : 'sha256', length: bodyLength }
}

export async function publicKeyOf(
  signature: Pick<Signature, 'selector' | 'domain'>,
  options: VerifyOptions,
): Promise<PublicKey | Checked> {
  const name = `${signature.selector}._domainkey.${signature.domain}`
  if (!canBeAsked(name)) return { result: 'permerror', reason: 'name of the key is no domain name' }
  const answer = await options.names.txt(name)
  if (answer.kind === 'temporary') return { result: 'temperror', reason: `no answer about the key (${answer.reason})` }
  if (answer.kind === 'none') return { result: 'permerror', reason: 'no such key' }
  // §3.6.2.2: several records are undefined; the first that is a key counts
  const keys = answer.value.slice(0, maxSignatures).map(record => parsePublicKey(record, options))
  const key = keys.find(one => 'key' in one) ?? keys[0]
  if (!key) return { result: 'permerror', reason: 'no such key' }
  return 'problem' in key ? { result: key.result, reason: key.problem } : key
}

async function judge(
  message: ReadMessage,
  { field, signature }: ToVerify,
  key: PublicKey | Checked | undefined,
  body: BodyHash | undefined,
  now: number,
): Promise<Checked> {
  if (!key || !body) return { result: 'temperror' }
  if ('result' in key) return key
  const unfit = keyMismatch(signature, key)
  if (unfit !== undefined) return { result: 'permerror', reason: unfit }
  if (message.truncated) return { result: 'policy', reason: 'header is too long' }
  const outcome = await mathematics(message, field, signature, key, body)
  if (outcome !== undefined)
    return key.testing
      ? { result: 'neutral', reason: `${outcome} (key in test mode)` }
      : { result: 'fail', reason: outcome }
  return soundButUnfit(message, signature, body, now) ?? { result: 'pass' }
}

function keyMismatch(signature: Signature, key: PublicKey): string | undefined {
  const [kind, hash = ''] = signature.algorithm.split('-')
  if (key.kind !== kind) return 'key is for another algorithm'
  if (key.hashes && !key.hashes.includes(hash)) return 'key is for another hash'
  if (key.strictIdentity && signature.identityDomain !== signature.domain) return 'i= must be d= for this key'
  return undefined
}

/** Undefined when both hash and signature are right. */
async function mathematics(
  message: ReadMessage,
  field: HeaderField,
  signature: Signature,
  { key }: PublicKey,
  body: BodyHash,
): Promise<string | undefined> {
  if (!equalBytes(body.digest, signature.bodyHash)) return 'body has changed'
  const octets = signedOctets(message, signature.names, field, signature.headerForm)
  return (await isRight(signature.algorithm, octets, key, signature.signature)) ? undefined : 'signature is wrong'
}

const verifyOctets = promisify(verifyCallback)

export function isRight(
  algorithm: Signature['algorithm'],
  octets: Uint8Array,
  key: PublicKey['key'],
  signature: Uint8Array,
): Promise<boolean> {
  // RFC 8463 §3: PureEdDSA over the hash
  if (algorithm === 'ed25519-sha256') return verifyOctets(null, sha256(octets), key, signature)
  return verifyOctets(algorithm === 'rsa-sha1' ? 'sha1' : 'sha256', octets, key, signature)
}

/** What is shown of a letter, once in it by RFC 5322 §3.6 and RFC 2045 §3: a second one was put there to deceive. */
const shownOnce = ['from', 'subject', 'content-type'] as const

/** A signature whose mathematics is right, and that must not be relied on. */
function soundButUnfit(message: ReadMessage, signature: Signature, body: BodyHash, now: number): Checked | undefined {
  const seconds = now / 1000
  if (signature.expiresAt !== undefined && signature.expiresAt < seconds)
    return { result: 'fail', reason: 'signature has expired' }
  if (signature.signedAt !== undefined && signature.signedAt > seconds + clockSkewSeconds)
    return { result: 'policy', reason: 'signature is from the future' }
  // RFC 8301 §3.1
  if (signature.algorithm === 'rsa-sha1') return { result: 'policy', reason: 'rsa-sha1 no longer counts' }
  const { bodyLength } = signature
  if (bodyLength !== undefined && bodyLength < body.bodyLength)
    return { result: 'policy', reason: `${body.bodyLength - bodyLength} octets of the body are not signed (l=)` }
  if (bodyLength !== undefined && bodyLength > body.bodyLength)
    return { result: 'fail', reason: 'body is shorter than was signed (l=)' }
  const added = shownOnce.find(name => isAdded(message, signature.names, name))
  return added && { result: 'policy', reason: `a further ${added} field is not signed` }
}

/** §8.15: signed, and there once more than it was signed */
function isAdded(message: ReadMessage, names: readonly string[], name: string): boolean {
  const signed = names.filter(one => one === name).length
  return signed > 0 && (message.byName.get(name)?.length ?? 0) > signed
}
